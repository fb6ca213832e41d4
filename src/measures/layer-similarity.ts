import type { SimilarityMeasure } from '../protocol/records.ts';
import { uCentred, unbiasedHsic } from './unbiased-hsic.ts';

/** A similarity and how sure it is. */
export interface Similarity {
  /** −1..1: 1 the same representation, about 0 unrelated. */
  readonly value: number;
  /** Standard error over the batches; null of a single one. */
  readonly error: number | null;
}

/** What one layer brings to one measure: a U-centred kernel of each batch, and its product with itself. */
interface Kernels {
  readonly size: number;
  readonly centred: readonly Float64Array[];
  readonly own: readonly number[];
}

/** One layer, ready to be compared by every measure. */
export type LayerKernels = Readonly<Record<SimilarityMeasure, Kernels>>;

/** The kernel matrices of all batches from their Gram matrices, each a new one. */
type Kernel = (grams: readonly Float64Array[], n: number) => readonly Float64Array[];

/**
 * Each measure is a kernel between samples; all of them are compared in the same way.
 *
 *     linearCka             k(x, y) = ⟨x, y⟩                         Kornblith et al. 2019, section 3
 *     rbfCka                k(x, y) = exp(−‖x − y‖² / 2σ²)            the same; σ: the median distance of the layer
 *     distanceCorrelation   k(x, y) = −‖x − y‖                       Székely et al. 2007; Sejdinovic et al. 2013 for the equality
 */
const KERNELS: Readonly<Record<SimilarityMeasure, Kernel>> = {
  linearCka: (grams) => grams,
  rbfCka: (grams, n) => {
    const squares = grams.map((gram) => squaredDistances(gram, n));
    const width = medianAboveDiagonal(squares, n);
    for (const all of squares)
      for (let at = 0; at < all.length; at++)
        all[at] = width === 0 ? 1 : Math.exp(-(all[at] ?? NaN) / (2 * width));
    return squares;
  },
  distanceCorrelation: (grams, n) =>
    grams.map((gram) => {
      const distances = squaredDistances(gram, n);
      for (let at = 0; at < distances.length; at++) distances[at] = -Math.sqrt(distances[at] ?? NaN);
      return distances;
    }),
};

/** @param grams `[batches, size, size]`, row-major, as `layerGrams` makes them */
export function layerKernels(grams: ArrayLike<number>, size: number): LayerKernels {
  const cells = size * size;
  const batches = Array.from({ length: grams.length / cells }, (_, batch) =>
    doubles(grams, batch * cells, cells),
  );
  const kernelsBy = (measure: SimilarityMeasure): Kernels => {
    const centred = KERNELS[measure](batches, size).map((kernel) => uCentred(kernel, size));
    return { size, centred, own: centred.map((one) => unbiasedHsic(one, one, size)) };
  };
  return {
    linearCka: kernelsBy('linearCka'),
    rbfCka: kernelsBy('rbfCka'),
    distanceCorrelation: kernelsBy('distanceCorrelation'),
  };
}

/**
 * How alike two layers are on the same samples, from b batches of n samples:
 *
 *     S = Σ_b HSIC₁(K_b, L_b) / √(Σ_b HSIC₁(K_b, K_b) · Σ_b HSIC₁(L_b, L_b))
 *
 * For CKA this is the minibatch CKA of Nguyen et al. 2021 (equation 3): without bias, so that it does not grow with the number of
 * features nor with small batches. For distances it is the bias-corrected distance correlation of Székely and Rizzo 2013, an
 * estimate of the *square* of the distance correlation. 0 where a layer says the same of every sample. The standard error is
 * the jackknife's over batches (Efron and Stein 1981):
 *
 *     se² = (b − 1)/b · Σ_b (S₋b − mean S₋b)²          S₋b: without batch b
 */
export function similarityOf(one: Kernels, other: Kernels): Similarity {
  const both = one.centred.map((centred, batch) =>
    unbiasedHsic(centred, other.centred[batch] ?? new Float64Array(), one.size),
  );
  const without = (left: number | null) => {
    const sum = (values: readonly number[]) =>
      values.reduce((total, value, batch) => (batch === left ? total : total + value), 0);
    const norms = Math.sqrt(sum(one.own)) * Math.sqrt(sum(other.own));
    return norms === 0 ? 0 : sum(both) / norms;
  };
  const value = without(null);
  const batches = both.length;
  if (batches < 2) return { value, error: null };
  const left = both.map((_, batch) => without(batch));
  const mean = left.reduce((sum, each) => sum + each, 0) / batches;
  const squares = left.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { value, error: Math.sqrt(((batches - 1) / batches) * squares) };
}

function doubles(values: ArrayLike<number>, from: number, count: number): Float64Array {
  const copy = new Float64Array(count);
  for (let at = 0; at < count; at++) copy[at] = values[from + at] ?? NaN;
  return copy;
}

/** ‖x_i − x_j‖² = g_ii + g_jj − 2 g_ij. */
function squaredDistances(gram: Float64Array, n: number): Float64Array {
  const squares = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const own = gram[i * n + i] ?? NaN;
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      squares[i * n + j] = Math.max(0, own + (gram[j * n + j] ?? NaN) - 2 * (gram[i * n + j] ?? NaN));
    }
  }
  return squares;
}

/** Of all pairs of samples within their batches. */
function medianAboveDiagonal(matrices: readonly Float64Array[], n: number): number {
  const sorted = new Float64Array((matrices.length * n * (n - 1)) / 2);
  let count = 0;
  for (const matrix of matrices)
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) sorted[count++] = matrix[i * n + j] ?? NaN;
  sorted.sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
