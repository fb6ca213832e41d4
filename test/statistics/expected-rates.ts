/**
 * What a test of n paired differences with mean μ and spread σ should find, reckoned without any of the product's own formulas:
 * by integration, by counting, and by the binomial distribution for how far a simulated share may lie from it.
 */

/** Φ(x) = ½ + φ(x) · Σ xᵏ / (1 · 3 · … · k) over odd k (Marsaglia 2004). */
function normalDistribution(x: number): number {
  if (Math.abs(x) > 8) return x < 0 ? 0 : 1;
  let [term, sum] = [x, x];
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + sum * (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
}

const GRID = 4000;
/** χ(ν) / √ν lies below it but for 1e-20 and less, from two degrees of freedom on. */
const WIDEST = 7;

/**
 * P(d̄ / (s_d / √n) > c) for differences of mean `effect` times their spread, T = (Z + effect · √n) / S with S = χ(ν) / √ν and
 * ν = n − 1 (the noncentral t distribution), by Simpson's rule over S:
 *
 *     ∫ Φ(effect · √n − c · s) · f(s) ds,   f(s) ∝ s^(ν−1) · exp(−ν s² / 2)
 */
export function tPower(effect: number, pairs: number, critical: number): number {
  const freedom = pairs - 1;
  let [sum, whole] = [0, 0];
  for (let i = 0; i <= GRID; i++) {
    const s = (i * WIDEST) / GRID;
    const weight = i === 0 || i === GRID ? 1 : i % 2 === 1 ? 4 : 2;
    const density =
      s === 0 ? Number(freedom === 1) : Math.exp((freedom - 1) * Math.log(s) - (freedom * s * s) / 2);
    sum += weight * density * normalDistribution(effect * Math.sqrt(pairs) - critical * s);
    whole += weight * density;
  }
  return sum / whole;
}

/** The c with P(T > c) = `tail` where there is no effect, by halving. */
export function tCritical(pairs: number, tail: number): number {
  let [low, high] = [0, 1];
  while (tPower(0, pairs, high) > tail) high *= 2;
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (tPower(0, pairs, middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The largest chance of at most `tail` with which a signed rank sum can be so small: all 2ⁿ signs are tried. */
export function signedRankTail(pairs: number, tail: number): number {
  const all = 2 ** pairs;
  const counts = new Array<number>((pairs * (pairs + 1)) / 2 + 1).fill(0);
  for (let signs = 0; signs < all; signs++) {
    let sum = 0;
    for (let rank = 1; rank <= pairs; rank++) if ((signs >> (rank - 1)) % 2 !== 0) sum += rank;
    counts[sum] = (counts[sum] ?? 0) + 1;
  }
  let reached = 0;
  for (const count of counts) {
    if ((reached + count) / all > tail) break;
    reached += count;
  }
  return reached / all;
}

/** Counts of successes among `count` outside of which, on either side, no more than `tail` of all experiments lie. */
export function binomialBounds(
  count: number,
  probability: number,
  tail: number,
): { readonly least: number; readonly most: number } {
  return {
    least: lowest(count, probability, tail),
    most: count - lowest(count, 1 - probability, tail),
  };
}

/** The largest k with P(X < k) ≤ tail, by summing ln P(X = k) upwards. */
function lowest(count: number, probability: number, tail: number): number {
  if (probability <= 0) return 0;
  if (probability >= 1) return count;
  const odds = Math.log(probability / (1 - probability));
  let logarithm = count * Math.log1p(-probability);
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += Math.exp(logarithm);
    if (below > tail) return k;
    logarithm += Math.log((count - k) / (k + 1)) + odds;
  }
  return count;
}
