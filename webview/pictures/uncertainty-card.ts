import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { uncertaintyRows, type UncertaintyRow } from '../../src/protocol/picture-numbers.ts';
import { savedPairedBars } from '../chart/paired-bars.ts';
import { card, dataTable } from '../data-table.ts';
import { element } from '../dom.ts';
import { numberText, shareText } from '../format.ts';
import { SaveButtons, type Save, type Saved } from '../save.ts';
import { strings } from '../strings.ts';
import type { PictureCard } from './picture-card.ts';
import { pictureStrings as words } from './strings.ts';

/** What the models of a run know of what they do not know: a table whose bars say the same as its numbers. */
export class UncertaintyCard implements PictureCard {
  readonly element: HTMLElement;
  readonly #body = element('div');
  #rows: readonly UncertaintyRow[] = [];
  #known = '';

  constructor(save: Save) {
    this.element = card(
      words.uncertainty,
      element('p', { class: 'note' }, words.uncertaintyHelp),
      element('p', { class: 'note' }, words.uncertaintyParts),
      this.#body,
      new SaveButtons(save, () => savedRows(this.#rows)).element,
    );
  }

  show({ run }: PanelContent, seed: number | null): boolean {
    const rows = uncertaintyRows(run.results?.phases ?? [], seed);
    const now = JSON.stringify(rows);
    if (now === this.#known) return rows.length > 0;
    this.#known = now;
    this.#rows = rows;
    const most = mostOf(rows);
    const heads = [
      ...[strings.model, words.images, words.accuracy, words.coverage, words.setSize],
      ...[words.calibrationError, words.ambiguity, words.disagreement, words.uncertainty],
    ];
    this.#body.replaceChildren(
      dataTable(
        words.uncertainty,
        heads,
        rows.map((row) => cellsOf(row, most)),
      ),
    );
    return rows.length > 0;
  }

  retheme(): void {
    // Colours are those of the style sheet.
  }
}

/** The longest bar. */
function mostOf(rows: readonly UncertaintyRow[]): number {
  return Math.max(
    Number.MIN_VALUE,
    ...rows.map(({ aleatoric, epistemic }) => sizeOf(aleatoric) + sizeOf(epistemic)),
  );
}

function savedRows(rows: readonly UncertaintyRow[]): Saved {
  const phases = [...new Set(rows.map(({ phase }) => phase))];
  return savedPairedBars({
    title: words.uncertainty,
    heads: [words.ambiguity, words.disagreement],
    names: ['phase', 'images'],
    most: mostOf(rows),
    text: natsText,
    groups: phases.map((name) => ({
      title: name,
      rows: rows
        .filter(({ phase }) => phase === name)
        .map(({ shifted, aleatoric, epistemic }) => ({
          name: shifted ? words.shifted : words.asTheyAre,
          values: [aleatoric, epistemic],
        })),
    })),
  });
}

function natsText(value: number): string {
  return Number.isNaN(value) ? strings.dash : strings.nats(numberText(value));
}

function cellsOf(row: UncertaintyRow, most: number): readonly (string | Node)[] {
  const share = (value: number) => (Number.isNaN(value) ? strings.dash : shareText(value));
  const number = (value: number) => (Number.isNaN(value) ? strings.dash : numberText(value));
  return [
    row.phase,
    row.shifted ? words.shifted : words.asTheyAre,
    share(row.accuracy),
    share(row.coverage),
    number(row.setSize),
    share(row.calibrationError),
    natsText(row.aleatoric),
    natsText(row.epistemic),
    stackedBar(sizeOf(row.aleatoric) / most, sizeOf(row.epistemic) / most),
  ];
}

function sizeOf(value: number): number {
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}

/** Two shares of the same whole, one behind the other. */
function stackedBar(ambiguity: number, disagreement: number): HTMLElement {
  const part = (share: number, kind: string) => {
    const made = element('span', { class: kind });
    made.style.setProperty('--share', String(share));
    return made;
  };
  return element(
    'span',
    { class: 'stacked-bar', attributes: { 'aria-hidden': 'true' } },
    part(ambiguity, 'ambiguity-bar'),
    part(disagreement, 'disagreement-bar'),
  );
}
