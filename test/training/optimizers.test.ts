import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import type { OptimizerSettings } from '../../src/config/experiment.ts';
import { createOptimizer } from '../../src/training/optimizers.ts';

/** Follows f(p) = Σ c p² / 2 + d p for some steps and returns every state on the way. */
function follow(settings: OptimizerSettings, steps: number, rates: (step: number) => number): number[][] {
  const optimizer = createOptimizer(settings);
  const curvature = [1, 0.3, -0.2];
  const slope = [0.5, -1, 0.1];
  let parameters: tf.Tensor = tf.tensor1d([1, -2, 3]);
  let slots: Record<string, tf.Tensor> = Object.fromEntries(
    optimizer.slots.map((slot) => [slot, tf.zeros([3])]),
  );
  return Array.from({ length: steps }, (_, step) => {
    const gradient = tf.add(tf.mul(parameters, curvature), slope);
    const scalars = { ...optimizer.scalars(step), learningRate: rates(step) };
    const inputs = Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)] as const);
    const next = optimizer.update(tf, parameters, gradient, { ...slots, ...Object.fromEntries(inputs) });
    ({ parameters, slots } = next);
    return Array.from(parameters.dataSync());
  });
}

/** The same path in double precision, written from PyTorch's documentation of its optimizers. */
function byHand(settings: OptimizerSettings, steps: number, rates: (step: number) => number): number[][] {
  const p = [1, -2, 3];
  const first = [0, 0, 0];
  const second = [0, 0, 0];
  const [curvature, slope] = [
    [1, 0.3, -0.2],
    [0.5, -1, 0.1],
  ] as const;
  return Array.from({ length: steps }, (_, step) => {
    p.forEach((value, i) => {
      let g = (curvature[i] ?? 0) * value + (slope[i] ?? 0) + settings.weightDecay * value;
      if (settings.kind === 'sgd') {
        // PyTorch sets the buffer to the gradient in the first step.
        first[i] = step === 0 ? g : settings.momentum * (first[i] ?? 0) + g;
        g = settings.nesterov ? g + settings.momentum * first[i] : settings.momentum === 0 ? g : first[i];
        p[i] = value - rates(step) * g;
      } else {
        const t = step + 1;
        first[i] = settings.beta1 * (first[i] ?? 0) + (1 - settings.beta1) * g;
        second[i] = settings.beta2 * (second[i] ?? 0) + (1 - settings.beta2) * g * g;
        const mean = first[i] / (1 - settings.beta1 ** t);
        const root = Math.sqrt(second[i] / (1 - settings.beta2 ** t));
        p[i] = value - (rates(step) * mean) / (root + settings.epsilon);
      }
    });
    return [...p];
  });
}

const sgd = { kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 5e-4 } as const;
const adam = {
  kind: 'adam',
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const;

describe('optimizers follow the formulas of PyTorch', () => {
  it.each<[string, OptimizerSettings]>([
    ['plain gradient descent', { ...sgd, momentum: 0, weightDecay: 0 }],
    ['weight decay', { ...sgd, momentum: 0, weightDecay: 0.1 }],
    ['momentum', sgd],
    ['Nesterov momentum', { ...sgd, nesterov: true }],
    ['Adam', adam],
    [
      'Adam with decay and other moments',
      { ...adam, beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.01 },
    ],
  ])('%s, with a learning rate that changes', (_, settings) => {
    const rates = (step: number) => 0.1 / (1 + step / 4);
    const want = byHand(settings, 12, rates);
    const got = follow(settings, 12, rates);
    got.forEach((values, step) => {
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(want[step]?.[i] ?? NaN, 5);
      });
    });
  });

  it('keeps no state where none is needed', () => {
    expect(createOptimizer({ ...sgd, momentum: 0 }).slots).toEqual([]);
    expect(createOptimizer(sgd).slots).toEqual(['momentum']);
    expect(createOptimizer(adam).slots).toHaveLength(2);
  });
});
