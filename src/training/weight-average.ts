import type * as tf from '@tensorflow/tfjs-core';
import type { EmaSettings, TrainSettings } from '../config/experiment.ts';
import type { Ops } from '../methods/method.ts';
import type { FlatLayout } from './flat.ts';
import type { PlannedModel } from './plan.ts';
import { required, type Tensors } from './step-function.ts';

/** Names of the state vectors that hold a model. */
export interface WeightVectors {
  readonly parameters: string;
  readonly statistics: string;
}

/** What the learner trains with. */
export function trainedVectors(instance: string): WeightVectors {
  return { parameters: `${instance}/parameters`, statistics: `${instance}/statistics` };
}

/** What the learner is validated, tested and kept as: the running mean where the config asks for one. */
export function evaluatedVectors(instance: string, settings: Pick<TrainSettings, 'ema'>): WeightVectors {
  return settings.ema === null
    ? trainedVectors(instance)
    : { parameters: `${instance}/averageParameters`, statistics: `${instance}/averageStatistics` };
}

/**
 * The decay of an update; t counts updates from 1:
 *
 *     d = decay,   with warm-up   d = min(decay, (1 + t) / (10 + t))
 *
 * as TensorFlow's ExponentialMovingAverage has it where it is given the number of updates.
 */
export function emaDecay({ decay, warmUp }: EmaSettings, update: number): number {
  const t = update + 1;
  return warmUp ? Math.min(decay, (1 + t) / (10 + t)) : decay;
}

/**
 * Exponential moving average of the weights after each update, starting from the initial weights (Polyak and Juditsky 1992 in
 * the form of TensorFlow and timm):
 *
 *     a ← d a + (1 − d) p
 *
 * Running statistics of batch norm are averaged alike, so that they fit the averaged weights. What terms renew by themselves
 * (memories, counters) is no mean of anything: it is taken as it is.
 *
 * @param now parameters and statistics after the update, flat
 */
export function averagedWeights(
  ops: Ops,
  learner: PlannedModel,
  settings: Pick<TrainSettings, 'ema'>,
  inputs: Tensors,
  now: { readonly parameters: tf.Tensor; readonly statistics: tf.Tensor | null },
): Record<string, tf.Tensor> {
  if (settings.ema === null) return {};
  const decay = required(inputs, 'emaDecay');
  const blend = (average: tf.Tensor, value: tf.Tensor) =>
    ops.add(ops.mul(average, decay), ops.mul(value, ops.sub(1, decay)));
  const names = evaluatedVectors(learner.instance, settings);
  const averages: Record<string, tf.Tensor> = {
    [names.parameters]: blend(required(inputs, names.parameters), now.parameters),
  };
  if (now.statistics === null) return averages;
  const { statistics } = learner;
  const own = ownSize(statistics);
  const rest = statistics.size - own;
  const old = required(inputs, names.statistics);
  if (own === 0) averages[names.statistics] = ops.clone(now.statistics);
  else if (rest === 0) averages[names.statistics] = blend(old, now.statistics);
  else {
    const part = (flat: tf.Tensor, from: number, size: number) => ops.slice(flat, [from], [size]);
    const blended = blend(part(old, 0, own), part(now.statistics, 0, own));
    averages[names.statistics] = ops.concat([blended, part(now.statistics, own, rest)]);
  }
  return averages;
}

/** Length of the model's own tensors, which stand before those of the terms. */
function ownSize({ parts }: FlatLayout): number {
  return parts.reduce((sum, { name, size }) => (name.startsWith('term:') ? sum : sum + size), 0);
}
