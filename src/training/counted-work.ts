import { describe } from '../models/describe.ts';
import type { PhasePlan } from './plan.ts';

/** Forward, and the gradients by inputs and by weights: the usual count of a training step. */
const PASSES = 3;

/** Multiply-adds of a graph in a microsecond on two cores: what takes time outside of graphs is counted in them too. */
export const MICROSECOND = 50_000;
/** What a step takes beside its kernels. */
const STEP = 1000 * MICROSECOND;

/**
 * The work of one epoch of training, in multiply-adds: `N · 3 · m + steps`, with N training samples and m multiply-adds of the
 * student for one. Counted, not timed, so that what is decided by it is the same for the same run everywhere.
 *
 * @param train samples of the training split
 */
export function epochWork({ learner, generator, settings }: PhasePlan, train: number): number {
  const { batchSize } = settings;
  const steps = generator === null ? Math.ceil(train / batchSize) : generator.plan.stepsPerEpoch;
  const samples = generator === null ? train : steps * batchSize;
  return samples * PASSES * describe(learner.graph).multiplyAdds + steps * STEP;
}
