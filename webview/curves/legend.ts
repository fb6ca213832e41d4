import { element, setHidden, svg } from '../dom.ts';
import type { ColorName } from '../theme.ts';
import { strings } from '../strings.ts';
import type { Line, Marker, ReferenceLine } from './line.ts';
import { DOTTED } from './line.ts';

/** The legend of a chart: a button for each group of lines, which hides and shows it. */
export class LegendView {
  readonly element = element('ul', { class: 'legend' });
  readonly #onToggle: (group: string) => void;
  #known = '';

  constructor(onToggle: (group: string) => void) {
    this.#onToggle = onToggle;
  }

  show(
    title: string,
    lines: readonly Line[],
    references: readonly ReferenceLine[],
    hidden: ReadonlySet<string>,
  ): void {
    const entries = entriesOf(lines);
    const now = JSON.stringify([title, entries, references.map(({ label }) => label), [...hidden]]);
    if (now === this.#known) return;
    this.#known = now;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['group'] : undefined;
    this.element.setAttribute('aria-label', strings.legend(title));
    // One line needs no telling apart.
    setHidden(this.element, entries.length + references.length < 2);
    this.element.replaceChildren(
      ...entries.map((entry) => element('li', {}, this.#button(entry, hidden.has(entry.group)))),
      ...references.map(({ label, color }) =>
        element('li', { class: 'legend-reference' }, swatch(color, 'circle', DOTTED, false), label),
      ),
    );
    if (focused !== undefined)
      this.#buttons()
        .find((button) => button.dataset['group'] === focused)
        ?.focus();
  }

  #button({ group, name, color, marker, dash }: Entry, isHidden: boolean): HTMLElement {
    const made = element(
      'button',
      {
        class: 'legend-entry',
        attributes: { type: 'button', 'aria-pressed': isHidden ? 'false' : 'true' },
        on: { click: () => this.#onToggle(group) },
      },
      swatch(color, marker, dash, true),
      name,
    );
    made.dataset['group'] = group;
    return made;
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.element.querySelectorAll('button')];
  }
}

type Entry = Pick<Line, 'group' | 'name' | 'color' | 'marker' | 'dash'>;

function entriesOf(lines: readonly Line[]): Entry[] {
  const groups = new Map<string, Entry>();
  for (const { group, name, color, marker, dash } of lines)
    groups.set(group, { group, name, color, marker, dash });
  return [...groups.values()];
}

function swatch(color: ColorName, marker: Marker, dash: readonly number[], hasMarker: boolean): SVGElement {
  const line = svg('line', {
    x1: 1,
    y1: 6,
    x2: 35,
    y2: 6,
    'stroke-dasharray': dash.join(' '),
    class: 'swatch-line',
  });
  const shapes = hasMarker
    ? [svg('path', { d: MARKER_PATHS[marker], class: 'swatch-marker', transform: 'translate(4 0)' })]
    : [];
  return svg(
    'svg',
    { viewBox: '0 0 36 12', width: 36, height: 12, class: `swatch color-${color}`, 'aria-hidden': 'true' },
    line,
    ...shapes,
  );
}

const MARKER_PATHS: Readonly<Record<Marker, string>> = {
  circle: 'M10.5 6a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0Z',
  triangle: 'M14 2l4 7h-8Z',
  rect: 'M11 3h6v6h-6Z',
  rectRot: 'M14 1.5L18.5 6L14 10.5L9.5 6Z',
  cross: 'M13 2h2v3h3v2h-3v3h-2v-3h-3v-2h3Z',
  star: 'M13.3 2h1.4v8h-1.4ZM10.4 3.9l.7-1.2l6.5 4.2l-.7 1.2ZM16.9 3.9l-.7-1.2l-6.5 4.2l.7 1.2Z',
};
