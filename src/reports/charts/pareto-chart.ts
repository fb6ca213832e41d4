import { drawing, label, tag } from '../svg.ts';
import { linearScale, logarithmicScale } from './scale.ts';

export interface ParetoPoint {
  readonly name: string;
  readonly cost: number;
  readonly value: number;
  readonly isDominated: boolean;
}

const WIDTH = 370;
const HEIGHT = 280;
const LEFT = 52;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 42;

/** What models reach over what they cost, the cost by powers of ten; those that another one beats are hollow. */
export function paretoChart(points: readonly ParetoPoint[], costName: string, valueName: string): string {
  const shown = points.filter(({ cost, value }) => cost > 0 && Number.isFinite(value));
  const x = logarithmicScale(
    shown.map(({ cost }) => cost),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = linearScale(
    shown.map(({ value }) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  return drawing(
    WIDTH,
    HEIGHT,
    `${valueName} over ${costName}: ${shown.map(summaryOf).join('; ')}`,
    ...y.ticks.flatMap(({ value, text }) => [
      tag('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y.at(value), y2: y.at(value), class: 'grid' }),
      label(LEFT - 6, y.at(value) + 4, text, { 'text-anchor': 'end' }),
    ]),
    ...x.ticks.map(({ value, text }) =>
      label(x.at(value), HEIGHT - BOTTOM + 16, text, { 'text-anchor': 'middle' }),
    ),
    label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, costName, { 'text-anchor': 'middle' }),
    ...shown.flatMap(({ name, cost, value, isDominated }) => [
      tag('circle', { cx: x.at(cost), cy: y.at(value), r: 5, class: isDominated ? 'open' : 'point' }),
      label(x.at(cost), y.at(value) - 9, name, { 'text-anchor': x.at(cost) > WIDTH / 2 ? 'end' : 'start' }),
    ]),
  );
}

function summaryOf({ name, cost, value, isDominated }: ParetoPoint): string {
  const behind = isDominated ? ', another one beats it' : '';
  return `${name}: ${Number(value.toPrecision(4))} at ${Number(cost.toPrecision(4))}${behind}`;
}
