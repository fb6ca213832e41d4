import type { Batch } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Feeds } from '../executors/executor.ts';
import { inOrder, realSamples } from './data.ts';
import type { Drawn } from './lesson-look.ts';
import { recordTargets } from './refined-targets.ts';
import { recordRegions } from './regions.ts';

/**
 * Records what can be drawn of an epoch on the first validation images: where refiners look, and what they make of a teacher’s answers.
 * @param answers what is said of a batch, and the scalars of the last step
 */
export async function recordPictures(
  drawn: Pick<Drawn, 'writer' | 'job' | 'epoch' | 'program'>,
  dataset: Dataset,
  answers: (batch: Batch) => Promise<Feeds>,
): Promise<void> {
  const { regions, targets, predict } = drawn.program.sizes;
  if (regions === undefined && targets === undefined) return;
  const [batch] = inOrder(dataset, 'validation', predict);
  if (batch === undefined) return;
  const feeds = { ...realSamples(batch), ...(await answers(batch)) };
  const all: Drawn = { ...drawn, batch, feeds, classes: dataset.classes };
  await recordRegions(all);
  await recordTargets(all);
}
