import type { ComparedMetric } from '../protocol/comparison.ts';
import type { MainMetric } from '../protocol/main-metric.ts';

const share = (name: string, better: ComparedMetric['better'] = 'higher'): ComparedMetric => ({
  name,
  unit: 'points',
  better,
});

export const ACCURACY = share('accuracy');

const PSNR: ComparedMetric = { name: 'psnr', unit: 'dB', better: 'higher' };

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

/** How a metric of the records is compared; null for one that neither rises nor falls with a better model. */
export function metricNamed(name: string): ComparedMetric | null {
  const known = KNOWN.find((metric) => metric.name === name);
  if (known !== undefined) return known;
  if (/^(loss|loss\/.+)$/u.test(name)) return { name, unit: 'nats', better: 'lower' };
  return /^top\d+Accuracy$/u.test(name) ? share(name) : null;
}

/** How runs are judged, by what their models answer. */
export function comparedBy(metric: MainMetric): ComparedMetric {
  return metric === 'psnr' ? PSNR : ACCURACY;
}

/** A difference of two values of the metric in its unit. */
export function inUnit({ unit }: ComparedMetric, difference: number): number {
  return unit === 'points' ? difference * 100 : difference;
}
