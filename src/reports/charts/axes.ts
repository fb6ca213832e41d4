import { label, tag } from '../svg.ts';
import type { Scale } from './scale.ts';

/** Where the curves of a chart lie, in pixels of the drawing. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  /** Of the drawing without a legend. */
  readonly height: number;
}

/** Lines across at the ticks of y, the names of both axes' ticks, and below them what x is. */
export function axes(
  { left, right, bottom, height }: Plot,
  x: Scale,
  y: Scale,
  xName: string,
): readonly string[] {
  return [
    ...y.ticks.flatMap(({ value, text }) => [
      tag('line', { x1: left, x2: right, y1: y.at(value), y2: y.at(value), class: 'grid' }),
      label(left - 6, y.at(value) + 4, text, { 'text-anchor': 'end' }),
    ]),
    ...x.ticks.map(({ value, text }) => label(x.at(value), bottom + 16, text, { 'text-anchor': 'middle' })),
    label((left + right) / 2, height - 6, xName, { 'text-anchor': 'middle' }),
  ];
}
