import type { MeasureRhythm } from '../config/experiment.ts';
import { probeBatches } from '../measures/layer-grams.ts';
import { describe } from '../models/describe.ts';
import { SIMILARITY_MEASURES } from '../protocol/records.ts';
import type { PhasePlan } from './plan.ts';
import { probeLayersOf } from './probe-layers.ts';

/** Forward, and the gradients by inputs and by weights: the usual count of a training step. */
const PASSES = 3;
/** Operations on each entry of a kernel until it is centred. */
const KERNEL_OPERATIONS = 8;

/**
 * What else takes time, in multiply-adds of a graph (50 in a nanosecond on two cores): an operation outside of it takes half a
 * nanosecond, a step a millisecond beside its kernels, and a comparison five.
 */
const OPERATION = 25;
const STEP = 50e6;
const COMPARISON = 250e6;

/**
 * How often layers are compared so that the comparisons stay within their share of the training's work. Counted, not timed, so
 * that the same run measures at the same epochs everywhere:
 *
 *     every = ⌈ P / (share · E − n · t / epochs) ⌉, or after the last epoch alone where that is not above 0
 *     E = N · 3 · m + steps          N training samples, m multiply-adds of the student for one sample
 *     P = n · m + c                  n samples of the probe, c the comparison itself
 *     t: multiply-adds of the teacher, which answers the probe once in a training
 *
 * @param samples of the probe and of the training split
 */
export function similarityRhythm(
  rhythm: MeasureRhythm,
  plan: PhasePlan,
  { probe, train }: { readonly probe: number; readonly train: number },
): MeasureRhythm {
  const { share } = rhythm;
  if (share === undefined || probe === 0) return rhythm;
  const { epochs } = plan.phase;
  const each = describe(plan.learner.graph).multiplyAdds;
  const answer = plan.teacher === null ? 0 : describe(plan.teacher.graph).multiplyAdds;
  const { steps, samples } = epochOf(plan, train);
  const allowed = share * (samples * PASSES * each + steps * STEP) - (probe * answer) / Math.max(1, epochs);
  const comparison = probe * each + COMPARISON + OPERATION * operationsOf(plan, probe);
  const every = allowed > 0 ? Math.ceil(comparison / allowed) : epochs;
  return { ...rhythm, everyEpochs: Math.max(rhythm.everyEpochs, every, 1) };
}

function operationsOf(plan: PhasePlan, probe: number): number {
  const { teacher, learner } = probeLayersOf(plan);
  const entries = probe * probeBatches(probe, probe).size * SIMILARITY_MEASURES.length;
  return entries * learner.length * (teacher.length + KERNEL_OPERATIONS);
}

function epochOf({ generator, settings }: PhasePlan, train: number): { steps: number; samples: number } {
  if (generator === null) return { steps: Math.ceil(train / settings.batchSize), samples: train };
  const steps = generator.plan.stepsPerEpoch;
  return { steps, samples: steps * settings.batchSize };
}
