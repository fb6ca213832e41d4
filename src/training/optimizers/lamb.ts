import type * as tf from '@tensorflow/tfjs-core';
import type { SettingsOf } from '../../config/experiment.ts';
import type { Ops } from '../../methods/method.ts';
import { join, split, type FlatLayout } from '../flat.ts';
import { required } from '../step-function.ts';
import { MOMENT_SLOTS, moments, momentScalars } from './moments.ts';
import type { Optimizer } from './optimizer.ts';
import { decayingPart } from './weight-decay.ts';

/**
 * LAMB (You et al. 2020, algorithm 2, φ the identity), for each tensor of the model apart, λ the weight decay, t counting
 * updates from 1:
 *
 *     m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
 *     u = m / (1 − β₁ᵗ) / (√v / √(1 − β₂ᵗ) + ε) + λ p
 *     p ← p − η · ‖p‖ / ‖u‖ · u
 *
 * Where a norm is zero (offsets and biases begin so) the ratio is 1, as in the authors' code. PyTorch has no LAMB of its own.
 * Weights decay in u, so the decay is decoupled from the moments; every trained tensor has a ratio, and decays where `decayOf` says so.
 */
export function lamb(settings: SettingsOf<'lamb'>): Optimizer {
  return {
    slots: MOMENT_SLOTS,
    learningRate: settings.learningRate,
    scalars: momentScalars(settings),
    update(ops, { parameters, gradient, layout, state }) {
      const { first, root, slots } = moments(ops, gradient, state, settings);
      const unbiased = ops.div(ops.div(first, required(state, 'firstCorrection')), root);
      const { weightDecay, decayOf } = settings;
      const decaying = () => decayingPart(ops, parameters, layout, decayOf);
      const direction = weightDecay === 0 ? unbiased : ops.add(unbiased, ops.mul(decaying(), weightDecay));
      const trusted = trustedDirection(ops, parameters, direction, layout);
      return {
        parameters: ops.sub(parameters, ops.mul(trusted, required(state, 'learningRate'))),
        slots,
      };
    },
  };
}

/** ‖p‖ / ‖u‖ · u of every tensor, as one vector. */
function trustedDirection(
  ops: Ops,
  parameters: tf.Tensor,
  direction: tf.Tensor,
  layout: FlatLayout,
): tf.Tensor {
  const weights = split(ops, parameters, layout);
  const trusted = Object.entries(split(ops, direction, layout)).map(([name, u]) => {
    const weight = norm(ops, required(weights, name));
    const length = norm(ops, u);
    const both = ops.logicalAnd(ops.greater(weight, 0), ops.greater(length, 0));
    const one = ops.onesLike(length);
    const ratio = ops.where(both, ops.div(weight, ops.where(both, length, one)), one);
    return [name, ops.mul(u, ratio)] as const;
  });
  return join(ops, Object.fromEntries(trusted), layout);
}

function norm(ops: Ops, tensor: tf.Tensor): tf.Scalar {
  return ops.sqrt(ops.sum<tf.Scalar>(ops.square(tensor)));
}
