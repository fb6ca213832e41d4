import type { RunTableRow } from '../../src/protocol/panel-compare.ts';
import type { LabelChange } from '../../src/protocol/labels.ts';
import { element, setHidden } from '../dom.ts';
import { textField } from '../fields.ts';
import { button } from '../toolkit.ts';
import { compareStrings } from './strings.ts';

/** Tags and note of the chosen runs. Of several the tags that all have are shown; what some have besides stays. */
export class LabelEditor {
  readonly element: HTMLElement;
  readonly #tags;
  readonly #note;
  #common: readonly string[] = [];
  #noteBefore = '';

  constructor(onSave: (change: LabelChange) => void, onClose: () => void) {
    const save = () => {
      onSave(this.#change());
      this.close();
      onClose();
    };
    const close = () => {
      this.close();
      onClose();
    };
    this.#tags = textField(compareStrings.tags, { onEnter: save });
    this.#note = textField(compareStrings.note, { onEnter: save });
    this.element = element(
      'div',
      {
        class: 'toolbar label-editor',
        attributes: { role: 'group', 'aria-label': compareStrings.labels },
        on: {
          keydown: (event) => {
            if ((event as KeyboardEvent).key === 'Escape') close();
          },
        },
      },
      this.#tags.element,
      this.#note.element,
      element(
        'span',
        { class: 'actions' },
        button(compareStrings.save, save, 'primary').element,
        button(compareStrings.cancel, close).element,
      ),
    );
    this.close();
  }

  open(rows: readonly RunTableRow[]): void {
    const [first] = rows;
    this.#common = (first?.labels.tags ?? []).filter((tag) =>
      rows.every(({ labels }) => labels.tags.includes(tag)),
    );
    const notes = new Set(rows.map(({ labels }) => labels.note));
    this.#noteBefore = notes.size === 1 ? (first?.labels.note ?? '') : '';
    this.#tags.set(this.#common.join(', '));
    this.#note.set(this.#noteBefore);
    setHidden(this.element, false);
    this.#tags.focus();
  }

  close(): void {
    setHidden(this.element, true);
  }

  #change(): LabelChange {
    const tags = this.#tags.value
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '');
    return {
      addTags: tags,
      removeTags: this.#common.filter((tag) => !tags.includes(tag)),
      // A note that was not touched stays: several runs may have one each.
      ...(this.#note.value !== this.#noteBefore && { note: this.#note.value }),
    };
  }
}
