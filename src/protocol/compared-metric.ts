import type { ComparedMetric } from './comparison.ts';

const share = (name: string, better: ComparedMetric['better'] = 'higher'): ComparedMetric => ({
  name,
  unit: 'points',
  better,
});

export const ACCURACY = share('accuracy');

export const PSNR: ComparedMetric = { name: 'psnr', unit: 'dB', better: 'higher' };

/** What is measured on the test split: shares are compared in points (hundredths), losses in nats, images in dB. */
const KNOWN: readonly ComparedMetric[] = [
  ACCURACY,
  share('balancedAccuracy'),
  share('macroF1'),
  share('quadraticKappa'),
  share('calibrationError', 'lower'),
  PSNR,
  share('ssim'),
];

/** Metrics that are chosen by, under the name that they have in the records where that is another. */
const RECORDED: Readonly<Record<string, string>> = { crossEntropy: 'loss/ce' };

/** Its terms and weights are others in each experiment: two of them say nothing of which student is better. */
const INCOMPARABLE = 'loss';

/** How a metric of the records is compared; null for one that neither rises nor falls with a better model. */
export function metricNamed(name: string): ComparedMetric | null {
  const known = KNOWN.find((metric) => metric.name === name);
  if (known !== undefined) return known;
  if (/^(loss|loss\/.+)$/u.test(name)) return { name, unit: 'nats', better: 'lower' };
  return /^top\d+Accuracy$/u.test(name) ? share(name) : null;
}

/** How students are compared whose weights were chosen by this (`selectBy`); null where it compares nothing. */
export function metricChosenBy(selectBy: string): ComparedMetric | null {
  return selectBy === INCOMPARABLE ? null : metricNamed(RECORDED[selectBy] ?? selectBy);
}
