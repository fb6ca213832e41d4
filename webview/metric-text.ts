import type { ComparedMetric } from '../src/protocol/comparison.ts';
import { pointsText, signedText } from './format.ts';
import { strings } from './strings.ts';

type Unit = ComparedMetric['unit'];

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
