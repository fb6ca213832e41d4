import { RAW } from '../chart/table.ts';
import { countText } from '../format.ts';
import { strings } from '../strings.ts';
import type { Line, LinePoint } from './line.ts';

/** A description can name so many lines. */
const MOST_LINES = 12;

/** Lines in words: where each began, where it is, how low and how high it went. */
export function summaryOf(lines: readonly Line[], yText: (y: number) => string): string {
  const own = lines.filter(({ role }) => role === 'main');
  const parts = own.slice(0, MOST_LINES).flatMap(({ label, points }) => {
    const found = extentOf(points);
    if (found === null) return [];
    const { first, last, low, high } = found;
    return [strings.lineSummary(label, yText(first), yText(last), yText(low), yText(high))];
  });
  const more = own.length - MOST_LINES;
  const all = more > 0 ? [...parts, strings.moreLines(countText(more))] : parts;
  return all.length === 0 ? strings.emptyChart : all.join('; ');
}

interface Extent {
  readonly first: number;
  readonly last: number;
  readonly low: number;
  readonly high: number;
}

/** Lists of points never change, and a chart is described anew with each message. */
const known = new WeakMap<readonly LinePoint[], Extent | null>();

/** Of the values recorded that are finite numbers; null where there is none. */
function extentOf(points: readonly LinePoint[]): Extent | null {
  const before = known.get(points);
  if (before !== undefined) return before;
  let [first, last, low, high] = [NaN, NaN, Infinity, -Infinity];
  for (const point of points) {
    const y = recorded(point);
    if (!Number.isFinite(y)) continue;
    if (Number.isNaN(first)) first = y;
    last = y;
    if (y < low) low = y;
    if (y > high) high = y;
  }
  const found = Number.isNaN(first) ? null : { first, last, low, high };
  known.set(points, found);
  return found;
}

/** What the picture cannot show, said beside it. */
export function remarksOn(lines: readonly Line[], isLogarithmic: boolean, xText = countText): string[] {
  const seeds = new Set(lines.filter(isSeed).map(({ group }) => group));
  return lines
    .filter((line) => !line.id.endsWith(RAW) && (isSeed(line) || !seeds.has(line.group)))
    .slice(0, MOST_LINES)
    .flatMap(({ label, points }) => {
      const broken = points.filter((point) => !Number.isFinite(recorded(point)));
      const low = isLogarithmic ? points.filter((point) => recorded(point) <= 0) : [];
      return [
        ...(broken[0] ? [strings.notFinite(countText(broken.length), xText(broken[0].x), label)] : []),
        ...(low.length > 0 ? [strings.notOnLogAxis(countText(low.length), label)] : []),
      ];
    });
}

/** One of several behind their mean. */
function isSeed({ role, id }: Line): boolean {
  return role === 'background' && !id.endsWith(RAW);
}

function recorded({ raw, y }: LinePoint): number {
  return raw ?? y;
}
