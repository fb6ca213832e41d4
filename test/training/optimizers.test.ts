import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import type { OptimizerSettings } from '../../src/config/experiment.ts';
import { layoutOf } from '../../src/training/flat.ts';
import { createOptimizer } from '../../src/training/optimizers/index.ts';
import { adagrad, adam, adamW, lamb, rmsprop } from './whole-steps/options.ts';
import { ReferenceOptimizer } from './whole-steps/reference-optimizer.ts';
import { SGD } from './whole-steps/work.ts';

const CURVATURE = [1, 0.3, -0.2, 0.5];
const SLOPE = [0.5, -1, 0.1, 0];
const START = [1, -2, 3, 0];
/** Two tensors; the second starts at zero, as biases do, and its slope there is zero too. */
const LAYOUT = layoutOf([
  { name: 'kernel', shape: [3] },
  { name: 'bias', shape: [1] },
]);

/** Follows f(p) = Σ c p² / 2 + d p for some steps and returns every state on the way. */
function follow(settings: OptimizerSettings, steps: number, rates: (step: number) => number): number[][] {
  const optimizer = createOptimizer(settings);
  let parameters: tf.Tensor = tf.tensor1d(START);
  let slots: Record<string, tf.Tensor> = Object.fromEntries(
    optimizer.slots.map((slot) => [slot, tf.zeros([START.length])]),
  );
  return Array.from({ length: steps }, (_, step) => {
    const gradient = tf.add(tf.mul(parameters, CURVATURE), SLOPE);
    const scalars = { ...optimizer.scalars(step), learningRate: rates(step) };
    const inputs = Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)] as const);
    const next = optimizer.update(tf, {
      parameters,
      gradient,
      layout: LAYOUT,
      state: { ...slots, ...Object.fromEntries(inputs) },
    });
    ({ parameters, slots } = next);
    return Array.from(parameters.dataSync());
  });
}

function byHand(settings: OptimizerSettings, steps: number, rates: (step: number) => number): number[][] {
  const own = { optimizer: settings, gradientClipping: null, ema: null };
  const reference = new ReferenceOptimizer(own, { kernel: START.slice(0, 3), bias: START.slice(3) });
  return Array.from({ length: steps }, (_, step) => {
    const { kernel, bias } = reference.parameters;
    const slope = (value: number, i: number) => (CURVATURE[i] ?? 0) * value + (SLOPE[i] ?? 0);
    const gradients = { kernel: kernel?.map(slope) ?? [], bias: bias?.map((value) => slope(value, 3)) ?? [] };
    reference.update(gradients, rates(step));
    return [...(kernel ?? []), ...(bias ?? [])];
  });
}

describe('optimizers follow the formulas of PyTorch', () => {
  it.each<[string, OptimizerSettings]>([
    ['plain gradient descent', { ...SGD, momentum: 0, weightDecay: 0 }],
    ['weight decay', { ...SGD, momentum: 0, weightDecay: 0.1 }],
    ['decoupled weight decay', { ...SGD, weightDecay: 0.1, decoupledDecay: true }],
    ['momentum', SGD],
    ['Nesterov momentum', { ...SGD, nesterov: true }],
    ['Adam', adam],
    [
      'Adam with decay and other moments',
      { ...adam, beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.01 },
    ],
    ['AdamW', adamW],
    ['RMSProp', rmsprop],
    ['RMSProp with momentum and decay', { ...rmsprop, momentum: 0.8, weightDecay: 0.1 }],
    // ε large enough that rounding of s − a², nearly zero in the first steps, does not decide.
    ['RMSProp, centred', { ...rmsprop, centered: true, epsilon: 0.1, momentum: 0.5 }],
    ['RMSProp with decoupled decay', { ...rmsprop, weightDecay: 0.1, decoupledDecay: true }],
    ['Adagrad', adagrad],
    ['Adagrad with a first sum and decay', { ...adagrad, initialAccumulator: 0.1, weightDecay: 0.1 }],
    ['Adagrad with decoupled decay', { ...adagrad, weightDecay: 0.1, decoupledDecay: true }],
    ['LAMB', lamb],
    ['LAMB without decay', { ...lamb, weightDecay: 0 }],
  ])('%s, with a learning rate that changes', (_, settings) => {
    const rates = (step: number) => 0.1 / (1 + step / 4);
    const want = byHand(settings, 12, rates);
    const got = follow(settings, 12, rates);
    got.forEach((values, step) => {
      values.forEach((value, i) => {
        expect(value, `entry ${i} after step ${step}`).toBeCloseTo(want[step]?.[i] ?? NaN, 5);
      });
    });
  });

  it.each<[OptimizerSettings, readonly string[]]>([
    [{ ...SGD, momentum: 0 }, []],
    [SGD, ['momentum']],
    [adam, ['firstMoment', 'secondMoment']],
    [rmsprop, ['meanSquare']],
    [{ ...rmsprop, centered: true, momentum: 0.9 }, ['meanSquare', 'meanGradient', 'momentum']],
    [adagrad, ['sumOfSquares']],
  ])('keeps only the state that it needs: %o', (settings, slots) => {
    expect(createOptimizer(settings).slots).toEqual(slots);
  });

  it.each<[string, OptimizerSettings]>([
    ['SGD', { ...SGD, weightDecay: 0.1 }],
    ['SGD, decoupled', { ...SGD, weightDecay: 0.1, decoupledDecay: true }],
    ['AdamW', { ...adamW, weightDecay: 0.1 }],
    ['LAMB', { ...lamb, weightDecay: 0.1 }],
  ])('%s lets kernels alone decay where it is told to', (_, settings) => {
    const layout = layoutOf([
      { name: 'dense/kernel', shape: [1, 2] },
      { name: 'dense/bias', shape: [2] },
    ]);
    const optimizer = createOptimizer({ ...settings, decayOf: 'kernels' });
    const zeros = () => tf.zeros([4]);
    const { parameters } = optimizer.update(tf, {
      parameters: tf.tensor1d([1, -2, 3, -4]),
      gradient: zeros(),
      layout,
      state: {
        ...Object.fromEntries(optimizer.slots.map((slot) => [slot, zeros()])),
        ...Object.fromEntries(
          Object.entries({ ...optimizer.scalars(0), learningRate: 0.5 }).map(([name, value]) => [
            name,
            tf.scalar(value),
          ]),
        ),
      },
    });
    const [first = NaN, second = NaN, ...bias] = parameters.dataSync();
    expect(Math.abs(first)).toBeLessThan(1);
    expect(Math.abs(second)).toBeLessThan(2);
    expect(bias).toEqual([3, -4]);
  });
});
