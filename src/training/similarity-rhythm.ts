import type { MeasureRhythm } from '../config/experiment.ts';
import { probeBatches } from '../measures/layer-grams.ts';
import { describe } from '../models/describe.ts';
import { SIMILARITY_MEASURES } from '../protocol/records.ts';
import type { PhasePlan } from './plan.ts';
import { probeLayersOf } from './probe-layers.ts';

/** Forward, and the gradients by inputs and by weights: the usual count of a training step. */
const PASSES = 3;
/** Multiply-adds of a graph in the time of one operation outside of it, measured on two cores: 50 ns against 2. */
const OPERATION = 25;
/** Operations on each entry of a kernel until it is centred. */
const KERNEL_OPERATIONS = 8;

/**
 * How often layers are compared so that the comparisons stay within their share of the training's work. Counted, not timed, so
 * that the same run measures at the same epochs everywhere:
 *
 *     every = ⌈ P / (share · E) ⌉
 *     E = N · 3 · m          N training samples, m multiply-adds of the student for one sample
 *     P = n · m + c          n samples of the probe, c the comparison itself
 *
 * The teacher answers the probe once in a training, and the comparison after the last epoch always is made.
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
  const each = describe(plan.learner.graph).multiplyAdds;
  const epoch = trainedSamples(plan, train) * PASSES * each;
  const { teacher, learner } = probeLayersOf(plan);
  const entries = probe * probeBatches(probe, probe).size * SIMILARITY_MEASURES.length;
  const comparison = OPERATION * entries * learner.length * (teacher.length + KERNEL_OPERATIONS);
  const every = Math.ceil((probe * each + comparison) / (share * epoch));
  return { ...rhythm, everyEpochs: Math.max(rhythm.everyEpochs, every) };
}

function trainedSamples({ generator, settings }: PhasePlan, samples: number): number {
  return generator === null ? samples : generator.plan.stepsPerEpoch * settings.batchSize;
}
