import type { Setting } from '../../src/protocol/comparison.ts';
import { svg } from '../dom.ts';
import { numberText } from '../format.ts';
import { compareStrings } from './strings.ts';

export interface ParallelAxis {
  readonly name: string;
  /** Of each line. */
  readonly values: readonly Setting[];
  readonly text?: (value: number) => string;
}

const STEP = 130;
const SIDE = 70;
const TOP = 34;
const HEIGHT = 240;
const BOTTOM = 24;
const LONGEST_NAME = 18;
/** Kinds of lines of the style sheet: colour and dashes. */
const KINDS = 6;

/** One line a student through its settings to its result; lines are told apart by dashes as well, and reached by keys. */
export function parallelPicture(names: readonly string[], axes: readonly ParallelAxis[]): SVGElement {
  const width = 2 * SIDE + Math.max(0, axes.length - 1) * STEP;
  const places = axes.map((axis) => placesOn(axis));
  const x = (at: number) => SIDE + at * STEP;
  const label = (left: number, top: number, content: string) => {
    const made = svg('text', { x: left, y: top, 'text-anchor': 'middle', class: 'picture-label' });
    made.textContent = shortened(content);
    const title = svg('title', {});
    title.textContent = content;
    made.append(title);
    return made;
  };
  return svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      class: 'parallel',
      role: 'group',
      'aria-label': compareStrings.parallel,
    },
    ...axes.flatMap(({ name }, at) => [
      svg('line', { x1: x(at), x2: x(at), y1: TOP, y2: HEIGHT - BOTTOM, class: 'picture-axis' }),
      label(x(at), 12, name),
    ]),
    ...names.map((name, line) => {
      const path = places
        .map((place, at) => `${at === 0 ? 'M' : 'L'}${x(at)} ${place.at(line).toFixed(1)}`)
        .join('');
      const told = axes.map((axis) => `${axis.name} ${textOf(axis, axis.values[line] ?? null)}`).join(', ');
      const spoken = compareStrings.parallelLine(name, told);
      const title = svg('title', {});
      title.textContent = spoken;
      return svg(
        'g',
        { class: `parallel-line line-${line % KINDS}`, tabindex: 0, role: 'img', 'aria-label': spoken },
        title,
        svg('path', { d: path }),
      );
    }),
    ...places.flatMap((place, at) =>
      place.ticks.map(({ top, text }) => {
        const made = label(x(at), top - 4, text);
        made.classList.add('parallel-tick');
        return made;
      }),
    ),
  );
}

interface Places {
  readonly at: (line: number) => number;
  readonly ticks: readonly { readonly top: number; readonly text: string }[];
}

/** Numbers by their size, anything else by its order of occurrence; what is not set stands lowest. */
function placesOn(axis: ParallelAxis): Places {
  const { values } = axis;
  const [bottom, height] = [HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP];
  const numbers = values.filter((value): value is number => typeof value === 'number');
  if (numbers.length === values.length && numbers.length > 0) {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const top = (value: number) =>
      low < high ? bottom - ((value - low) / (high - low)) * height : bottom - height / 2;
    const ends = low < high ? [low, high] : [low];
    return {
      at: (line) => top(numbers[line] ?? low),
      ticks: ends.map((value) => ({ top: top(value), text: textOf(axis, value) })),
    };
  }
  const kinds = [...new Set(values)].sort((a, b) => Number(a !== null) - Number(b !== null));
  const top = (value: Setting) =>
    kinds.length === 1 ? bottom - height / 2 : bottom - (kinds.indexOf(value) / (kinds.length - 1)) * height;
  return {
    at: (line) => top(values[line] ?? null),
    ticks: kinds.map((value) => ({ top: top(value), text: textOf(axis, value) })),
  };
}

function textOf({ text = numberText }: ParallelAxis, value: Setting): string {
  if (value === null) return compareStrings.notSet;
  return typeof value === 'number' ? text(value) : String(value);
}

function shortened(text: string): string {
  return text.length <= LONGEST_NAME ? text : `…${text.slice(1 - LONGEST_NAME)}`;
}
