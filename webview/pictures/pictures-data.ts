import { fromJsonNumber, type PanelContent } from '../../src/protocol/panel-content.ts';
import type {
  GatesPicture,
  PhaseResult,
  PictureRecord,
  RegionsPicture,
  TargetsPicture,
} from '../../src/protocol/records.ts';

/** Epochs of regions that are drawn side by side. */
const MOST_SHOWN = 6;

/** Regions of one seed, an epoch after the other; of many epochs some from everywhere, the first and the last among them. */
export function regionsOver(
  pictures: readonly PictureRecord[],
  seed: number | null,
): readonly RegionsPicture[] {
  const of = overEpochs(
    pictures.filter((one): one is RegionsPicture => one.kind === 'regions'),
    seed,
  );
  if (of.length <= MOST_SHOWN) return of;
  const at = (index: number) => Math.round((index * (of.length - 1)) / (MOST_SHOWN - 1));
  return Array.from({ length: MOST_SHOWN }, (_, index) => of[at(index)] as RegionsPicture);
}

/** Targets of one seed, an epoch after the other. */
export function targetsOver(
  pictures: readonly PictureRecord[],
  seed: number | null,
): readonly TargetsPicture[] {
  return overEpochs(
    pictures.filter((one): one is TargetsPicture => one.kind === 'targets'),
    seed,
  );
}

/** Of one seed, and of the phase that was drawn last: a run may have several. */
function overEpochs<T extends PictureRecord>(all: readonly T[], seed: number | null): readonly T[] {
  const last = all.findLast((one) => seed === null || one.seed === seed);
  return all
    .filter((one) => one.seed === last?.seed && one.phase === last.phase)
    .sort((a, b) => a.epoch - b.epoch);
}

/** The newest gates of every phase of one seed. */
export function newestGates(
  pictures: readonly PictureRecord[],
  seed: number | null,
): readonly GatesPicture[] {
  const all = pictures.filter((one): one is GatesPicture => one.kind === 'gates');
  const chosen = seed ?? all[0]?.seed;
  const newest = new Map<string, GatesPicture>();
  for (const one of all) {
    const before = newest.get(one.phase);
    if (one.seed === chosen && (before === undefined || one.epoch >= before.epoch))
      newest.set(one.phase, one);
  }
  return [...newest.values()];
}

/** The share of an image that boxes cover together, 0..1, on a grid fine enough for any map. */
export function coveredShare(boxes: readonly (readonly [number, number, number, number])[]): number {
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
  return moved.reduce((sum, one) => sum + one, 0) / moved.length;
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
        own.reduce((sum, { test }) => sum + fromJsonNumber(test[head + name] ?? 'NaN'), 0) / own.length;
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

/** Whether a run has pictures of what happens within its models. */
export function hasLayerPictures(content: PanelContent): boolean {
  return (
    content.pictures.some(({ kind }) => kind === 'gates' || kind === 'regions') ||
    hasSeries(content, 'width/')
  );
}

/** Whether a run has pictures of what its models answer and learn from. */
export function hasAnswerPictures(content: PanelContent): boolean {
  return (
    content.pictures.some(({ kind }) => kind === 'targets') ||
    hasSeries(content, 'weight/') ||
    uncertaintyRows(content.run.results?.phases ?? [], null).length > 0
  );
}

function hasSeries(content: PanelContent, beginning: string): boolean {
  return content.keys().some(({ metric }) => metric.startsWith(beginning));
}
