import type * as tf from '@tensorflow/tfjs-core';
import type { Ops, VariableSpec } from '../method.ts';

/** What a map of features can undergo, and from where to where its magnitude leads: authors' ranges. */
export const OPERATIONS = [
  { name: 'shearX', low: -0.3, high: 0.3 },
  { name: 'shearY', low: -0.3, high: 0.3 },
  { name: 'translateX', low: -0.45, high: 0.45 },
  { name: 'translateY', low: -0.45, high: 0.45 },
  { name: 'rotate', low: -Math.PI / 6, high: Math.PI / 6 },
  { name: 'cutout', low: 0, high: 0.2 },
  { name: 'noise', low: 0, high: 0.1 },
  // Done or not, whatever its magnitude.
  { name: 'channelShuffle', low: 1, high: 1 },
  { name: 'channelDrop', low: 0, high: 0.5 },
] as const;

export type Operation = (typeof OPERATIONS)[number]['name'];

/** Operations of a policy: one after the other. */
export const STAGES = 2;

/** Unordered pairs of distinct operations, by their positions; the first is carried out first. */
export const POLICIES: readonly (readonly [first: number, second: number])[] = OPERATIONS.flatMap(
  (_, first) => OPERATIONS.slice(first + 1).map((_second, at) => [first, first + 1 + at] as const),
);

/** Keeps the logarithms of what is drawn finite. */
const EDGE = 1e-6;

/** What is searched: scores `[policies]`, and logits of probabilities and of magnitudes `[policies, 2]`. */
export function policyVariables(): readonly VariableSpec[] {
  const start = (name: string, shape: readonly number[], value: number): VariableSpec => ({
    name,
    shape,
    trainable: true,
    initial: { kind: 'constant', value },
  });
  return [
    start('score', [POLICIES.length], 1e-3),
    // The sigmoid of 0 is the authors' one half.
    start('probability', [POLICIES.length, STAGES], 0),
    start('magnitude', [POLICIES.length, STAGES], 0),
  ];
}

/** One policy drawn, or a mixture that stands for it. */
export interface Sample {
  /** `[stages, operations]`: how much of every operation is carried out; 0 leaves a map as it is. */
  readonly amounts: tf.Tensor2D;
  /** `Σ` of the magnitudes of what is carried out: what a straight-through gradient goes to. */
  readonly executed: tf.Scalar;
}

/**
 * Draws a policy and what of it is carried out.
 *
 *     z_α = log softmax(α) − log(−log u),   z_β = β + log u − log(1 − u)          α: scores, β: logits of the probabilities
 *     w = one-hot argmax z_α,               b = 1[z_β > 0]                         to learn from
 *     w = softmax(z_α / λ),                 b = sigmoid(z_β / λ)                   to search: a gradient reaches α, β
 *     amount of operation o in stage k = Σ_s w_s b_sk 1[o stands there in s] · (low_o + (high_o − low_o) · sigmoid(m_sk))
 *
 * @param draws `choice` `[policies]`, `execute` `[policies, 2]`, uniform on [0, 1)
 * @param relaxation λ; null: a hard draw
 */
export function samplePolicy(
  ops: Ops,
  variables: Readonly<Record<string, tf.Tensor>>,
  draws: Readonly<Record<string, tf.Tensor>>,
  relaxation: number | null,
): Sample {
  const variable = (name: string) => variables[name] as tf.Tensor;
  const inside = (name: string) => ops.clipByValue(draws[name] as tf.Tensor, EDGE, 1 - EDGE);
  const [choice, execute] = [inside('choice'), inside('execute')];
  const scores = ops.sub(ops.logSoftmax(variable('score')), ops.log(ops.neg(ops.log(choice))));
  const logits = ops.add(variable('probability'), ops.sub(ops.log(execute), ops.log(ops.sub(1, execute))));
  const chosen = relaxation === null ? hardChoice(ops, scores) : ops.softmax(ops.div(scores, relaxation));
  const done =
    relaxation === null
      ? ops.cast(ops.greater(logits, 0), 'float32')
      : ops.sigmoid(ops.div(logits, relaxation));
  const share = ops.mul(ops.reshape(chosen, [POLICIES.length, 1]), done);
  const magnitude = ops.sigmoid(variable('magnitude'));
  const { low, span, places } = tables(ops);
  const value = ops.mul(share, ops.add(low, ops.mul(span, magnitude)));
  const amounts = ops.sum<tf.Tensor2D>(ops.mul(ops.expandDims(value, 2), places), 0);
  return { amounts, executed: ops.sum(ops.mul(share, magnitude)) };
}

/** `[policies]`: 1 at the largest score. */
function hardChoice(ops: Ops, scores: tf.Tensor): tf.Tensor {
  const best: tf.Tensor1D = ops.argMax(ops.reshape(scores, [1, POLICIES.length]), 1);
  return ops.reshape(ops.oneHot(best, POLICIES.length, 1, 0, 'float32'), [POLICIES.length]);
}

/**
 * Of every operation of every policy: where its magnitude begins and how far it reaches, `[policies, stages]`; and which one it is,
 * `[policies, stages, operations]`.
 */
function tables(ops: Ops) {
  const of = (value: (operation: (typeof OPERATIONS)[number]) => number) =>
    ops.tensor2d(POLICIES.map((policy) => policy.map((at) => value(OPERATIONS[at] ?? OPERATIONS[0]))));
  const places = POLICIES.map((policy) =>
    policy.map((at) => OPERATIONS.map((_, index) => Number(index === at))),
  );
  return { low: of(({ low }) => low), span: of(({ low, high }) => high - low), places: ops.tensor3d(places) };
}
