import type * as tf from '@tensorflow/tfjs-core';
import type { OptimizerSettings, ScheduledNumber } from '../config/experiment.ts';
import type { Ops } from '../methods/method.ts';
import { required, type Tensors } from './step-function.ts';

/** How a flat vector of parameters follows its gradient. Pure: state in, state out. */
export interface Optimizer {
  /** State vectors as long as the parameters, zero at the start. */
  readonly slots: readonly string[];
  readonly learningRate: ScheduledNumber;
  /** Scalars that change from step to step beside the learning rate; `step` counts from 0. */
  readonly scalars: (step: number) => Readonly<Record<string, number>>;
  /** @param state `slots` and `scalars` by name, and `learningRate` */
  readonly update: (ops: Ops, parameters: tf.Tensor, gradient: tf.Tensor, state: Tensors) => OptimizerStep;
}

export interface OptimizerStep {
  readonly parameters: tf.Tensor;
  readonly slots: Record<string, tf.Tensor>;
}

export function createOptimizer(settings: OptimizerSettings): Optimizer {
  return settings.kind === 'sgd' ? sgd(settings) : adam(settings);
}

type Settings<K extends OptimizerSettings['kind']> = Extract<OptimizerSettings, { kind: K }>;

/**
 * Stochastic gradient descent as in PyTorch, with λ the weight decay, μ the momentum, η the learning rate:
 *
 *     g ← ∇ + λ p      m ← μ m + g      p ← p − η m            (Nesterov: p ← p − η (g + μ m))
 */
function sgd({ learningRate, momentum, nesterov, weightDecay }: Settings<'sgd'>): Optimizer {
  const withMomentum = momentum !== 0;
  return {
    slots: withMomentum ? ['momentum'] : [],
    learningRate,
    scalars: () => ({}),
    update(ops, parameters, gradient, state) {
      const g = decayed(ops, parameters, gradient, weightDecay);
      const rate = required(state, 'learningRate');
      const follow = (direction: tf.Tensor) => ops.sub(parameters, ops.mul(direction, rate));
      if (!withMomentum) return { parameters: follow(g), slots: {} };
      const m = ops.add(ops.mul(required(state, 'momentum'), momentum), g);
      return {
        parameters: follow(nesterov ? ops.add(g, ops.mul(m, momentum)) : m),
        slots: { momentum: m },
      };
    },
  };
}

/**
 * Adam (Kingma and Ba 2015) as in PyTorch, weight decay λ added to the gradient; t counts from 1:
 *
 *     g ← ∇ + λ p      m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
 *     p ← p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 */
function adam({ learningRate, beta1, beta2, epsilon, weightDecay }: Settings<'adam'>): Optimizer {
  return {
    slots: ['firstMoment', 'secondMoment'],
    learningRate,
    scalars: (step) => ({
      firstCorrection: 1 - beta1 ** (step + 1),
      secondCorrection: Math.sqrt(1 - beta2 ** (step + 1)),
    }),
    update(ops, parameters, gradient, state) {
      const g = decayed(ops, parameters, gradient, weightDecay);
      const m = ops.add(ops.mul(required(state, 'firstMoment'), beta1), ops.mul(g, 1 - beta1));
      const v = ops.add(ops.mul(required(state, 'secondMoment'), beta2), ops.mul(ops.square(g), 1 - beta2));
      const rate = ops.div(required(state, 'learningRate'), required(state, 'firstCorrection'));
      const root = ops.div(ops.sqrt(v), required(state, 'secondCorrection'));
      return {
        parameters: ops.sub(parameters, ops.mul(ops.div(m, ops.add(root, epsilon)), rate)),
        slots: { firstMoment: m, secondMoment: v },
      };
    },
  };
}

function decayed(ops: Ops, parameters: tf.Tensor, gradient: tf.Tensor, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? gradient : ops.add(gradient, ops.mul(parameters, weightDecay));
}
