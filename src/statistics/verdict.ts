import { ACCURACY } from '../protocol/compared-metric.ts';
import type { ComparedMetric, ComparisonTest } from '../protocol/comparison.ts';
import type { Verdict, VerdictWord } from '../protocol/records.ts';
import { inUnit } from './metrics.ts';
import { fewestForSignedRank, signedRank } from './signed-rank.ts';
import { studentTDistribution, studentTQuantile } from './student-t.ts';

/** Pairs below which no interval is given: two differences say next to nothing about their spread. */
const FEWEST_PAIRS = 3;
const LEVEL = 0.95;

/** The metric of the student and of what it is compared with under one seed, as the records have it. */
export interface SeedPair {
  readonly seed: number;
  readonly student: number;
  readonly baseline: number;
}

/** How pairs are judged. */
export interface Judging {
  readonly test: ComparisonTest;
  readonly level: number;
  readonly metric: ComparedMetric;
  /** What stands on the other side: the same student alone, or another student. */
  readonly against: 'alone' | 'other';
}

const USUAL: Judging = { test: 'pairedT', level: LEVEL, metric: ACCURACY, against: 'alone' };
const TEST_NAMES: Readonly<Record<ComparisonTest, string>> = {
  pairedT: 'paired t',
  wilcoxon: 'Wilcoxon signed rank',
};

/** More seeds than anybody will train. */
const MOST_SEEDS = 1000;
/** Of the signed rank test beside the t test where the differences are normal: 3 / π. */
const SIGNED_RANK_EFFICIENCY = 3 / Math.PI;

/**
 * Whether the taught student beats the same student alone. With d the paired differences over n seeds, in points or nats:
 *
 *     d̄ ± t(1 − α/2; n − 1) · s_d / √n          α = 0.05, or the interval of Wilcoxon's signed rank test
 *
 * An interval on the better side of 0 is BEATS, one that does not reach there is NO BEATS, one on both sides is INCONCLUSIVE.
 */
export function judge(pairs: readonly SeedPair[], asked: Partial<Judging> = {}): Verdict {
  const judging = { ...USUAL, ...asked };
  const { test, level, metric, against } = judging;
  const differences = differencesOf(pairs, metric);
  const mean = meanOf(differences);
  const common = {
    metric: metric.name,
    difference: mean,
    unit: metric.unit,
    level,
    pairs: pairs.length,
    test: TEST_NAMES[test],
  };
  const interval = intervalOf(differences, judging);
  if (interval === null) {
    const fewest = fewestPairs(judging);
    const note = `${pairs.length} paired ${pairs.length === 1 ? 'seed is' : 'seeds are'} too few for an interval; run at least ${fewest} (compare.seeds).`;
    return { ...common, verdict: 'INCONCLUSIVE', interval: null, seedsToDecide: fewest, note };
  }
  const verdict = wordFor(interval, metric);
  const spread =
    varianceOf(differences) === 0
      ? ' All seeds differ by the same amount, so the interval has no width.'
      : '';
  const note = NOTES[against][metric.better][verdict];
  if (verdict !== 'INCONCLUSIVE') return { ...common, verdict, interval, note: note + spread };
  const needed = seedsToDecide(differences, judging);
  return { ...common, verdict, interval, seedsToDecide: needed, note: note + seedsText(needed) };
}

/** Two-sided, of the test that was asked for; null where there are too few pairs for an interval. */
export function probabilityOf(pairs: readonly SeedPair[], asked: Partial<Judging> = {}): number | null {
  const judging = { ...USUAL, ...asked };
  const differences = differencesOf(pairs, judging.metric);
  if (pairs.length < fewestPairs(judging)) return null;
  if (judging.test === 'wilcoxon') return signedRank(differences, judging.level).p;
  // P(|T| ≥ |t|) for t = d̄ / (s_d / √n) with n − 1 degrees of freedom.
  const [mean, variance] = [meanOf(differences), varianceOf(differences)];
  if (variance === 0) return mean === 0 ? 1 : 0;
  return 2 * studentTDistribution(-Math.abs(mean) / Math.sqrt(variance / pairs.length), pairs.length - 1);
}

/** Pairs below which no verdict can be reached. */
export function fewestPairs({ test, level }: Pick<Judging, 'test' | 'level'>): number {
  return test === 'pairedT' ? FEWEST_PAIRS : Math.max(FEWEST_PAIRS, fewestForSignedRank(level));
}

function differencesOf(pairs: readonly SeedPair[], metric: ComparedMetric): readonly number[] {
  return pairs.map(({ student, baseline }) => inUnit(metric, student - baseline));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Of the sample: n − 1 in the denominator. */
function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function intervalOf(differences: readonly number[], judging: Judging): readonly [number, number] | null {
  if (differences.length < FEWEST_PAIRS) return null;
  if (judging.test === 'wilcoxon') return signedRank(differences, judging.level).interval;
  const mean = meanOf(differences);
  const half = halfWidth(varianceOf(differences), differences.length, judging.level);
  return [mean - half, mean + half];
}

function halfWidth(variance: number, pairs: number, level: number): number {
  return studentTQuantile((1 + level) / 2, pairs - 1) * Math.sqrt(variance / pairs);
}

/**
 * The least number of seeds with which the interval would leave 0 out if difference and spread stayed as they are; null where 1000
 * would not do. Reckoned with the t interval; the signed rank test needs π / 3 times as many (its efficiency for normal differences).
 *
 * The true difference being the one seen, so many new seeds decide in half of all cases. Where there is none, they are wrong at the
 * stated level; together with those that were looked at before, twice as often, since those have had their chance.
 */
function seedsToDecide(differences: readonly number[], judging: Judging): number | null {
  const [mean, variance] = [meanOf(differences), varianceOf(differences)];
  const scale = judging.test === 'wilcoxon' ? SIGNED_RANK_EFFICIENCY : 1;
  const decides = (count: number) => halfWidth(variance / scale, count, judging.level) < Math.abs(mean);
  if (!decides(MOST_SEEDS)) return null;
  let [no, yes] = [differences.length, MOST_SEEDS];
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
    : ` If difference and spread stay as they are, ${needed} seeds decide every second time. Take other ones and judge them alone: added to these, they would be wrong twice as often as stated.`;
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
  asked: Partial<Judging> = {},
): readonly { readonly student: string; readonly verdict: Verdict }[] {
  const { level } = { ...USUAL, ...asked };
  const ranked = contestants
    .map(({ name, pairs }, at) => ({ name, pairs, at, p: probabilityOf(pairs, asked) ?? 1 }))
    .sort((a, b) => a.p - b.p || a.at - b.at);
  let share = 1 - level;
  let decided = true;
  const judged = ranked.map(({ name, pairs, at }, rank) => {
    if (decided) share = (1 - level) / (ranked.length - rank);
    const verdict = judge(pairs, { ...asked, level: 1 - share });
    decided &&= verdict.verdict !== 'INCONCLUSIVE';
    return { at, student: name, verdict: { ...verdict, test: corrected(verdict.test, ranked.length) } };
  });
  return judged.sort((a, b) => a.at - b.at).map(({ student, verdict }) => ({ student, verdict }));
}

/** The name of a test that is corrected for the number of students. */
export function corrected(test: string, students: number): string {
  return students === 1 ? test : `${test}, Holm over ${students} students`;
}

function wordFor([low, high]: readonly [number, number], { better }: ComparedMetric): VerdictWord {
  const [worst, best] = better === 'higher' ? [low, high] : [-high, -low];
  if (worst > 0) return 'BEATS';
  return best <= 0 ? 'NO BEATS' : 'INCONCLUSIVE';
}

type Notes = Readonly<Record<VerdictWord, string>>;
const BOTH_SIDES = 'The interval reaches to both sides of 0.';
const NOTES: Readonly<Record<Judging['against'], Readonly<Record<ComparedMetric['better'], Notes>>>> = {
  alone: {
    higher: {
      BEATS: 'The whole interval lies above 0: the teacher helped.',
      'NO BEATS': 'The whole interval lies at or below 0: the teacher did not help.',
      INCONCLUSIVE: BOTH_SIDES,
    },
    lower: {
      BEATS: 'The whole interval lies below 0, and less is better: the teacher helped.',
      'NO BEATS': 'The whole interval lies at or above 0, and less is better: the teacher did not help.',
      INCONCLUSIVE: BOTH_SIDES,
    },
  },
  other: {
    higher: {
      BEATS: 'The whole interval lies above 0: it is better.',
      'NO BEATS': 'The whole interval lies at or below 0: it is not better.',
      INCONCLUSIVE: BOTH_SIDES,
    },
    lower: {
      BEATS: 'The whole interval lies below 0, and less is better: it is better.',
      'NO BEATS': 'The whole interval lies at or above 0, and less is better: it is not better.',
      INCONCLUSIVE: BOTH_SIDES,
    },
  },
};
