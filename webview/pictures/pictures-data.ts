import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { uncertaintyRows } from '../../src/protocol/picture-numbers.ts';
import type {
  GatesPicture,
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
