import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { GatesPicture } from '../../src/protocol/records.ts';
import { savedGrid } from '../chart/grid.ts';
import { dataTable } from '../data-table.ts';
import { element } from '../dom.ts';
import { countText, numberText, shareText, similarityText } from '../format.ts';
import { SaveButtons, type Save, type Saved } from '../save.ts';
import { shader, type Shader } from '../shade.ts';
import { strings } from '../strings.ts';
import type { PictureCard } from './picture-card.ts';
import { newestGates } from './pictures-data.ts';
import { pictureStrings } from './strings.ts';

/** How the gates of each phase share experts out, and how its classes get in one another’s way. */
export class GatesCard implements PictureCard {
  readonly element = element('section', { class: 'card' });
  readonly #save: Save;
  #pictures: readonly GatesPicture[] = [];
  #known = '';

  constructor(save: Save) {
    this.#save = save;
  }

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
      element('div', { class: 'cards' }, ...this.#pictures.map((one) => phaseOf(one, this.#save))),
    );
  }
}

function phaseOf(picture: GatesPicture, save: Save): HTMLElement {
  const { phase, epoch, levels, conflicts, classes } = picture;
  const [blue, red] = [shader('blue'), shader('red')];
  const tables = levels.map(({ layer, weights, entropy, overlap }, index): ShadedTable => {
    const last = index === levels.length - 1;
    return {
      title: strings.gatesOf(layer, numberText(entropy), shareText(overlap)),
      rows: weights.map((_, row) => (last ? (classes[row] ?? '') : strings.expert(countText(row + 1)))),
      columns: (weights[0] ?? []).map((_, column) => strings.expert(countText(column + 1))),
      values: weights,
      textOf: shareText,
      shadeOf: () => blue,
    };
  });
  const against = conflicts.flatMap((row, a) => row.slice(a + 1)).filter((value) => Number(value) < 0).length;
  const between: ShadedTable = {
    title: strings.conflictsOf(countText(against)),
    ...{ rows: classes, columns: classes },
    values: conflicts.map((row) => row.map(Number)),
    textOf: similarityText,
    shadeOf: (value) => (value < 0 ? red : blue),
  };
  return element(
    'div',
    { class: 'stack' },
    element('h3', {}, `${phase}, ${strings.epoch} ${countText(epoch + 1)}`),
    ...[...tables, ...(conflicts.length === 0 ? [] : [between])].flatMap((table) => [
      shadedTable(table, phase),
      new SaveButtons(save, () => savedTable(table, phase)).element,
    ]),
  );
}

interface ShadedTable {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly values: readonly (readonly number[])[];
  readonly textOf: (value: number) => string;
  readonly shadeOf: (value: number) => Shader;
}

function savedTable({ title, rows, columns, values, textOf, shadeOf }: ShadedTable, phase: string): Saved {
  const value = (row: number, column: number) => values[row]?.[column] ?? Number.NaN;
  return savedGrid({
    title: pictureStrings.ofPhase(title, phase),
    ...{ rows, columns, value },
    cell: (row, column) => {
      const number = value(row, column);
      const { background, text } = shadeOf(number)(Math.abs(number));
      return { background, number: { text: textOf(number), color: text } };
    },
  });
}

/** A table whose cells are shaded by the size of their number: its own text equivalent. */
function shadedTable(
  { title, rows, columns, values, textOf, shadeOf }: ShadedTable,
  phase: string,
): HTMLElement {
  const cell = (value: number) => {
    const made = element('td', { class: 'shaded' }, textOf(value));
    const { background, text } = shadeOf(value)(Math.abs(value));
    made.style.backgroundColor = background;
    made.style.color = text;
    return made;
  };
  const heads = columns.map((name) =>
    element('th', { class: 'heat-column', attributes: { scope: 'col' } }, element('span', {}, name)),
  );
  const lines = rows.map((name, row) => [
    element('th', { class: 'heat-row', attributes: { scope: 'row' } }, name),
    ...columns.map((_, column) => cell(values[row]?.[column] ?? Number.NaN)),
  ]);
  return dataTable(pictureStrings.ofPhase(title, phase), ['', ...heads], lines, { class: 'heat', title });
}
