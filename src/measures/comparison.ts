import type { Verdict, VerdictWord } from '../protocol/records.ts';
import { studentTDistribution } from './student-t.ts';
import { judge, type SeedPair } from './verdict.ts';

/** One of several students that are compared with the same baseline. */
export interface Comparison extends Verdict {
  /** Of the two-sided paired t test; null below three pairs. */
  readonly p: number | null;
  /** `p` after Holm's correction for all comparisons of the table. */
  readonly adjustedP: number | null;
  /** The verdict that `adjustedP` leaves. */
  readonly adjusted: VerdictWord;
}

/**
 * Judges many students against one baseline. Among many comparisons some intervals lie above 0 by chance, so each has a
 * second verdict, which holds for all of them together: the chance that any of them is wrong stays below 1 − level
 * (Holm 1979).
 *
 *     p₍₁₎ ≤ … ≤ p₍ₘ₎,  p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1) · p₍ⱼ₎)
 *
 * Students without an interval (below three pairs) are no part of the m.
 *
 * @param students pairs of each student with the baseline
 */
export function compareAll(students: readonly (readonly SeedPair[])[]): readonly Comparison[] {
  const verdicts = students.map((pairs) => ({ verdict: judge(pairs), p: probabilityOf(pairs) }));
  const adjusted = holm(verdicts.map(({ p }) => p));
  return verdicts.map(({ verdict, p }, at) => {
    const adjustedP = adjusted[at] ?? null;
    const significant = adjustedP !== null && adjustedP < 1 - verdict.level;
    const word = !significant ? 'INCONCLUSIVE' : verdict.difference > 0 ? 'BEATS' : 'NO BEATS';
    return { ...verdict, p, adjustedP, adjusted: word };
  });
}

/** P(|T| ≥ |t|) for t = d̄ / (s_d / √n) with n − 1 degrees of freedom; null below three pairs. */
function probabilityOf(pairs: readonly SeedPair[]): number | null {
  const count = pairs.length;
  if (count < 3) return null;
  const differences = pairs.map(({ student, baseline }) => student - baseline);
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  if (variance === 0) return mean === 0 ? 1 : 0;
  return 2 * studentTDistribution(-Math.abs(mean) / Math.sqrt(variance / count), count - 1);
}

function holm(probabilities: readonly (number | null)[]): readonly (number | null)[] {
  const order = probabilities
    .flatMap((p, at) => (p === null ? [] : [{ p, at }]))
    .sort((one, other) => one.p - other.p);
  const adjusted = probabilities.map((): number | null => null);
  let largest = 0;
  order.forEach(({ p, at }, rank) => {
    largest = Math.max(largest, Math.min(1, (order.length - rank) * p));
    adjusted[at] = largest;
  });
  return adjusted;
}
