import { element, setText } from '../dom.ts';
import { checkBox, textField, type CheckControl } from '../fields.ts';
import { countText } from '../format.ts';
import { choice } from '../toolkit.ts';
import { GROUPINGS, type CompareChoices, type Grouping } from './choices.ts';
import { COLUMNS } from './columns.ts';
import { compareStrings } from './strings.ts';

/** Filter, grouping and columns of the table of runs. */
export class TableToolbar {
  readonly element: HTMLElement;
  readonly #filter;
  readonly #group;
  readonly #archived: CheckControl;
  readonly #columns: ReadonlyMap<string, CheckControl>;
  readonly #count = element('span', { class: 'note' });
  #choices: CompareChoices | null = null;

  constructor(choose: (change: Partial<CompareChoices>) => void) {
    this.#filter = textField(compareStrings.filter, {
      type: 'search',
      help: compareStrings.filterHelp,
      onInput: (filter) => choose({ filter }),
    });
    this.#group = choice(compareStrings.groupBy, (group) => choose({ group: group as Grouping }));
    this.#archived = checkBox(compareStrings.showArchived, (archived) => choose({ archived }));
    this.#columns = new Map(
      COLUMNS.slice(1).map(({ id }) => [
        id,
        checkBox(compareStrings.column[id], (isOn) => {
          const others = this.#choices?.columns.filter((one) => one !== id) ?? [];
          choose({ columns: isOn ? [...others, id] : others });
        }),
      ]),
    );
    this.element = element(
      'div',
      { class: 'stack tight' },
      element(
        'div',
        { class: 'toolbar' },
        this.#filter.element,
        this.#group.element,
        this.#archived.element,
        this.#count,
      ),
      element(
        'details',
        { class: 'data' },
        element('summary', {}, compareStrings.columns),
        element('div', { class: 'checks' }, ...[...this.#columns.values()].map((box) => box.element)),
      ),
    );
  }

  show(choices: CompareChoices, shown: number, all: number): void {
    this.#choices = choices;
    this.#filter.set(choices.filter);
    this.#group.set(
      GROUPINGS.map((value) => ({ value, label: compareStrings.groups[value] })),
      choices.group,
    );
    this.#archived.set(choices.archived);
    for (const [id, box] of this.#columns) box.set(choices.columns.includes(id));
    setText(this.#count, compareStrings.shownOf(countText(shown), countText(all)));
  }
}
