import { dropoutMasks } from '../models/dropout.ts';
import type { PhasePlan } from './plan.ts';
import { valueAt, type Moment } from './schedules.ts';
import { termScalars, termWeight } from './terms.ts';
import { emaDecay } from './weight-average.ts';

/** Every scalar of a step by the name that the graphs take it under. `update` counts the updates of the weights before it. */
export function scalarsAt(
  plan: PhasePlan,
  moment: Moment,
  update: number = moment.step,
): Record<string, Float32Array> {
  const { optimizer, terms, hardLabelWeight, settings } = plan;
  const scalars: Record<string, number> = {
    learningRate: valueAt(optimizer.learningRate, moment),
    hardLabelWeight: valueAt(hardLabelWeight, moment),
    ...optimizer.scalars(update),
    ...(settings.ema === null ? {} : { emaDecay: emaDecay(settings.ema, update) }),
  };
  for (const term of terms) Object.assign(scalars, termScalars(term, moment));
  return Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)]));
}

/** Weights of the parts of the loss: `ce` and every term. */
export function partWeights({ terms, hardLabelWeight }: PhasePlan, moment: Moment): Record<string, number> {
  const weights: Record<string, number> = { ce: valueAt(hardLabelWeight, moment) };
  for (const term of terms) weights[term.id] = termWeight(term, moment);
  return weights;
}

/** Drawn by model, not by instance: student and baseline of one seed drop the same activations. */
export function masksAt(
  plan: PhasePlan,
  batch: number,
  seed: number,
  step: number,
): Record<string, Float32Array> {
  const { graph, model } = plan.learner;
  const masks = Object.entries(dropoutMasks(graph, batch, { seed, instance: model, step }));
  return Object.fromEntries(masks.map(([path, mask]) => [`dropout/${path}`, mask]));
}
