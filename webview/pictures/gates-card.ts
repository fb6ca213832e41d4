import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { GatesPicture } from '../../src/protocol/records.ts';
import { element } from '../dom.ts';
import { countText, numberText, shareText, similarityText } from '../format.ts';
import { shader, type Shader } from '../shade.ts';
import { strings } from '../strings.ts';
import type { PictureCard } from './picture-card.ts';
import { newestGates } from './pictures-data.ts';
import { pictureStrings } from './strings.ts';

/** How the gates of each phase share experts out, and how its classes get in one another’s way. */
export class GatesCard implements PictureCard {
  readonly element = element('section', { class: 'card' });
  #pictures: readonly GatesPicture[] = [];
  #known = '';

  show({ pictures }: PanelContent, seed: number | null): boolean {
    const newest = newestGates(pictures, seed);
    const now = JSON.stringify(newest);
    if (now !== this.#known) {
      this.#known = now;
      this.#pictures = newest;
      this.#fill();
    }
    return newest.length > 0;
  }

  retheme(): void {
    if (this.#known !== '') this.#fill();
  }

  #fill(): void {
    this.element.replaceChildren(
      element('h2', {}, strings.gates),
      element('p', { class: 'note' }, strings.gatesHelp),
      element('div', { class: 'cards' }, ...this.#pictures.map(phaseOf)),
    );
  }
}

function phaseOf(picture: GatesPicture): HTMLElement {
  const { phase, epoch, levels, conflicts, classes } = picture;
  const [blue, red] = [shader('blue'), shader('red')];
  const tables = levels.map(({ layer, weights, entropy, overlap }, index) => {
    const last = index === levels.length - 1;
    const rows = weights.map((_, row) => (last ? (classes[row] ?? '') : strings.expert(countText(row + 1))));
    const columns = (weights[0] ?? []).map((_, column) => strings.expert(countText(column + 1)));
    return shadedTable(
      strings.gatesOf(layer, numberText(entropy), shareText(overlap)),
      rows,
      columns,
      weights,
      shareText,
      () => blue,
    );
  });
  const shade = (value: number) => (value < 0 ? red : blue);
  const against = conflicts.flatMap((row, a) => row.slice(a + 1)).filter((value) => Number(value) < 0).length;
  const table =
    conflicts.length === 0
      ? []
      : [
          shadedTable(
            strings.conflictsOf(countText(against)),
            classes,
            classes,
            conflicts.map((row) => row.map(Number)),
            similarityText,
            shade,
          ),
        ];
  return element(
    'div',
    { class: 'stack' },
    element('h3', {}, `${phase}, ${strings.epoch} ${countText(epoch + 1)}`),
    ...[...tables, ...table].map(({ title, shown }) =>
      element(
        'div',
        {
          class: 'table-scroll',
          attributes: { tabindex: 0, role: 'region', 'aria-label': pictureStrings.ofPhase(title, phase) },
        },
        shown,
      ),
    ),
  );
}

/** A table whose cells are shaded by the size of their number: its own text equivalent. */
function shadedTable(
  title: string,
  rows: readonly string[],
  columns: readonly string[],
  values: readonly (readonly number[])[],
  textOf: (value: number) => string,
  shadeOf: (value: number) => Shader,
): { readonly title: string; readonly shown: HTMLElement } {
  const head = (name: string, scope: 'row' | 'col') => element('th', { class: `heat-${scope === 'row' ? 'row' : 'column'}`, attributes: { scope } }, scope === 'row' ? name : element('span', {}, name)); // prettier-ignore
  const cell = (value: number) => {
    const made = element('td', { class: 'shaded' }, textOf(value));
    const { background, text } = shadeOf(value)(Math.abs(value));
    made.style.backgroundColor = background;
    made.style.color = text;
    return made;
  };
  const shown = element(
    'table',
    { class: 'heat' },
    element('caption', {}, title),
    element('thead', {}, element('tr', {}, element('td'), ...columns.map((name) => head(name, 'col')))),
    element(
      'tbody',
      {},
      ...rows.map((name, row) =>
        element(
          'tr',
          {},
          head(name, 'row'),
          ...columns.map((_, column) => cell(values[row]?.[column] ?? Number.NaN)),
        ),
      ),
    ),
  );
  return { title, shown };
}
