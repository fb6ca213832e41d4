import { shareText } from './number-text.ts';
import type { JsonNumber } from './records.ts';

type Values = Readonly<Record<string, JsonNumber | undefined>>;

/** What a model is judged by: how often it names the right class, or how near its images are to the true ones. */
export type MainMetric = 'accuracy' | 'psnr';

/** Of recorded values: `psnr` where images are the answers, else `accuracy`. */
export function mainMetricOf(values: Values | undefined): MainMetric {
  return values?.['psnr'] !== undefined && values['accuracy'] === undefined ? 'psnr' : 'accuracy';
}

/** `97.31 %`, `31.40 dB`; `—` where there is none. */
export function mainText(value: JsonNumber | undefined, metric: MainMetric, digits = 2): string {
  if (metric === 'accuracy') return shareText(value, digits);
  if (value === undefined) return '—';
  return typeof value === 'number' ? `${value.toFixed(digits)} dB` : value;
}

/** The metric of these values, as `mainText` writes it. */
export function mainValueText(values: Values | undefined, digits = 2): string {
  const metric = mainMetricOf(values);
  return mainText(values?.[metric], metric, digits);
}
