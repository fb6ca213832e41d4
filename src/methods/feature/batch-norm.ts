import type * as tf from '@tensorflow/tfjs-core';
import { batchNormInference, batchNormTraining } from '../../models/batch-norm.ts';
import type { LossContext, Ops, VariableSpec } from '../method.ts';

/** Batch norm of the reference recipes: PyTorch's defaults (its momentum 0.1 is the share of the new value). */
const EPSILON = 1e-5;
const MOMENTUM = 0.9;

/** The four vectors of a batch norm: `<prefix>/scale`, `/offset`, `/runningMean`, `/runningVariance`. */
export function batchNormVariables(prefix: string, channels: number): readonly VariableSpec[] {
  const vector = (name: string, trainable: boolean, value: number): VariableSpec => ({
    name: `${prefix}/${name}`,
    shape: [channels],
    trainable,
    initial: { kind: 'constant', value },
  });
  return [
    vector('scale', true, 1),
    vector('offset', true, 0),
    vector('runningMean', false, 0),
    vector('runningVariance', false, 1),
  ];
}

/** Batch statistics while training, which also renew the running ones; the running ones otherwise. Over all axes but the last. */
export function batchNorm<S, T extends tf.Tensor>(
  ops: Ops,
  context: Pick<LossContext<S>, 'variables' | 'training' | 'update'>,
  prefix: string,
  x: T,
): T {
  const variable = (name: string) => context.variables[`${prefix}/${name}`] as tf.Tensor;
  const [scale, offset] = [variable('scale'), variable('offset')];
  if (!context.training) {
    const [mean, variance] = [variable('runningMean'), variable('runningVariance')];
    return batchNormInference(ops, x, mean, variance, scale, offset, EPSILON) as T;
  }
  const { output, mean, variance } = batchNormTraining(ops, x, scale, offset, EPSILON);
  const count = x.size / mean.size;
  const renew = (name: string, value: tf.Tensor) =>
    context.update(
      `${prefix}/${name}`,
      ops.add(ops.mul(variable(name), MOMENTUM), ops.mul(value, 1 - MOMENTUM)),
    );
  renew('runningMean', mean);
  renew('runningVariance', ops.mul(variance, count / Math.max(1, count - 1))); // unbiased, as PyTorch keeps it
  return output as T;
}
