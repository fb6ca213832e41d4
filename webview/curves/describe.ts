import { RAW } from '../chart/table.ts';
import { countText } from '../format.ts';
import { strings } from '../strings.ts';
import type { Line } from './line.ts';
import type { LinePoints } from './points.ts';

/** A description can name so many lines. */
const MOST_LINES = 12;

/** Lines in words: where each began, where it is, how low and how high it went. */
export function summaryOf(lines: readonly Line[], yText: (y: number) => string): string {
  const own = lines.filter(({ role }) => role === 'main');
  const parts = own.slice(0, MOST_LINES).flatMap(({ label, points }) => {
    const { first, last, low, high } = extentOf(points);
    if (Number.isNaN(first)) return [];
    return [strings.lineSummary(label, yText(first), yText(last), yText(low), yText(high))];
  });
  const more = own.length - MOST_LINES;
  const all = more > 0 ? [...parts, strings.moreLines(countText(more))] : parts;
  return all.length === 0 ? strings.emptyChart : all.join('; ');
}

/** Of the values recorded that are finite numbers; NaN and infinite where there is none. */
interface Extent {
  readonly first: number;
  readonly last: number;
  readonly low: number;
  readonly high: number;
  /** How many are no finite numbers, and where the first of them is. */
  readonly broken: number;
  readonly firstBroken: number;
  /** How many have no place on a logarithmic axis. */
  readonly notAboveZero: number;
}

/** Points never change, and a chart is described anew with each message. */
const known = new WeakMap<LinePoints, Extent>();

function extentOf(points: LinePoints): Extent {
  const before = known.get(points);
  if (before !== undefined) return before;
  let [first, last, low, high] = [NaN, NaN, Infinity, -Infinity];
  let [broken, firstBroken, notAboveZero] = [0, NaN, 0];
  const { recorded, xs } = points;
  for (let row = 0; row < recorded.length; row += 1) {
    const y = recorded[row] ?? NaN;
    if (y <= 0) notAboveZero += 1;
    if (!Number.isFinite(y)) {
      if (broken === 0) firstBroken = xs[row] ?? NaN;
      broken += 1;
      continue;
    }
    if (Number.isNaN(first)) first = y;
    last = y;
    if (y < low) low = y;
    if (y > high) high = y;
  }
  const found = { first, last, low, high, broken, firstBroken, notAboveZero };
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
      const { broken, firstBroken, notAboveZero } = extentOf(points);
      return [
        ...(broken > 0 ? [strings.notFinite(countText(broken), xText(firstBroken), label)] : []),
        ...(isLogarithmic && notAboveZero > 0 ? [strings.notOnLogAxis(countText(notAboveZero), label)] : []),
      ];
    });
}

/** One of several behind their mean. */
function isSeed({ role, id }: Line): boolean {
  return role === 'background' && !id.endsWith(RAW);
}
