import { svg } from '../dom.ts';
import { compactText } from '../format.ts';
import { compareStrings } from './strings.ts';

export interface ParetoPoint {
  /** Number in the table of students. */
  readonly label: string;
  readonly name: string;
  readonly cost: number;
  readonly value: number;
  /** Null: nothing dominates it. */
  readonly behind: string | null;
}

const WIDTH = 420;
const HEIGHT = 260;
const LEFT = 60;
const RIGHT = 24;
const TOP = 16;
const BOTTOM = 40;

/**
 * What students reach over what they cost, the cost by powers of ten. Every point is reached by keys and speaks for itself; the
 * table of students holds the same numbers.
 */
export function paretoPicture(
  points: readonly ParetoPoint[],
  costName: string,
  valueName: string,
  text: (value: number) => string,
): SVGElement {
  const shown = points.filter(({ cost, value }) => cost > 0 && Number.isFinite(value));
  const x = stretch(
    shown.map(({ cost }) => Math.log10(cost)),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = stretch(
    shown.map(({ value }) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const label = (left: number, top: number, content: string, anchor: string) => {
    const made = svg('text', { x: left, y: top, 'text-anchor': anchor, class: 'picture-label' });
    made.textContent = content;
    return made;
  };
  return svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: 'picture',
      role: 'group',
      'aria-label': compareStrings.paretoOf(valueName, costName),
    },
    svg('path', { d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}`, class: 'picture-axis' }),
    ...y.ends.map((value) => label(LEFT - 6, y.at(value) + 4, text(value), 'end')),
    ...x.ends.map((value) => label(x.at(value), HEIGHT - BOTTOM + 16, compactText(10 ** value), 'middle')),
    label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, costName, 'middle'),
    ...shown.map((point) => {
      const [left, top] = [x.at(Math.log10(point.cost)), y.at(point.value)];
      const standing = point.behind === null ? compareStrings.front : compareStrings.behind(point.behind);
      const spoken = compareStrings.point(point.name, text(point.value), compactText(point.cost), standing);
      const title = svg('title', {});
      title.textContent = spoken;
      return svg(
        'g',
        { class: 'picture-point', tabindex: 0, role: 'img', 'aria-label': spoken },
        title,
        svg('circle', { cx: left, cy: top, r: 6, class: point.behind === null ? 'is-front' : 'is-behind' }),
        label(left, top - 10, point.label, left > WIDTH / 2 ? 'end' : 'start'),
      );
    }),
  );
}

interface Stretch {
  readonly at: (value: number) => number;
  /** Smallest and largest value; one where they are the same. */
  readonly ends: readonly number[];
}

function stretch(values: readonly number[], from: number, to: number): Stretch {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!(low < high)) return { at: () => (from + to) / 2, ends: Number.isFinite(low) ? [low] : [] };
  const inner = 0.08 * (to - from);
  return {
    at: (value) => from + inner + ((value - low) / (high - low)) * (to - from - 2 * inner),
    ends: [low, high],
  };
}
