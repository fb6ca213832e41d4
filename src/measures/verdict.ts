import type { Verdict, VerdictWord } from '../protocol/records.ts';
import { studentTDistribution, studentTQuantile } from './student-t.ts';

/** Pairs below which no interval is given: two differences say next to nothing about their spread. */
const FEWEST_PAIRS = 3;
const LEVEL = 0.95;

/** Test accuracy of the student and of its equal-budget baseline under one seed, 0..1. */
export interface SeedPair {
  readonly seed: number;
  readonly student: number;
  readonly baseline: number;
}

/** More seeds than anybody will train. */
const MOST_SEEDS = 1000;

/**
 * Whether the taught student beats the same student alone. With d the paired differences over n seeds, in points:
 *
 *     d̄ ± t(1 − α/2; n − 1) · s_d / √n          α = 0.05
 *
 * An interval above 0 is BEATS, one that does not reach above 0 is NO BEATS, one on both sides is INCONCLUSIVE.
 */
export function judge(pairs: readonly SeedPair[], level = LEVEL): Verdict {
  const differences = pairs.map(({ student, baseline }) => (student - baseline) * 100);
  const mean = differences.reduce((sum, value) => sum + value, 0) / Math.max(1, pairs.length);
  const common = {
    metric: 'accuracy',
    difference: mean,
    unit: 'points',
    level,
    pairs: pairs.length,
    test: 'paired t',
  } as const;
  if (pairs.length < FEWEST_PAIRS) {
    const note = `${pairs.length} paired ${pairs.length === 1 ? 'seed is' : 'seeds are'} too few for an interval; run at least ${FEWEST_PAIRS} (compare.seeds).`;
    return { ...common, verdict: 'INCONCLUSIVE', interval: null, seedsToDecide: FEWEST_PAIRS, note };
  }
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (pairs.length - 1);
  const half = halfWidth(variance, pairs.length, level);
  const interval = [mean - half, mean + half] as const;
  const verdict = wordFor(interval);
  const spread = variance === 0 ? ' All seeds differ by the same amount, so the interval has no width.' : '';
  if (verdict !== 'INCONCLUSIVE') return { ...common, verdict, interval, note: NOTES[verdict] + spread };
  const needed = seedsToDecide(mean, variance, pairs.length, level);
  return { ...common, verdict, interval, seedsToDecide: needed, note: NOTES[verdict] + seedsText(needed) };
}

function halfWidth(variance: number, pairs: number, level: number): number {
  return studentTQuantile((1 + level) / 2, pairs - 1) * Math.sqrt(variance / pairs);
}

/**
 * The least number of seeds with which the interval would leave 0 out if difference and spread stayed as they are; null
 * where 1000 would not do. The true difference being the one seen, so many seeds decide in half of all cases.
 */
function seedsToDecide(mean: number, variance: number, pairs: number, level: number): number | null {
  const decides = (count: number) => halfWidth(variance, count, level) < Math.abs(mean);
  if (!decides(MOST_SEEDS)) return null;
  let [no, yes] = [pairs, MOST_SEEDS];
  while (yes - no > 1) {
    const middle = (no + yes) >> 1;
    if (decides(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

function seedsText(needed: number | null): string {
  return needed === null
    ? ' The difference is so small beside its spread that even 1000 seeds would hardly decide.'
    : ` If difference and spread stay as they are, ${needed} seeds decide. Fix their number before you look again.`;
}

/** The pairs of one of several students. */
export interface Contestant {
  readonly name: string;
  readonly pairs: readonly SeedPair[];
}

/**
 * Verdicts of several students against one baseline, with all of them together wrong at most as often as one would be
 * (Holm 1979): in order of their p-values, the k-th of m is judged at α / (m − k + 1); from the first that is not decided on,
 * all at its level.
 */
export function judgeAll(
  contestants: readonly Contestant[],
): readonly { readonly student: string; readonly verdict: Verdict }[] {
  const ranked = contestants
    .map(({ name, pairs }, at) => ({ name, pairs, at, p: pValue(pairs) }))
    .sort((a, b) => a.p - b.p || a.at - b.at);
  let share = 1 - LEVEL;
  let decided = true;
  const judged = ranked.map(({ name, pairs, at }, rank) => {
    if (decided) share = (1 - LEVEL) / (ranked.length - rank);
    const verdict = judge(pairs, 1 - share);
    decided &&= verdict.verdict !== 'INCONCLUSIVE';
    return { at, student: name, verdict: { ...verdict, test: corrected(verdict.test, ranked.length) } };
  });
  return judged.sort((a, b) => a.at - b.at).map(({ student, verdict }) => ({ student, verdict }));
}

function corrected(test: string, students: number): string {
  return students === 1 ? test : `${test}, Holm over ${students} students`;
}

/** Two-sided, of the paired t test; 1 where there are too few pairs. */
function pValue(pairs: readonly SeedPair[]): number {
  const { difference, interval, level } = judge(pairs);
  if (interval === null) return 1;
  const half = (interval[1] - interval[0]) / 2;
  if (half === 0) return difference === 0 ? 1 : 0;
  const t = (Math.abs(difference) / half) * studentTQuantile((1 + level) / 2, pairs.length - 1);
  return 2 * (1 - studentTDistribution(t, pairs.length - 1));
}

function wordFor([low, high]: readonly [number, number]): VerdictWord {
  if (low > 0) return 'BEATS';
  return high <= 0 ? 'NO BEATS' : 'INCONCLUSIVE';
}

const NOTES: Readonly<Record<VerdictWord, string>> = {
  BEATS: 'The whole interval lies above 0: the teacher helped.',
  'NO BEATS': 'The whole interval lies at or below 0: the teacher did not help.',
  INCONCLUSIVE: 'The interval reaches to both sides of 0.',
};
