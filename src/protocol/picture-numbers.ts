import { meanOf } from './mean.ts';
import { fromJsonNumber } from './panel-content.ts';
import type { PhaseResult, Region, TargetsPicture } from './records.ts';

/** The share of an image that boxes cover together, 0..1, on a grid fine enough for any map. */
export function coveredShare(boxes: readonly Region['box'][]): number {
  const GRID = 64;
  let covered = 0;
  for (let cell = 0; cell < GRID * GRID; cell++) {
    const [y, x] = [(Math.floor(cell / GRID) + 0.5) / GRID, ((cell % GRID) + 0.5) / GRID];
    if (boxes.some(([top, left, bottom, right]) => y >= top && y < bottom && x >= left && x < right))
      covered++;
  }
  return covered / (GRID * GRID);
}

/** How much of the probability refinement moves: ½ Σ |after − before| of the classes that are told, mean over the images. */
export function movedShare(images: TargetsPicture['sets'][number]['images']): number {
  const moved = images.map((answers) =>
    answers.reduce(
      (sum, { before, after }) => sum + Math.abs(fromJsonNumber(after) - fromJsonNumber(before)) / 2,
      0,
    ),
  );
  return meanOf(moved);
}

/** What a phase’s model knows of what it does not know, on the test images; NaN: not recorded. */
export interface UncertaintyRow {
  readonly phase: string;
  /** On the images as they are, or shifted. */
  readonly shifted: boolean;
  readonly accuracy: number;
  readonly coverage: number;
  readonly setSize: number;
  readonly calibrationError: number;
  readonly aleatoric: number;
  readonly epistemic: number;
}

const UNCERTAINTY = 'uncertainty/';
const SHIFTED = 'uncertainty/shifted/';

/** Mean over the seeds, or of one; a model that is trained once stands for every seed. */
export function uncertaintyRows(
  results: readonly Pick<PhaseResult, 'phase' | 'seed' | 'test'>[],
  seed: number | null,
): readonly UncertaintyRow[] {
  const phases = [...new Set(results.map(({ phase }) => phase))];
  return phases.flatMap((phase) => {
    const all = results.filter((one) => one.phase === phase);
    const own = all.length > 1 && seed !== null ? all.filter((one) => one.seed === seed) : all;
    return [false, true].flatMap((shifted) => {
      const head = shifted ? SHIFTED : UNCERTAINTY;
      if (!own.some(({ test }) => `${head}coverage` in test)) return [];
      const mean = (name: string) =>
        meanOf(own.map(({ test }) => fromJsonNumber(test[head + name] ?? 'NaN')));
      return [
        {
          ...{ phase, shifted, accuracy: mean('accuracy'), coverage: mean('coverage') },
          ...{ setSize: mean('setSize'), calibrationError: mean('calibrationError') },
          ...{ aleatoric: mean('aleatoric'), epistemic: mean('epistemic') },
        },
      ];
    });
  });
}
