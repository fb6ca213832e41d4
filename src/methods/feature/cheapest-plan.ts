import type * as tf from '@tensorflow/tfjs-core';
import { number } from '../../schema/field.ts';
import type { Ops } from '../method.ts';

/** Keeps the scale of costs that are all zero away from a division by zero, and masses from the logarithm of zero. */
const TINY = 1e-12;

/** The share of the mean cost that weighs the entropy: a parameter of all that carry mass. */
export const smoothing = number({
  doc: 'ε of the entropy, as a share of the mean cost: small is exact, large converges fast.',
  default: 0.1,
  minimum: 0.005,
  maximum: 100,
  source: 'inferred from Cuturi 2013, section 5',
});

/**
 * Sinkhorn's iteration on logarithms: the plan `[rows, columns]` that carries the masses of the rows to those of the columns at
 * the least cost, but for an entropy: `argmin Σ F C − ε · entropy(F)`, ε the given share of the mean cost. Potentials of rows and
 * columns in turn, so that the plan `exp((u + v − C) / ε)` has the wanted sums. Not differentiated: call it `detached`.
 *
 * @param masses `[rows, 1]` and `[1, columns]`, each with a sum of 1; left out: all alike
 */
export function cheapestPlan(
  ops: Ops,
  costs: tf.Tensor2D,
  smoothing: number,
  iterations: number,
  masses?: { readonly rows: tf.Tensor; readonly columns: tf.Tensor },
): tf.Tensor2D {
  const scaled = ops.div(costs, ops.maximum(ops.mul(ops.mean(costs), smoothing), TINY));
  const log = (given: tf.Tensor | undefined, count: number): tf.Tensor | number =>
    given === undefined ? -Math.log(count) : ops.log(ops.maximum(given, TINY));
  const [rows, columns] = [log(masses?.rows, costs.shape[0]), log(masses?.columns, costs.shape[1])];
  let [u, v]: [tf.Tensor, tf.Tensor] = [ops.scalar(0), ops.scalar(0)];
  for (let i = 0; i < iterations; i++) {
    u = ops.sub(rows, ops.logSumExp(ops.sub(v, scaled), 1, true));
    v = ops.sub(columns, ops.logSumExp(ops.sub(u, scaled), 0, true));
  }
  return ops.exp(ops.sub(ops.add(u, v), scaled));
}
