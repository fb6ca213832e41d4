import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { card, dataTable } from '../data-table.ts';
import { element } from '../dom.ts';
import { numberText, shareText } from '../format.ts';
import { strings } from '../strings.ts';
import type { PictureCard } from './picture-card.ts';
import { uncertaintyRows, type UncertaintyRow } from './pictures-data.ts';
import { pictureStrings as words } from './strings.ts';

/** What the models of a run know of what they do not know: a table whose bars say the same as its numbers. */
export class UncertaintyCard implements PictureCard {
  readonly element: HTMLElement;
  readonly #body = element('div');
  #known = '';

  constructor() {
    this.element = card(
      words.uncertainty,
      element('p', { class: 'note' }, words.uncertaintyHelp),
      element('p', { class: 'note' }, words.uncertaintyParts),
      this.#body,
    );
  }

  show({ run }: PanelContent, seed: number | null): boolean {
    const rows = uncertaintyRows(run.results?.phases ?? [], seed);
    const now = JSON.stringify(rows);
    if (now === this.#known) return rows.length > 0;
    this.#known = now;
    const most = Math.max(
      Number.MIN_VALUE,
      ...rows.map(({ aleatoric, epistemic }) => sizeOf(aleatoric) + sizeOf(epistemic)),
    );
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

function cellsOf(row: UncertaintyRow, most: number): readonly (string | Node)[] {
  const share = (value: number) => (Number.isNaN(value) ? strings.dash : shareText(value));
  const number = (value: number) => (Number.isNaN(value) ? strings.dash : numberText(value));
  const nats = (value: number) => (Number.isNaN(value) ? strings.dash : strings.nats(numberText(value)));
  return [
    row.phase,
    row.shifted ? words.shifted : words.asTheyAre,
    share(row.accuracy),
    share(row.coverage),
    number(row.setSize),
    share(row.calibrationError),
    nats(row.aleatoric),
    nats(row.epistemic),
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
