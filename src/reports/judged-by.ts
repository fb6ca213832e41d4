import { settingsOf } from '../config/differences.ts';
import { metricChosenBy } from '../protocol/compared-metric.ts';
import type { ComparedMetric } from '../protocol/comparison.ts';
import { mainMetricOf } from '../protocol/main-metric.ts';
import type { PhaseResult } from '../protocol/records.ts';
import { comparedBy, commonMetric } from '../statistics/metrics.ts';

/** A run as far as it matters here. */
export interface Judged {
  /** The config as it ran, every default written out. */
  readonly config: string;
  /** What its students reached on the test split. */
  readonly tests: readonly PhaseResult['test'][];
}

/**
 * What students are compared by: the metric that chose their weights (`train.selectBy`), where all runs choose by the same one and all
 * have it on the test split; else accuracy, or PSNR where images are the answers.
 */
export function judgedBy(runs: readonly Judged[]): ComparedMetric {
  const tests = runs.flatMap((run) => run.tests);
  return (
    commonMetric(
      runs.map(({ config }) => chosenBy(config)),
      tests,
    ) ?? comparedBy(mainMetricOf(tests[0]))
  );
}

/** Null where it compares nothing. */
function chosenBy(config: string): ComparedMetric | null {
  const chosen = settingsOf(config).get('train.selectBy');
  return typeof chosen === 'string' ? metricChosenBy(chosen) : null;
}
