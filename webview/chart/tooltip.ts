import { element, svg } from '../dom.ts';
import type { ColorName } from '../theme.ts';
import type { Marker } from '../curves/line.ts';
import { MARKER_SHAPES } from './pen.ts';

export interface TooltipRow {
  readonly color: ColorName;
  readonly marker: Marker;
  readonly text: string;
}

export interface TooltipContent {
  readonly title: string;
  readonly rows: readonly TooltipRow[];
  /** What is said below, such as how many lines have no row. */
  readonly notes: readonly string[];
}

/** Between the pointer and the box. */
const DISTANCE = 14;

/** The values at a place of a chart. It is for the eye; a screen reader is told by the live region. */
export class Tooltip {
  readonly element = element('div', { class: 'chart-tooltip', attributes: { 'aria-hidden': 'true' } });

  constructor() {
    this.hide();
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** @param x where it points at; of the chart's `width` */
  show({ title, rows, notes }: TooltipContent, x: number, y: number, width: number): void {
    this.element.replaceChildren(
      element('p', { class: 'chart-tooltip-title' }, title),
      ...rows.map(({ color, marker, text }) =>
        element('p', { class: 'chart-tooltip-row' }, markerIcon(marker, color), element('span', {}, text)),
      ),
      ...notes.map((note) => element('p', { class: 'note' }, note)),
    );
    this.element.hidden = false;
    const { style, offsetWidth } = this.element;
    const isLeft = x > width / 2;
    // Physical sides: the picture itself runs from left to right in every language.
    const left = isLeft ? x - DISTANCE - offsetWidth : x + DISTANCE;
    style.left = `${Math.max(0, Math.min(left, width - offsetWidth))}px`;
    style.top = `${Math.max(0, y)}px`;
  }
}

/** A marker as a small picture. */
export function markerIcon(marker: Marker, color: ColorName): SVGElement {
  return svg(
    'svg',
    { viewBox: '-6 -6 12 12', width: 12, height: 12, class: `swatch color-${color}`, 'aria-hidden': 'true' },
    svg('path', { d: markerPath(marker, 4), class: 'swatch-marker' }),
  );
}

/** A marker around the origin as the data of a path. */
export function markerPath(marker: Marker, size: number): string {
  if (marker === 'circle')
    return `M${-size} 0a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0Z`;
  const points = MARKER_SHAPES[marker].map(([x, y]) => `${(x * size).toFixed(2)} ${(y * size).toFixed(2)}`);
  return `M${points.join('L')}Z`;
}
