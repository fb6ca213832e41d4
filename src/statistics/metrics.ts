import { ACCURACY, PSNR } from '../protocol/compared-metric.ts';
import type { ComparedMetric } from '../protocol/comparison.ts';
import type { MainMetric } from '../protocol/main-metric.ts';

/** How runs are judged, by what their models answer. */
export function comparedBy(metric: MainMetric): ComparedMetric {
  return metric === 'psnr' ? PSNR : ACCURACY;
}

/** A difference of two values of the metric in its unit. */
export function inUnit({ unit }: ComparedMetric, difference: number): number {
  return unit === 'points' ? difference * 100 : difference;
}

/**
 * What students are compared by: the metric that chose the weights of all of them, where all have it on the test split; else null.
 *
 * @param chosen what chose the weights of each; null where that compares nothing
 * @param tests what they reached on the test split
 */
export function commonMetric(
  chosen: readonly (ComparedMetric | null)[],
  tests: readonly Readonly<Record<string, unknown>>[],
): ComparedMetric | null {
  const [metric = null, ...others] = chosen;
  const isCommon = metric !== null && others.every((other) => other?.name === metric.name);
  return isCommon && tests.every((test) => test[metric.name] !== undefined) ? metric : null;
}
