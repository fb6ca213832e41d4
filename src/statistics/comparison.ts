import type { Comparison } from '../protocol/comparison.ts';
import { judge, probabilityOf, type Judging, type SeedPair } from './verdict.ts';

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
 * @param own what is asked of single students beside that, by their place: students of other tasks have other metrics
 */
export function compareAll(
  students: readonly (readonly SeedPair[])[],
  asked: Partial<Judging> = {},
  own: readonly Partial<Judging>[] = [],
): readonly Comparison[] {
  const verdicts = students.map((pairs, at) => {
    const all = { ...asked, ...own[at] };
    return { verdict: judge(pairs, all), p: probabilityOf(pairs, all), better: all.metric?.better };
  });
  const adjusted = holm(verdicts.map(({ p }) => p));
  return verdicts.map(({ verdict, p, better }, at) => {
    const adjustedP = adjusted[at] ?? null;
    const significant = adjustedP !== null && adjustedP < 1 - verdict.level;
    const isBetter = better === 'lower' ? verdict.difference < 0 : verdict.difference > 0;
    const word = !significant ? 'INCONCLUSIVE' : isBetter ? 'BEATS' : 'NO BEATS';
    return { ...verdict, p, adjustedP, adjusted: word };
  });
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
