import type * as tf from '@tensorflow/tfjs-core';
import type { GradientClipping } from '../config/experiment.ts';
import type { Ops } from '../methods/method.ts';

/** Keeps the division from zero, as PyTorch does. */
const SMALLEST_NORM = 1e-6;

/**
 * Bounds the gradient before the optimizer sees it, and before any weight decay joins it.
 *
 *     norm    g ← g · min(1, c / (‖g‖ + 10⁻⁶))       ‖g‖ over all trained tensors together
 *     value   g ← max(−c, min(c, g))                  each entry alone
 *
 * Pascanu, Mikolov and Bengio (2013), algorithm 1, as in PyTorch's `clip_grad_norm_` and `clip_grad_value_`.
 *
 * @param gradient flat, of all trained tensors; the adapters of terms are trained with the model and count too
 */
export function clipGradient(ops: Ops, gradient: tf.Tensor, clipping: GradientClipping | null): tf.Tensor {
  if (clipping === null) return gradient;
  if (clipping.by === 'value') return ops.clipByValue(gradient, -clipping.limit, clipping.limit);
  const norm = ops.sqrt(ops.sum(ops.square(gradient)));
  const factor = ops.minimum(ops.div(clipping.limit, ops.add(norm, SMALLEST_NORM)), 1);
  return ops.mul(gradient, factor);
}
