import { settingsOf } from '../config/differences.ts';
import type { ComparedMetric } from '../protocol/comparison.ts';
import { mainMetricOf } from '../protocol/main-metric.ts';
import type { PhaseResult } from '../protocol/records.ts';
import { comparedBy, metricNamed } from '../statistics/metrics.ts';

/** A run as far as it matters here. */
export interface Judged {
  /** The config as it ran, every default written out. */
  readonly config: string;
  /** What its students reached on the test split. */
  readonly tests: readonly PhaseResult['test'][];
}

/** Metrics that are chosen by, under the name that they have in the records where that is another. */
const RECORDED: Readonly<Record<string, string>> = { crossEntropy: 'loss/ce' };

/** Its terms and weights are others in each experiment: two of them say nothing of which student is better. */
const INCOMPARABLE = 'loss';

/**
 * What students are compared by: the metric that chose their weights (`train.selectBy`), where all runs choose by the same one and all
 * have it on the test split; else accuracy, or PSNR where images are the answers.
 */
export function judgedBy(runs: readonly Judged[]): ComparedMetric {
  const [chosen, ...others] = new Set(runs.map(({ config }) => chosenBy(config)));
  const tests = runs.flatMap((run) => run.tests);
  const metric = typeof chosen === 'string' && others.length === 0 ? metricNamed(chosen) : null;
  const isMeasured = metric !== null && tests.every((test) => test[metric.name] !== undefined);
  return isMeasured ? metric : comparedBy(mainMetricOf(tests[0]));
}

/** By its name in the records; null where it compares nothing. */
function chosenBy(config: string): string | null {
  const chosen = settingsOf(config).get('train.selectBy');
  return typeof chosen === 'string' && chosen !== INCOMPARABLE ? (RECORDED[chosen] ?? chosen) : null;
}
