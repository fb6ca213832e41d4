import type { GatesPicture, PictureRecord, RegionsPicture } from '../../src/protocol/records.ts';

/** Epochs of regions that are drawn side by side. */
const MOST_SHOWN = 6;

/** Regions of one seed, an epoch after the other; of many epochs some from everywhere, the first and the last among them. */
export function regionsOver(
  pictures: readonly PictureRecord[],
  seed: number | null,
): readonly RegionsPicture[] {
  const all = pictures.filter((one): one is RegionsPicture => one.kind === 'regions');
  const chosen = seed ?? all.at(-1)?.seed;
  const own = all.filter((one) => one.seed === chosen).sort((a, b) => a.epoch - b.epoch);
  // One phase: a run may have several.
  const phase = own.at(-1)?.phase;
  const of = own.filter((one) => one.phase === phase);
  if (of.length <= MOST_SHOWN) return of;
  const at = (index: number) => Math.round((index * (of.length - 1)) / (MOST_SHOWN - 1));
  return Array.from({ length: MOST_SHOWN }, (_, index) => of[at(index)] as RegionsPicture);
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
