import type * as tf from '@tensorflow/tfjs-core';
import { detached, unit } from '../math.ts';
import type { Ops } from '../method.ts';

/** Squarings of a matrix: its 2¹⁴th power holds its first eigenvector alone, unless the second value is within 0.1 %. */
const SQUARINGS = 14;
/** Squarings between two scalings: of n rows with no entry above 1 come none above n⁸ by three, and a float holds those of 10,000. */
const SQUARINGS_A_SCALING = 3;
/** Doublings of a Neumann series: 2¹⁰ terms. */
const DOUBLINGS = 10;
/** Eigenvalues, with a sum of 1, that differ by less than this are taken as one, and nothing flows between their vectors. */
const SMALLEST_GAP = 1e-6;
const TINY = 1e-30;

/**
 * The right singular vectors of a batch of matrices `[batch, rows, columns]`, `count` of them by falling singular value, each
 * `[batch, columns]` and up to its sign. `pick` says which one of them a sample is to have, as `[batch, count]` of 0 and 1; the
 * result has the gradient of that vector.
 *
 * TensorFlow.js has no singular value decomposition. Vectors are found, as constants, by squaring `G = XᵀX` (or `XXᵀ`, whichever is smaller) and
 * taking each away in turn; one Newton step that reads G itself, `w + (λI − G)⁺ (G w − λ w)`, gives their derivative
 * `(λI − G)⁺ dG w`.
 */
export function singularVector(
  ops: Ops,
  matrices: tf.Tensor3D,
  count: number,
  pick: (vectors: readonly tf.Tensor2D[]) => tf.Tensor2D,
): tf.Tensor2D {
  const [batch, rows, columns] = matrices.shape;
  const { gram, toColumns } = gramOf(ops, matrices);
  const wanted = Math.min(count, rows, columns);
  // Everything but the last step is constant.
  const start = detached(ops, [gram, matrices], (held) => {
    const { vectors, values } = eigenvectors(ops, held as tf.Tensor3D, wanted);
    const choice = pick(vectors.map(toColumns));
    const chosen = choose(ops, choice, vectors);
    const value = choose(ops, choice, values);
    const response = pseudoInverse(ops, held as tf.Tensor3D, vectors, values, value);
    return ops.concat([chosen, ops.mul(value, chosen), response], 2);
  });
  const size = gram.shape[1];
  const part = (from: number, width: number) => ops.slice(start, [0, 0, from], [batch, size, width]);
  const [vector, scaled, response] = [part(0, 1), part(1, 1), part(2, size)];
  const residual: tf.Tensor3D = ops.sub(ops.matMul(gram, vector), scaled);
  return toColumns(ops.add(vector, ops.matMul(response, residual)));
}

/** The first right singular vector of each matrix, as a constant and up to its sign: `[batch, rows, columns]` to `[batch, columns]`. */
export function firstSingularVector(ops: Ops, matrices: tf.Tensor3D): tf.Tensor2D {
  return detached(ops, [matrices], (held) => {
    const { gram, toColumns } = gramOf(ops, held as tf.Tensor3D);
    const [first] = eigenvectors(ops, gram, 1).vectors;
    return toColumns(first as tf.Tensor3D);
  });
}

/** `XᵀX` or `XXᵀ`, whichever is smaller, with a trace of 1; and the way from its vectors to unit vectors of columns. */
function gramOf(ops: Ops, matrices: tf.Tensor3D) {
  const [batch, rows, columns] = matrices.shape;
  const tall = rows >= columns;
  const products = ops.matMul(matrices, matrices, tall, !tall);
  const traces = detached(ops, [matrices], (x) => ops.maximum(ops.sum(ops.square(x), [1, 2], true), TINY));
  const gram: tf.Tensor3D = ops.div(products, traces);
  const toColumns = (vector: tf.Tensor3D): tf.Tensor2D =>
    unit(ops, ops.reshape(tall ? vector : ops.matMul(matrices, vector, true), [batch, columns]), 1);
  return { gram, toColumns };
}

interface Eigenpairs {
  /** `[batch, size, 1]` each, of length one. */
  readonly vectors: readonly tf.Tensor3D[];
  /** `[batch, 1, 1]` each. */
  readonly values: readonly tf.Tensor3D[];
}

/** The first eigenpairs of symmetric positive semidefinite matrices `[batch, size, size]`, one after the other. */
function eigenvectors(ops: Ops, matrices: tf.Tensor3D, count: number): Eigenpairs {
  const size = matrices.shape[1];
  const vectors: tf.Tensor3D[] = [];
  const values: tf.Tensor3D[] = [];
  let rest = matrices;
  for (let i = 0; i < count; i++) {
    let power = scaledToOne(ops, rest);
    for (let round = 1; round <= SQUARINGS; round++) {
      power = ops.matMul(power, power);
      if (round % SQUARINGS_A_SCALING === 0) power = scaledToOne(ops, power);
    }
    // What is left is w wᵀ: the column of its largest diagonal entry is w up to scale.
    const diagonal = ops.sum(ops.mul(power, ops.eye(size)), 2);
    const column = ops.oneHot(ops.argMax(diagonal, 1), size, 1, 0, 'float32');
    const vector: tf.Tensor3D = unit(ops, ops.matMul(power, ops.expandDims(column, 2)), 1);
    vectors.push(vector);
    values.push(ops.matMul(ops.matMul(vector, matrices, true), vector));
    rest = without(ops, rest, vector);
  }
  return { vectors, values };
}

function scaledToOne(ops: Ops, matrices: tf.Tensor3D): tf.Tensor3D {
  return ops.div(matrices, ops.maximum(ops.max(ops.abs(matrices), [1, 2], true), TINY));
}

/** `(I − wwᵀ) G (I − wwᵀ)`. */
function without(ops: Ops, matrices: tf.Tensor3D, vector: tf.Tensor3D): tf.Tensor3D {
  const projector: tf.Tensor3D = ops.sub(ops.eye(matrices.shape[1]), ops.matMul(vector, vector, false, true));
  return ops.matMul(ops.matMul(projector, matrices), projector);
}

/** `Σ_k choice_k · item_k`, `[batch, count]` and `[batch, ...]` each. */
function choose(ops: Ops, choice: tf.Tensor2D, items: readonly tf.Tensor3D[]): tf.Tensor3D {
  const shares = ops.split(choice, items.length, 1).map((share) => ops.expandDims(share, 2));
  return ops.addN(items.map((item, k) => ops.mul<tf.Tensor3D>(item, shares[k] as tf.Tensor)));
}

/**
 * `(λI − G)⁺` for one of the known eigenvalues λ: exactly on the known vectors; on all others, whose eigenvalues are smaller, by
 * `1/λ · Σ_m (G/λ)^m = 1/λ · Π_m (I + (G/λ)^(2^m))`.
 */
function pseudoInverse(
  ops: Ops,
  matrices: tf.Tensor3D,
  vectors: readonly tf.Tensor3D[],
  values: readonly tf.Tensor3D[],
  value: tf.Tensor3D,
): tf.Tensor3D {
  const identity = ops.eye(matrices.shape[1]);
  const outer = vectors.map((vector) => ops.matMul(vector, vector, false, true));
  const known = outer.map((projector, k) => {
    const gap = ops.sub(value, values[k] as tf.Tensor3D);
    const distinct = ops.greater(ops.abs(gap), SMALLEST_GAP);
    const inverse = ops.where(
      distinct,
      ops.div(1, ops.where(distinct, gap, ops.onesLike(gap))),
      ops.zerosLike(gap),
    );
    return ops.mul<tf.Tensor3D>(projector, inverse);
  });
  const projector: tf.Tensor3D = ops.sub(identity, ops.addN(outer));
  const scale = ops.maximum(value, SMALLEST_GAP);
  const tail = ops.matMul(ops.matMul(projector, matrices), projector);
  // No entry of a matrix whose eigenvalues lie within ±1 lies outside; rounding must not grow when it is squared.
  const bounded = (x: tf.Tensor3D): tf.Tensor3D => ops.clipByValue(x, -1, 1);
  let power = bounded(ops.div(tail, scale));
  let sum: tf.Tensor3D = ops.add(power, identity);
  for (let round = 1; round < DOUBLINGS; round++) {
    power = bounded(ops.matMul(power, power));
    sum = ops.matMul(sum, ops.add(power, identity));
  }
  const unknown = ops.div<tf.Tensor3D>(ops.matMul(ops.matMul(projector, sum), projector), scale);
  return ops.addN([unknown, ...known]);
}
