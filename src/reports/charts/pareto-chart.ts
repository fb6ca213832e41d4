import type { Say } from '../../protocol/say.ts';
import { drawing, label, tag } from '../svg.ts';
import { axes } from './axes.ts';
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
const PLOT = { left: LEFT, right: WIDTH - RIGHT, bottom: HEIGHT - BOTTOM, height: HEIGHT };

/** What models reach over what they cost, the cost by powers of ten; those that another one beats are hollow. */
export function paretoChart(
  points: readonly ParetoPoint[],
  costName: string,
  valueName: string,
  say: Say,
): string {
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
    say`${valueName} over ${costName}: ${shown.map((point) => summaryOf(point, say)).join('; ')}`,
    ...axes(PLOT, x, y, costName),
    ...shown.flatMap(({ name, cost, value, isDominated }) => [
      tag('circle', { cx: x.at(cost), cy: y.at(value), r: 5, class: isDominated ? 'open' : 'point' }),
      label(x.at(cost), y.at(value) - 9, name, { 'text-anchor': x.at(cost) > WIDTH / 2 ? 'end' : 'start' }),
    ]),
  );
}

function summaryOf({ name, cost, value, isDominated }: ParetoPoint, say: Say): string {
  const [reached, spent] = [Number(value.toPrecision(4)), Number(cost.toPrecision(4))];
  return isDominated
    ? say`${name}: ${reached} at ${spent}, another one beats it`
    : say`${name}: ${reached} at ${spent}`;
}
