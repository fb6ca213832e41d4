import type { Say } from '../../protocol/say.ts';
import { drawing, label, tag } from '../svg.ts';
import { linearScale } from './scale.ts';

export interface Interval {
  readonly name: string;
  readonly difference: number;
  readonly interval: readonly [number, number] | null;
}

const WIDTH = 760;
const NAMES = 240;
const RIGHT = 24;
const ROW = 28;
const FOOT = 34;

/** Differences with their intervals, one below the other, beside a line at zero. */
export function intervalChart(rows: readonly Interval[], unit: string, say: Say): string {
  const ends = rows.flatMap(({ difference, interval }) => [0, difference, ...(interval ?? [])]);
  const x = linearScale(ends, NAMES, WIDTH - RIGHT);
  const bottom = rows.length * ROW + 8;
  return drawing(
    WIDTH,
    bottom + FOOT,
    rows.map((row) => summaryOf(row, say)).join('; '),
    ...x.ticks.flatMap(({ value, text }) => [
      tag('line', { x1: x.at(value), x2: x.at(value), y1: 4, y2: bottom, class: 'grid' }),
      label(x.at(value), bottom + 14, text, { 'text-anchor': 'middle' }),
    ]),
    tag('line', { x1: x.at(0), x2: x.at(0), y1: 4, y2: bottom, class: 'zero' }),
    label((NAMES + WIDTH - RIGHT) / 2, bottom + 30, unit, { 'text-anchor': 'middle' }),
    ...rows.flatMap(({ name, difference, interval }, at) => {
      const y = at * ROW + ROW / 2 + 4;
      return [
        label(0, y + 4, shortened(name)),
        ...(interval === null
          ? []
          : [tag('line', { x1: x.at(interval[0]), x2: x.at(interval[1]), y1: y, y2: y, class: 'range' })]),
        tag('circle', { cx: x.at(difference), cy: y, r: 5, class: interval === null ? 'open' : 'point' }),
      ];
    }),
  );
}

const LONGEST_NAME = 34;

function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function summaryOf({ name, difference, interval }: Interval, say: Say): string {
  const mean = difference.toFixed(2);
  if (interval === null) return say`${name}: difference ${mean}, no interval`;
  const [low, high] = interval;
  return say`${name}: difference ${mean}, interval ${low.toFixed(2)} to ${high.toFixed(2)}`;
}
