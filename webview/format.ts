import type { JsonNumber } from '../src/protocol/records.ts';
import { fromJsonNumber } from '../src/protocol/panel-content.ts';
import { strings } from './strings.ts';

/** Numbers, times and names as the person's language writes them. */
const written = typeof document === 'undefined' ? '' : document.documentElement.lang;
const language = isLanguage(written) ? written : undefined;

const significant = formatter({ maximumSignificantDigits: 4 });
const scientific = formatter({ notation: 'scientific', maximumSignificantDigits: 4 });
const compact = formatter({ notation: 'compact', maximumSignificantDigits: 3 });
const whole = formatter({ maximumFractionDigits: 0 });
const percent = formatter({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
const wholePercent = formatter({ style: 'percent', maximumFractionDigits: 0 });
const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });

/** The browser throws where a tag is none. */
function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return new Intl.NumberFormat(language, options);
}

/** Four significant digits; what is no finite number by its name. */
export function numberText(value: JsonNumber): string {
  const number = fromJsonNumber(value);
  if (!Number.isFinite(number)) return notFiniteText(number);
  const size = Math.abs(number);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? scientific.format(number) : significant.format(number);
}

function notFiniteText(number: number): string {
  return Number.isNaN(number) ? strings.notANumber : number > 0 ? '∞' : '−∞';
}

export function countText(value: number): string {
  return whole.format(value);
}

/** 78 thousand as `78K`. */
export function compactText(value: number): string {
  return compact.format(value);
}

export function shareText(value: JsonNumber): string {
  const number = fromJsonNumber(value);
  return Number.isFinite(number) ? percent.format(number) : notFiniteText(number);
}

export function wholeShareText(value: number): string {
  return wholePercent.format(Math.min(1, Math.max(0, value)));
}

/** `1.2 MB` */
export function bytesText(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return formatter({
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: 'short',
    maximumSignificantDigits: 3,
  }).format(bytes / 1000 ** power);
}

/** A share on an axis: no more digits than it needs. */
export function shareTickText(value: number): string {
  return tickPercent.format(value);
}
const tickPercent = formatter({ style: 'percent', maximumFractionDigits: 1 });

/** A number on an axis: rounded, so that 0.30000000000000004 is 0.3. */
export function tickText(value: number): string {
  return numberText(Number(value.toPrecision(6)));
}

/** A difference of two shares in percentage points, with its sign. */
export function pointsText(difference: number, digits = 1): string {
  if (!Number.isFinite(difference)) return notFiniteText(difference);
  return signed({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(difference);
}

/** A difference in nats, with its sign. */
export function signedText(difference: number): string {
  return signed({ maximumSignificantDigits: 3 }).format(difference);
}

function signed(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return formatter({ ...options, signDisplay: 'exceptZero' });
}

/** Correlation-like values: two digits after the point. */
export const similarityText = (value: number): string =>
  Number.isFinite(value) ? twoDigits.format(value) : notFiniteText(value);
const twoDigits = formatter({ minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function dateText(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : dates.format(time);
}

/** A moment in seconds since 1970; empty where the calendar does not reach. */
export function momentText(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? '' : dates.format(time);
}

/** `2 h 5 min`, `3 min`, `40 s`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  const unit = (value: number, name: string) =>
    formatter({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value);
  const all = Math.ceil(seconds);
  if (all < 60) return unit(all, 'second');
  const minutes = Math.round(all / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}

/** Time as on a clock that was started at zero: `3:20`, `1:03:20`. */
export function clockText(seconds: number): string {
  if (!Number.isFinite(seconds)) return notFiniteText(seconds);
  const all = Math.round(Math.abs(seconds));
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  const parts = hours > 0 ? [whole.format(hours), twoPlaces.format(minutes)] : [whole.format(minutes)];
  return `${seconds < 0 ? '−' : ''}${[...parts, twoPlaces.format(all % 60)].join(':')}`;
}
const twoPlaces = formatter({ minimumIntegerDigits: 2 });

/** A metric on its own scale: shares as percent, all else as a number. */
export function metricText(metric: string, value: JsonNumber): string {
  return isShare(metric) ? shareText(value) : numberText(value);
}

/** Metrics that are shares of one. */
export function isShare(metric: string): boolean {
  return (
    /(^|\/)(top\d+)?accuracy$/iu.test(metric) || metric.startsWith('gradientShare/') || metric === 'agreement'
  );
}
