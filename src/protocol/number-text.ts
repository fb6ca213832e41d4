import type { JsonNumber } from './records.ts';

/** `97.31 %` of a share; `—` where there is none. */
export function shareText(share: JsonNumber | undefined, digits = 2): string {
  if (share === undefined) return '—';
  return typeof share === 'number' ? `${(share * 100).toFixed(digits)} %` : share;
}

/** Three or four significant digits: `0.412`, `12.3`, `NaN`. */
export function valueText(value: JsonNumber | undefined): string {
  if (value === undefined) return '—';
  return typeof value === 'number' ? value.toPrecision(3) : value;
}

/** `1,234`, `270 k`, `41.2 M`. */
export function countText(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} G`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  if (count >= 1e4) return `${(count / 1e3).toFixed(0)} k`;
  return count.toLocaleString('en-US');
}

/** With its sign, a minus that is a minus: `+0.82`. */
export function signedText(value: number, digits: number): string {
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±';
  return `${sign}${Math.abs(value).toFixed(digits)}`;
}
