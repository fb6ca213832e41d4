import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';
import { withGradients, type WithGradients } from './gradients.ts';
import { required, type Tensors } from './step-function.ts';

/** How far weights are moved to either side for the second derivative, in all: DARTS, section 2.3. */
const DISTANCE = 0.01;

/** A norm below this counts as this, so that weights which nothing pulls at stay where they are. */
const LEAST_NORM = 1e-12;

/** The loss that a search follows, of these weights θ and of what is searched. */
export type SearchedLoss = (weights: Tensors) => ReturnType<Parameters<typeof withGradients>[2]>;

/**
 * Gradient of a search that looks one step of the learner ahead.
 *
 *     θ' = θ − ξ ∇_θ L(θ, χ),   v = ∇_θ' L(θ', χ),   θ± = θ ± ε v,   ε = 0.01 / ‖v‖
 *     g  = ∇_χ L(θ', χ) − ξ (∇_χ L(θ⁺, χ) − ∇_χ L(θ⁻, χ)) / (2 ε)
 *
 * Five times the work of the first order, g = ∇_χ L(θ, χ). Source: Liu, Simonyan, Yang 2019 (DARTS), equations 7 and 8; *inferred*: both
 * levels on one batch, as a public code tree of SoKD has them, and the step ahead by the gradient alone, without momentum.
 *
 * @param weights θ, by name
 * @param searched χ, by names that no weight has
 * @param rate ξ
 * @returns loss and what is aside, at θ; the gradients of what is searched
 */
export function lookingAhead(
  ops: Ops,
  compute: SearchedLoss,
  weights: Tensors,
  searched: Tensors,
  rate: number,
): WithGradients {
  const { loss, aside, gradients: slope } = withGradients(ops, weights, () => compute(weights));
  const ahead = along(ops, weights, slope, -rate);
  const outer = withGradients(ops, { ...ahead, ...searched }, () => compute(ahead)).gradients;
  const squares = Object.keys(weights).map((name) => ops.sum<tf.Scalar>(ops.square(required(outer, name))));
  const epsilon = ops.div(DISTANCE, ops.maximum(ops.sqrt(ops.addN(squares)), LEAST_NORM));
  const beside = (sign: 1 | -1) => {
    const moved = along(ops, weights, outer, ops.mul(sign, epsilon));
    return withGradients(ops, searched, () => compute(moved)).gradients;
  };
  const [plus, minus] = [beside(1), beside(-1)];
  const gradients = Object.keys(searched).map((name) => {
    const change = ops.div(ops.sub(required(plus, name), required(minus, name)), ops.mul(2, epsilon));
    return [name, ops.sub(required(outer, name), ops.mul(rate, change))] as const;
  });
  return { loss, aside, gradients: Object.fromEntries(gradients) };
}

/** `weights + length · direction`. */
function along(
  ops: Ops,
  weights: Tensors,
  direction: Tensors,
  length: tf.Tensor | number,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [
      name,
      ops.add(weight, ops.mul(length, required(direction, name))),
    ]),
  );
}
