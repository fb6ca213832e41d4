import type { Verdict } from '../../src/protocol/records.ts';
import { svg } from '../dom.ts';
import { strings } from '../strings.ts';

const WIDTH = 400;
const HEIGHT = 44;
const MARGIN = 16;

/** The difference and its interval on a line with zero: an interval that holds zero says that either may be better. */
export function intervalPicture(verdict: Verdict, text: (value: number) => string): SVGElement {
  const [low, high] = verdict.interval ?? [verdict.difference, verdict.difference];
  const reach = Math.max(Math.abs(low), Math.abs(high), Math.abs(verdict.difference), Number.EPSILON) * 1.1;
  const x = (value: number) => MARGIN + ((value + reach) / (2 * reach)) * (WIDTH - 2 * MARGIN);
  const middle = 16;
  const line = (x1: number, y1: number, x2: number, y2: number, kind: string) =>
    svg('line', { x1, y1, x2, y2, class: kind });
  const label = (value: number, content: string) => {
    const made = svg('text', {
      x: x(value),
      y: HEIGHT - 4,
      'text-anchor': 'middle',
      class: 'interval-label',
    });
    made.textContent = content;
    return made;
  };
  return svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: 'interval-picture',
      role: 'img',
      'aria-label': strings.intervalPicture(text(verdict.difference), text(low), text(high)),
    },
    line(MARGIN, middle, WIDTH - MARGIN, middle, 'interval-axis'),
    line(x(0), 2, x(0), 30, 'interval-zero'),
    line(x(low), middle, x(high), middle, 'interval-range'),
    line(x(low), middle - 6, x(low), middle + 6, 'interval-end'),
    line(x(high), middle - 6, x(high), middle + 6, 'interval-end'),
    svg('circle', { cx: x(verdict.difference), cy: middle, r: 5, class: 'interval-point' }),
    label(0, '0'),
    ...(verdict.interval ? endLabels(low, high) : []),
  );

  /** Labels that would stand on one another or on the zero are left to the text. */
  function endLabels(from: number, to: number): SVGElement[] {
    const isFree = (value: number) => Math.abs(x(value) - x(0)) > 34;
    const ends = x(to) - x(from) > 60 ? [from, to] : [to];
    return ends.filter(isFree).map((value) => label(value, text(value)));
  }
}
