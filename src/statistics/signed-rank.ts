/** Above so many pairs the distribution is taken as normal: the exact one costs pairs³ operations. */
const MOST_EXACT_PAIRS = 120;

const cumulatives = new Map<number, Float64Array>();

/**
 * P(W ≤ w) of the signed rank sum W of `pairs` differences that are symmetric about 0:
 *
 *     W = Σᵢ i · sᵢ,  sᵢ ∈ {0, 1} with probability ½ each,  0 ≤ W ≤ M = n (n + 1) / 2
 *
 * exactly, by counting the subsets of 1..n with each sum; above 120 pairs by the normal distribution with mean M / 2 and variance
 * n (n + 1)(2n + 1) / 24, corrected for continuity. Source: Wilcoxon 1945.
 */
export function signedRankDistribution(w: number, pairs: number): number {
  if (w < 0) return 0;
  const most = (pairs * (pairs + 1)) / 2;
  if (w >= most) return 1;
  if (pairs > MOST_EXACT_PAIRS) {
    const deviation = Math.sqrt((pairs * (pairs + 1) * (2 * pairs + 1)) / 24);
    return normalDistribution((Math.floor(w) + 0.5 - most / 2) / deviation);
  }
  return cumulativeOf(pairs)[Math.floor(w)] ?? 1;
}

function cumulativeOf(pairs: number): Float64Array {
  const known = cumulatives.get(pairs);
  if (known !== undefined) return known;
  const most = (pairs * (pairs + 1)) / 2;
  const chance = new Float64Array(most + 1);
  chance[0] = 1;
  for (let rank = 1; rank <= pairs; rank++) {
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--) {
      const without = (chance[sum] ?? 0) / 2;
      chance[sum] = without + (sum >= rank ? (chance[sum - rank] ?? 0) / 2 : 0);
    }
  }
  for (let sum = 1; sum <= most; sum++) chance[sum] = (chance[sum] ?? 0) + (chance[sum - 1] ?? 0);
  cumulatives.set(pairs, chance);
  return chance;
}

export interface SignedRank {
  /** Two-sided probability of differences as far from 0 by chance. */
  readonly p: number;
  /** Values of the centre of the differences that the test does not reject; null where there are too few pairs for the level. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Wilcoxon's signed rank test of paired differences, and the interval that belongs to it. With the Walsh averages
 * A = {(dᵢ + dⱼ) / 2, i ≤ j} in order, and k the largest with 2 · P(W ≤ k − 1) ≤ α:
 *
 *     T = min(|{a ∈ A: a ≤ 0}|, |{a ∈ A: a ≥ 0}|),   p = min(1, 2 · P(W ≤ T))
 *     interval = [A₍ₖ₎, A₍ₘ₊₁₋ₖ₎],   M = n (n + 1) / 2
 *
 * The interval leaves 0 out exactly where p ≤ α. Needs 2 / 2ⁿ ≤ α, that is six pairs at 95 %. Source: Hollander, Wolfe and
 * Chicken, Nonparametric Statistical Methods, 3.1 and 3.3; zeros count against a difference (inferred).
 */
export function signedRank(differences: readonly number[], level: number): SignedRank {
  const count = differences.length;
  const averages: number[] = [];
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) averages.push(((differences[i] ?? NaN) + (differences[j] ?? NaN)) / 2);
  }
  averages.sort((a, b) => a - b);
  const most = averages.length;
  const below = averages.filter((one) => one <= 0).length;
  const above = averages.filter((one) => one >= 0).length;
  const p = Math.min(1, 2 * signedRankDistribution(Math.min(below, above), count));
  const cut = criticalCount(count, 1 - level);
  const [low, high] = [averages[cut - 1], averages[most - cut]];
  return { p, interval: cut === 0 || low === undefined || high === undefined ? null : [low, high] };
}

/** The largest k with 2 · P(W ≤ k − 1) ≤ α; 0 where there is none. */
function criticalCount(pairs: number, alpha: number): number {
  let cut = 0;
  const half = (pairs * (pairs + 1)) / 4;
  // A level such as 1 − 0.95 is not exactly 0.05.
  while (cut <= half && 2 * signedRankDistribution(cut, pairs) <= alpha * (1 + 1e-12)) cut++;
  return cut;
}

/** Pairs from which on the test can decide at all: 2 / 2ⁿ ≤ α. */
export function fewestForSignedRank(level: number): number {
  return Math.ceil(1 - Math.log2((1 - level) * (1 + 1e-12)));
}

/** Φ(x) = ½ erfc(−x / √2), by the continued fraction of Abramowitz and Stegun 26.2.14 in the tails and 26.2.11 between. */
function normalDistribution(x: number): number {
  const size = Math.abs(x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (size > 6) {
    let fraction = size;
    for (let term = 40; term >= 1; term--) fraction = size + term / fraction;
    return x < 0 ? density / fraction : 1 - density / fraction;
  }
  let [sum, part] = [x, x];
  for (let n = 3; Math.abs(part) > 1e-17 * Math.abs(sum); n += 2) {
    part *= (x * x) / n;
    sum += part;
  }
  return 0.5 + density * sum;
}
