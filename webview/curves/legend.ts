import { markerPath } from '../chart/tooltip.ts';
import { element, setHidden, svg } from '../dom.ts';
import type { ColorName } from '../theme.ts';
import { strings } from '../strings.ts';
import type { Line, Marker, ReferenceLine } from './line.ts';
import { DOTTED } from './line.ts';

/**
 * The legend of a chart: a button for each group of lines, which hides and shows it. Where several runs are laid over each other,
 * one for each run too.
 */
export class LegendView {
  readonly element = element('div', { class: 'legends' });
  readonly #groups = element('ul', { class: 'legend' });
  readonly #runs = element('ul', { class: 'legend legend-runs' });
  readonly #onToggle: (group: string) => void;
  #known = '';

  constructor(onToggle: (group: string) => void) {
    this.#onToggle = onToggle;
    this.element.append(this.#groups, this.#runs);
  }

  show(
    title: string,
    lines: readonly Line[],
    references: readonly ReferenceLine[],
    hidden: ReadonlySet<string>,
  ): void {
    const [groups, runs] = [groupsOf(lines), runsOf(lines)];
    const now = JSON.stringify([title, groups, runs, references.map(({ label }) => label), [...hidden]]);
    if (now === this.#known) return;
    this.#known = now;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['group'] : undefined;
    this.#groups.setAttribute('aria-label', strings.legend(title));
    this.#runs.setAttribute('aria-label', strings.legendOfRuns(title));
    // One line needs no telling apart.
    setHidden(this.#groups, groups.length + references.length < 2);
    setHidden(this.#runs, runs.length < 2);
    const item = (entry: Entry) => element('li', {}, this.#button(entry, hidden.has(entry.group)));
    this.#groups.replaceChildren(
      ...groups.map(item),
      ...references.map(({ label, color }) =>
        element('li', { class: 'legend-reference' }, swatch(color, 'circle', DOTTED, false), label),
      ),
    );
    this.#runs.replaceChildren(...runs.map(item));
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
      element('span', { class: 'legend-name', attributes: { title: name } }, name),
    );
    made.dataset['group'] = group;
    return made;
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.element.querySelectorAll('button')];
  }
}

type Entry = Pick<Line, 'group' | 'name' | 'color' | 'marker' | 'dash'>;

/** What the runs have in common has no colour of its own: it is told by its dash. */
function groupsOf(lines: readonly Line[]): Entry[] {
  const groups = new Map<string, Entry>();
  for (const { group, name, color, marker, dash, run } of lines) {
    if (!groups.has(group))
      groups.set(group, { group, name, color: run ? 'foreground' : color, marker, dash });
  }
  return [...groups.values()];
}

/** Name under which a run is hidden and shown. */
export const runGroup = (run: string): string => `run ${run}`;

function runsOf(lines: readonly Line[]): Entry[] {
  const runs = new Map<string, Entry>();
  for (const { run, color, marker } of lines) {
    const group = run && runGroup(run.id);
    if (run && group !== undefined && !runs.has(group))
      runs.set(group, { group, name: run.name, color, marker, dash: [] });
  }
  return [...runs.values()];
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
    ? [svg('path', { d: markerPath(marker, 3.5), class: 'swatch-marker', transform: 'translate(18 6)' })]
    : [];
  return svg(
    'svg',
    { viewBox: '0 0 36 12', width: 36, height: 12, class: `swatch color-${color}`, 'aria-hidden': 'true' },
    line,
    ...shapes,
  );
}
