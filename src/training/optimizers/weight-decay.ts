import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../../methods/method.ts';
import { required } from '../step-function.ts';
import type { OptimizerInput } from './optimizer.ts';

/**
 * Weight decay λ of every trained tensor, scales, offsets and biases too: as PyTorch does where all parameters form one
 * group, its default. Coupled, it joins the gradient; decoupled (Loshchilov and Hutter 2019), it shrinks the weights
 * themselves, with η the learning rate:
 *
 *     coupled     g ← ∇ + λ p
 *     decoupled   p ← p − η λ p
 */
export function withDecay(
  ops: Ops,
  { parameters, gradient, state }: OptimizerInput,
  { weightDecay, decoupledDecay }: { readonly weightDecay: number; readonly decoupledDecay: boolean },
): { readonly p: tf.Tensor; readonly g: tf.Tensor } {
  if (weightDecay === 0) return { p: parameters, g: gradient };
  if (!decoupledDecay) return { p: parameters, g: ops.add(gradient, ops.mul(parameters, weightDecay)) };
  const share = ops.mul(required(state, 'learningRate'), weightDecay);
  return { p: ops.sub(parameters, ops.mul(parameters, share)), g: gradient };
}
