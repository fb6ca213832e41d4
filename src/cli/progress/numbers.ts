export { countText, shareText, valueText } from '../../protocol/number-text.ts';

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
