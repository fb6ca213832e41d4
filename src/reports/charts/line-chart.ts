import type { Say } from '../../protocol/say.ts';
import { drawing, label, pathThrough, tag } from '../svg.ts';
import { axes } from './axes.ts';
import { linearScale } from './scale.ts';

export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

const WIDTH = 760;
const HEIGHT = 280;
const LEFT = 56;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 40;
const PLOT = { left: LEFT, right: WIDTH - RIGHT, bottom: HEIGHT - BOTTOM, height: HEIGHT };
/** A legend line holds so many entries. */
const IN_A_ROW = 3;
const ROW_HEIGHT = 18;
/** Kinds of lines told apart without colour: dash patterns of the style sheet. */
const KINDS = 8;

/** Curves over a common axis, with their legend. */
export function lineChart(lines: readonly ChartLine[], xName: string, yName: string, say: Say): string {
  const points = lines.flatMap((line) => line.points);
  const x = linearScale(
    points.map(([at]) => at),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = linearScale(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const rows = Math.ceil(lines.length / IN_A_ROW);
  const summary = say`${yName} over ${xName}: ${lines.map((line) => summaryOf(line, say)).join('; ')}`;
  return drawing(
    WIDTH,
    HEIGHT + rows * ROW_HEIGHT,
    summary,
    ...axes(PLOT, x, y, xName),
    ...lines.map(({ points: own }, at) =>
      tag('path', {
        d: pathThrough(own.map(([step, value]) => [x.at(step), y.at(value)])),
        class: `line kind-${at % KINDS}`,
      }),
    ),
    ...lines.map(({ name }, at) => legendEntry(name, at)),
  );
}

function legendEntry(name: string, at: number): string {
  const left = LEFT + (at % IN_A_ROW) * ((WIDTH - LEFT - RIGHT) / IN_A_ROW);
  const top = HEIGHT + Math.floor(at / IN_A_ROW) * ROW_HEIGHT + 8;
  return (
    tag('line', { x1: left, x2: left + 28, y1: top, y2: top, class: `line kind-${at % KINDS}` }) +
    label(left + 34, top + 4, name)
  );
}

function summaryOf({ name, points }: ChartLine, say: Say): string {
  const [first, last] = [points[0]?.[1], points.at(-1)?.[1]];
  return first === undefined || last === undefined
    ? say`${name}: no values`
    : say`${name} from ${Number(first.toPrecision(4))} to ${Number(last.toPrecision(4))}`;
}
