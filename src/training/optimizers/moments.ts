import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../../methods/method.ts';
import { required, type Tensors } from '../step-function.ts';

export interface MomentSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export const MOMENT_SLOTS = ['firstMoment', 'secondMoment'] as const;

/** The bias corrections 1 − β₁ᵗ and √(1 − β₂ᵗ), with t counting from 1. */
export function momentScalars({ beta1, beta2 }: MomentSettings): (update: number) => Record<string, number> {
  return (update) => ({
    firstCorrection: 1 - beta1 ** (update + 1),
    secondCorrection: Math.sqrt(1 - beta2 ** (update + 1)),
  });
}

export interface Moments {
  readonly first: tf.Tensor;
  /** √v / √(1 − β₂ᵗ) + ε */
  readonly root: tf.Tensor;
  readonly slots: Record<(typeof MOMENT_SLOTS)[number], tf.Tensor>;
}

/**
 * The running moments of Adam (Kingma and Ba 2015, algorithm 1):
 *
 *     m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
 */
export function moments(
  ops: Ops,
  g: tf.Tensor,
  state: Tensors,
  { beta1, beta2, epsilon }: MomentSettings,
): Moments {
  const m = ops.add(ops.mul(required(state, 'firstMoment'), beta1), ops.mul(g, 1 - beta1));
  const v = ops.add(ops.mul(required(state, 'secondMoment'), beta2), ops.mul(ops.square(g), 1 - beta2));
  const root = ops.add(ops.div(ops.sqrt(v), required(state, 'secondCorrection')), epsilon);
  return { first: m, root, slots: { firstMoment: m, secondMoment: v } };
}
