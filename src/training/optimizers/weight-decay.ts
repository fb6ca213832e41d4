import type * as tf from '@tensorflow/tfjs-core';
import type { DecayOf } from '../../config/experiment.ts';
import type { Ops } from '../../methods/method.ts';
import { required } from '../step-function.ts';
import { join, split, type FlatLayout } from '../flat.ts';
import type { OptimizerInput } from './optimizer.ts';

interface Decay {
  readonly weightDecay: number;
  readonly decoupledDecay: boolean;
  readonly decayOf?: DecayOf | undefined;
}

/**
 * Weight decay λ of every trained tensor, scales, offsets and biases too (as PyTorch does where all parameters form one
 * group, its default), or of kernels alone. Coupled, it joins the gradient; decoupled (Loshchilov and Hutter 2019), it shrinks the weights
 * themselves, with η the learning rate:
 *
 *     coupled     g ← ∇ + λ p
 *     decoupled   p ← p − η λ p
 */
export function withDecay(
  ops: Ops,
  { parameters, gradient, state, layout }: OptimizerInput,
  { weightDecay, decoupledDecay, decayOf }: Decay,
): { readonly p: tf.Tensor; readonly g: tf.Tensor } {
  if (weightDecay === 0) return { p: parameters, g: gradient };
  const decaying = decayingPart(ops, parameters, layout, decayOf);
  if (!decoupledDecay) return { p: parameters, g: ops.add(gradient, ops.mul(decaying, weightDecay)) };
  const share = ops.mul(required(state, 'learningRate'), weightDecay);
  return { p: ops.sub(parameters, ops.mul(decaying, share)), g: gradient };
}

/** The parameters, with zeros in place of tensors that do not decay. A kernel has a dimension for what comes in and one for what goes out. */
export function decayingPart(
  ops: Ops,
  parameters: tf.Tensor,
  layout: FlatLayout,
  decayOf: DecayOf = 'all',
): tf.Tensor {
  if (decayOf === 'all' || layout.parts.every(isKernel)) return parameters;
  const parts = split(ops, parameters, layout);
  const kept = layout.parts.map((part) => {
    const tensor = required(parts, part.name);
    return [part.name, isKernel(part) ? tensor : ops.zerosLike(tensor)] as const;
  });
  return join(ops, Object.fromEntries(kept), layout);
}

function isKernel({ shape }: FlatLayout['parts'][number]): boolean {
  return shape.length > 1;
}
