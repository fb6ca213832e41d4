import { metricNamed } from '../src/protocol/compared-metric.ts';
import type { ComparedMetric } from '../src/protocol/comparison.ts';
import { isMainMetric } from '../src/protocol/main-metric.ts';
import type { JsonNumber } from '../src/protocol/records.ts';
import { numberText, pointsText, shareText, signedText } from './format.ts';
import { strings } from './strings.ts';

type Unit = ComparedMetric['unit'];

/** Null: of a metric of a later version. */
export function unitOf(metric: string): Unit | null {
  return metricNamed(metric)?.unit ?? null;
}

/** A value of what models are judged by: a share in percent, all else with its unit. */
export function judgedText(metric: string, value: JsonNumber): string {
  const unit = unitOf(metric);
  if (unit === 'points') return shareText(value);
  return unit === null ? numberText(value) : withUnit(numberText(value), unit);
}

/** The same where nothing around it says what it is: of accuracy and PSNR the unit does. */
export function namedText(metric: string, text: string): string {
  return isMainMetric(metric) ? text : `${text} ${metric}`;
}

/** A difference as a number alone: of shares in points, with two decimals. */
export function differenceIn(value: number, unit: Unit): string {
  return unit === 'points' ? pointsText(value, 2) : signedText(value);
}

/** A number with the unit behind it. */
export function withUnit(text: string, unit: Unit): string {
  if (unit === 'points') return strings.points(text);
  return unit === 'dB' ? strings.decibels(text) : strings.nats(text);
}

/** Both ends of the interval of a difference, without the unit. */
export function intervalText([low, high]: readonly [number, number], unit: Unit): string {
  return strings.intervalText(differenceIn(low, unit), differenceIn(high, unit));
}
