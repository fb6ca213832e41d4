import type { MeasureRhythm } from '../config/experiment.ts';
import { probeBatches } from '../measures/layer-grams.ts';
import { describe } from '../models/describe.ts';
import { SIMILARITY_MEASURES } from '../protocol/records.ts';
import { epochWork, MICROSECOND } from './counted-work.ts';
import type { PhasePlan } from './plan.ts';
import { probeLayersOf } from './probe-layers.ts';

/** Operations on each entry of a kernel until it is centred. */
const KERNEL_OPERATIONS = 8;

/** An operation outside of a graph takes half a nanosecond, and a comparison five milliseconds. */
const OPERATION = MICROSECOND / 2000;
const COMPARISON = 5000 * MICROSECOND;

/**
 * How often layers are compared so that the comparisons stay within their share of the training's work. Counted, not timed, so
 * that the same run measures at the same epochs everywhere:
 *
 *     every = ⌈ P / (share · E − n · t / epochs) ⌉, or after the last epoch alone where that is not above 0
 *     E                              the work of an epoch (`epochWork`)
 *     P = n · m + c                  n samples of the probe, m multiply-adds of the student for one, c the comparison itself
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
  const allowed = share * epochWork(plan, train) - (probe * answer) / Math.max(1, epochs);
  const comparison = probe * each + COMPARISON + OPERATION * operationsOf(plan, probe);
  const every = allowed > 0 ? Math.ceil(comparison / allowed) : epochs;
  return { ...rhythm, everyEpochs: Math.max(rhythm.everyEpochs, every, 1) };
}

function operationsOf(plan: PhasePlan, probe: number): number {
  const { teacher, learner } = probeLayersOf(plan);
  const entries = probe * probeBatches(probe, probe).size * SIMILARITY_MEASURES.length;
  return entries * learner.length * (teacher.length + KERNEL_OPERATIONS);
}
