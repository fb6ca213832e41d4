import { markerPath } from '../chart/tooltip.ts';
import { element, setChildren, setHidden, svg } from '../dom.ts';
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
  /** Of a hundred runs that come in one after the other each would else be made a hundred times. */
  readonly #items = new Map<string, Item>();
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
    this.#groups.setAttribute('aria-label', strings.legend(title));
    this.#runs.setAttribute('aria-label', strings.legendOfRuns(title));
    // One line needs no telling apart.
    setHidden(this.#groups, groups.length + references.length < 2);
    setHidden(this.#runs, runs.length < 2);
    const entries = new Set([...groups, ...runs].map(({ group }) => group));
    for (const group of this.#items.keys()) if (!entries.has(group)) this.#items.delete(group);
    const item = (entry: Entry) => this.#item(entry, hidden.has(entry.group));
    setChildren(this.#groups, [
      ...groups.map(item),
      ...references.map(({ label, color }) =>
        element('li', { class: 'legend-reference' }, swatch(color, 'circle', DOTTED, false), label),
      ),
    ]);
    setChildren(this.#runs, runs.map(item));
  }

  /** The item of a group as it was, with its focus; another one where it looks different. */
  #item(entry: Entry, isHidden: boolean): HTMLElement {
    const look = JSON.stringify(entry);
    const before = this.#items.get(entry.group);
    if (before?.look === look) {
      before.button.setAttribute('aria-pressed', isHidden ? 'false' : 'true');
      return before.element;
    }
    const button = this.#button(entry, isHidden);
    const made = { look, button, element: element('li', {}, button) };
    const hadFocus = before !== undefined && before.button === document.activeElement;
    before?.element.replaceWith(made.element);
    if (hadFocus) button.focus();
    this.#items.set(entry.group, made);
    return made.element;
  }

  #button({ group, name, color, marker, dash }: Entry, isHidden: boolean): HTMLElement {
    return element(
      'button',
      {
        class: 'legend-entry',
        attributes: { type: 'button', 'aria-pressed': isHidden ? 'false' : 'true' },
        on: { click: () => this.#onToggle(group) },
      },
      swatch(color, marker, dash, true),
      element('span', { class: 'legend-name', attributes: { title: name } }, name),
    );
  }
}

interface Item {
  readonly look: string;
  readonly button: HTMLElement;
  readonly element: HTMLElement;
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
