import { metricNamed } from './compared-metric.ts';
import { shareText } from './number-text.ts';
import type { JsonNumber, RunResults } from './records.ts';

type Values = Readonly<Record<string, JsonNumber | undefined>>;

/** What a model is judged by where nothing else is said: how often it names the right class, or how near its images are to the true ones. */
export type MainMetric = 'accuracy' | 'psnr';

/** A value of these says what it is without a name: a share alone is taken for accuracy, and decibels are of PSNR. */
export function isMainMetric(metric: string): metric is MainMetric {
  return metric === 'accuracy' || metric === 'psnr';
}

/** Of recorded values: `psnr` where images are the answers, else `accuracy`. */
export function mainMetricOf(values: Values | undefined): MainMetric {
  return values?.['psnr'] !== undefined && values['accuracy'] === undefined ? 'psnr' : 'accuracy';
}

/**
 * By what the models of a run are judged, by its name in the records: what chose their weights. Runs of earlier versions were judged by
 * accuracy, or by PSNR where images are the answers, whatever chose their weights.
 */
export function judgedMetricOf({ metric, verdict, phases }: RunResults): string {
  return metric ?? verdict?.metric ?? mainMetricOf(phases[0]?.test);
}

/** `97.31 %`, `31.40 dB`, `0.1312 nats`; `—` where there is none. */
export function mainText(value: JsonNumber | undefined, metric: string, digits = 2): string {
  const unit = metricNamed(metric)?.unit;
  if (unit === 'points') return shareText(value, digits);
  if (value === undefined) return '—';
  if (typeof value !== 'number') return value;
  if (unit === 'dB') return `${value.toFixed(digits)} dB`;
  return unit === 'nats' ? `${value.toFixed(digits + 2)} nats` : value.toFixed(digits + 2);
}

/** As tables write it: `accuracy`, `PSNR`, `macroF1`. */
export function metricTitle(metric: string): string {
  return metric === 'psnr' ? 'PSNR' : metric;
}

/** The metric of these values, as `mainText` writes it. */
export function mainValueText(values: Values | undefined, digits = 2): string {
  const metric = mainMetricOf(values);
  return mainText(values?.[metric], metric, digits);
}
