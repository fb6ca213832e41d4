import type * as tf from '@tensorflow/tfjs-core';
import type { SettingsOf } from '../../config/experiment.ts';
import { required } from '../step-function.ts';
import type { Optimizer } from './optimizer.ts';
import { withDecay } from './weight-decay.ts';

/**
 * Stochastic gradient descent as in PyTorch (`torch.optim.SGD` without dampening), with λ the weight decay, μ the momentum,
 * η the learning rate; all vectors have one entry a parameter:
 *
 *     g ← ∇ + λ p      m ← μ m + g      p ← p − η m            (Nesterov: p ← p − η (g + μ m))
 *
 * Decoupled, the decay leaves g alone and p first shrinks to p − η λ p: SGDW (Loshchilov and Hutter 2019, algorithm 1), with
 * the decay following the learning rate as in PyTorch's AdamW.
 */
export function sgd(settings: SettingsOf<'sgd'>): Optimizer {
  const { learningRate, momentum, nesterov } = settings;
  const withMomentum = momentum !== 0;
  return {
    slots: withMomentum ? ['momentum'] : [],
    learningRate,
    scalars: () => ({}),
    update(ops, given) {
      const { p, g } = withDecay(ops, given, settings);
      const rate = required(given.state, 'learningRate');
      const follow = (direction: tf.Tensor) => ops.sub(p, ops.mul(direction, rate));
      if (!withMomentum) return { parameters: follow(g), slots: {} };
      const m = ops.add(ops.mul(required(given.state, 'momentum'), momentum), g);
      return {
        parameters: follow(nesterov ? ops.add(g, ops.mul(m, momentum)) : m),
        slots: { momentum: m },
      };
    },
  };
}
