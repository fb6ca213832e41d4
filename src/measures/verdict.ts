import type { Verdict, VerdictWord } from '../protocol/records.ts';
import { studentTQuantile } from './student-t.ts';

/** Pairs below which no interval is given: two differences say next to nothing about their spread. */
const FEWEST_PAIRS = 3;
const LEVEL = 0.95;

/** Test accuracy of the student and of its equal-budget baseline under one seed, 0..1. */
export interface SeedPair {
  readonly seed: number;
  readonly student: number;
  readonly baseline: number;
}

/**
 * Whether the taught student beats the same student alone. With d the paired differences over n seeds, in points:
 *
 *     d̄ ± t(1 − α/2; n − 1) · s_d / √n          α = 0.05
 *
 * An interval above 0 is BEATS, one that does not reach above 0 is NO BEATS, one on both sides is INCONCLUSIVE.
 */
export function judge(pairs: readonly SeedPair[]): Verdict {
  const differences = pairs.map(({ student, baseline }) => (student - baseline) * 100);
  const mean = differences.reduce((sum, value) => sum + value, 0) / Math.max(1, pairs.length);
  const common = {
    metric: 'accuracy',
    difference: mean,
    unit: 'points',
    level: LEVEL,
    pairs: pairs.length,
    test: 'paired t',
  } as const;
  if (pairs.length < FEWEST_PAIRS) {
    const note = `${pairs.length} paired ${pairs.length === 1 ? 'seed is' : 'seeds are'} too few for an interval; run at least ${FEWEST_PAIRS} (compare.seeds).`;
    return { ...common, verdict: 'INCONCLUSIVE', interval: null, note };
  }
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (pairs.length - 1);
  const half = studentTQuantile((1 + LEVEL) / 2, pairs.length - 1) * Math.sqrt(variance / pairs.length);
  const interval = [mean - half, mean + half] as const;
  const verdict = wordFor(interval);
  const spread = variance === 0 ? ' All seeds differ by the same amount, so the interval has no width.' : '';
  return { ...common, verdict, interval, note: NOTES[verdict] + spread };
}

function wordFor([low, high]: readonly [number, number]): VerdictWord {
  if (low > 0) return 'BEATS';
  return high <= 0 ? 'NO BEATS' : 'INCONCLUSIVE';
}

const NOTES: Readonly<Record<VerdictWord, string>> = {
  BEATS: 'The whole interval lies above 0: the teacher helped.',
  'NO BEATS': 'The whole interval lies at or below 0: the teacher did not help.',
  INCONCLUSIVE: 'The interval reaches to both sides of 0: more seeds would narrow it.',
};
