/**
 * The Hilbert-Schmidt independence criterion without bias, by U-centred matrices.
 *
 *     Ã_ij = a_ij − r_i/(n−2) − r_j/(n−2) + s/((n−1)(n−2))      i ≠ j,  Ã_ii = 0
 *     r_i = Σ_{l≠i} a_il,  s = Σ_i r_i
 *     HSIC₁(A, B) = 1/(n(n−3)) · Σ_{i≠j} Ã_ij B̃_ij
 *
 * Equal to HSIC₁ of Song et al. 2012 ("Feature Selection via Dependence Maximization", equation 5), and with distances for a and
 * b to the unbiased squared distance covariance. Source: Székely and Rizzo 2014 ("Partial distance correlation with methods for
 * dissimilarities"), definition 2 and proposition 1. Its expectation does not depend on n, which is at least 4.
 */
export function unbiasedHsic(a: Float64Array, b: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum / (n * (n - 3));
}

/** U-centres a symmetric matrix `[n, n]`; its diagonal does not count. */
export function uCentred(matrix: ArrayLike<number>, n: number): Float64Array {
  const sums = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (j !== i) sums[i] = (sums[i] ?? 0) + (matrix[i * n + j] ?? NaN);
    total += sums[i] ?? 0;
  }
  const centred = new Float64Array(n * n);
  const all = total / ((n - 1) * (n - 2));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const rows = ((sums[i] ?? 0) + (sums[j] ?? 0)) / (n - 2);
      centred[i * n + j] = (matrix[i * n + j] ?? NaN) - rows + all;
    }
  }
  return centred;
}
