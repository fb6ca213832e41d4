import type { JsonNumber } from '../../protocol/records.ts';

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

const BARS = '▁▂▃▄▅▆▇█';

/** A small curve of the last values, scaled to its own range. */
export function curveText(values: readonly number[], width: number): string {
  const finite = values.filter(Number.isFinite);
  const shown = thin(finite, width);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const top = BARS.length - 1;
  return shown
    .map((value) => BARS[high > low ? Math.round(((value - low) / (high - low)) * top) : 0] ?? '')
    .join('');
}

/** At most `count` means of equal stretches. */
function thin(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, i) => {
    const stretch = values.slice(
      Math.floor((i * values.length) / count),
      Math.floor(((i + 1) * values.length) / count),
    );
    return stretch.reduce((sum, value) => sum + value, 0) / stretch.length;
  });
}

/** `[#####-----]` */
export function barText(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `[${'█'.repeat(full)}${'░'.repeat(width - full)}]`;
}
