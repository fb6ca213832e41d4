import type * as tf from '@tensorflow/tfjs-core';
import type { GateSettings, ModelGraph } from './description.ts';

/** Divides the temperature of a gate, as in the code of KDExplainer. */
const HALF = 0.5;

/**
 * Shares of experts, `[experts]`, that add up to 1: `softmax(g / (½ t))`, or all to the largest score.
 * @param steps of training so far, `[1]`; null: the temperature stays
 */
export function gateShares(
  ops: typeof tf,
  gates: tf.Tensor1D,
  { experts, temperature, annealingSteps, tree }: GateSettings,
  steps: tf.Tensor | null,
): tf.Tensor1D {
  if (tree) {
    const best = ops.argMax<tf.Tensor1D>(ops.reshape(gates, [1, experts]), 1);
    return ops.reshape(ops.oneHot(best, experts, 1, 0, 'float32'), [experts]);
  }
  const sharpness =
    steps === null || annealingSteps === null ? 1 : ops.add(1, ops.div(steps, annealingSteps));
  return ops.softmax(ops.mul(gates, ops.div(sharpness, HALF * temperature)));
}

/** The same numbers outside of a step. */
export function gateSharesOf(
  gates: ArrayLike<number>,
  { temperature, annealingSteps, tree }: GateSettings,
  steps: number,
): readonly number[] {
  const scores = Array.from(gates);
  const most = Math.max(...scores);
  if (tree) {
    const best = scores.indexOf(most);
    return scores.map((_, index) => (index === best ? 1 : 0));
  }
  const sharpness = (1 + (annealingSteps === null ? 0 : steps / annealingSteps)) / (HALF * temperature);
  const powers = scores.map((score) => Math.exp((score - most) * sharpness));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The gates of a model, level by level: those that read the same experts. Empty for all but mixtures of experts. */
export function gateLevels({
  layers,
}: ModelGraph): readonly (readonly { readonly path: string; readonly settings: GateSettings }[])[] {
  const levels = new Map<string, { path: string; settings: GateSettings }[]>();
  for (const { path, operation, inputs } of layers) {
    if (operation.kind !== 'gate') continue;
    const experts = inputs.join();
    levels.set(experts, [...(levels.get(experts) ?? []), { path, settings: operation }]);
  }
  return [...levels.values()];
}
