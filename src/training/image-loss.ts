import type * as tf from '@tensorflow/tfjs-core';
import type { ImageLoss } from '../config/experiment.ts';
import type { Ops } from '../methods/method.ts';
import type { PhasePlan } from './plan.ts';
import type { Specs } from './specs.ts';
import { required, type Tensors } from './step-function.ts';
import { TARGETS } from './data.ts';

/**
 * What a network that answers with images learns from the images themselves, beside or in place of a teacher:
 *
 *     l1   1/(N·P) Σₙ Σₚ |x̂ − x|           l2   1/(N·P) Σₙ Σₚ (x̂ − x)²          P: values of an image
 *
 * @param answers x̂, `[batch, height · width · channels]`
 * @param inputs `targets` x, `[batch, height, width, channels]`
 */
export function imageLoss(ops: Ops, answers: tf.Tensor2D, inputs: Tensors, loss: ImageLoss): tf.Scalar {
  const targets = ops.reshape(required(inputs, TARGETS), answers.shape);
  const difference = ops.sub(answers, targets);
  return ops.mean<tf.Scalar>(loss === 'l1' ? ops.abs(difference) : ops.square(difference));
}

/** The same of plain numbers. */
export function imageDistance(answers: Float32Array, targets: Float32Array, loss: ImageLoss): number {
  const sum = targets.reduce((total, value, at) => {
    const difference = (answers[at] ?? NaN) - value;
    return total + (loss === 'l1' ? Math.abs(difference) : difference * difference);
  }, 0);
  return sum / targets.length;
}

/** The images that are to be answered; nothing where the answer is a class. */
export function targetSpecs(
  { inputShape, imageLoss: loss }: Pick<PhasePlan, 'inputShape' | 'imageLoss'>,
  batch: number,
): Specs {
  if (loss === null) return {};
  return { [TARGETS]: { shape: [batch, ...inputShape], dtype: 'float32', role: 'batch' } };
}
