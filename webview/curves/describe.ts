import { countText } from '../format.ts';
import { strings } from '../strings.ts';
import type { Line } from './line.ts';

/** Lines in words: where each began, where it is, how low and how high it went. */
export function summaryOf(lines: readonly Line[], yText: (y: number) => string): string {
  const parts = lines
    .filter(({ role }) => role === 'main')
    .flatMap(({ label, points }) => {
      const values = points.map(({ y }) => y).filter((y) => Number.isFinite(y));
      const [first, last] = [values[0], values.at(-1)];
      if (first === undefined || last === undefined) return [];
      const low = values.reduce((a, b) => Math.min(a, b));
      const high = values.reduce((a, b) => Math.max(a, b));
      return [strings.lineSummary(label, yText(first), yText(last), yText(low), yText(high))];
    });
  return parts.length === 0 ? strings.emptyChart : strings.chartSummary(parts);
}

/** What the picture cannot show, said beside it. */
export function remarksOn(lines: readonly Line[], isLogarithmic: boolean): string[] {
  return lines
    .filter(({ id }) => !id.endsWith('mean'))
    .flatMap(({ label, points }) => {
      const broken = points.filter(({ y }) => !Number.isFinite(y));
      const low = isLogarithmic ? points.filter(({ y }) => y <= 0) : [];
      return [
        ...(broken[0] ? [strings.notFinite(countText(broken.length), countText(broken[0].x), label)] : []),
        ...(low.length > 0 ? [strings.notOnLogAxis(countText(low.length), label)] : []),
      ];
    });
}
