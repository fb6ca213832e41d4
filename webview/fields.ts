import { element, setAttributes } from './dom.ts';

let fields = 0;

export interface TextControl {
  readonly element: HTMLElement;
  readonly value: string;
  set(value: string): void;
  focus(): void;
}

/** A line of text with its label in sight. @param onInput told after each change @param onEnter told where Enter is pressed */
export function textField(
  label: string,
  {
    onInput,
    onEnter,
    help,
    type = 'text',
  }: {
    readonly onInput?: (value: string) => void;
    readonly onEnter?: () => void;
    readonly help?: string;
    readonly type?: 'text' | 'search';
  },
): TextControl {
  fields += 1;
  const input = element('input', {
    class: 'text-field',
    attributes: { type, id: `field-${fields}`, spellcheck: 'false', autocomplete: 'off' },
  });
  if (help !== undefined) setAttributes(input, { placeholder: help, title: help });
  input.addEventListener('input', () => onInput?.(input.value));
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || onEnter === undefined) return;
    // What gets the focus next must not take the same key for a press.
    event.preventDefault();
    onEnter();
  });
  return {
    element: element(
      'span',
      { class: 'choice' },
      element('label', { class: 'choice-label', attributes: { for: input.id } }, label),
      input,
    ),
    get value() {
      return input.value;
    },
    set(value) {
      if (input.value !== value) input.value = value;
    },
    focus: () => input.focus(),
  };
}

export interface CheckControl {
  readonly element: HTMLElement;
  set(isOn: boolean): void;
}

/** Something that is on or off. @param isQuiet the label is for screen readers alone */
export function checkBox(label: string, onChange: (isOn: boolean) => void, isQuiet = false): CheckControl {
  const input = element('input', { attributes: { type: 'checkbox' } });
  if (isQuiet) setAttributes(input, { 'aria-label': label });
  input.addEventListener('change', () => onChange(input.checked));
  return {
    element: isQuiet ? input : element('label', { class: 'check' }, input, label),
    set(isOn) {
      if (input.checked !== isOn) input.checked = isOn;
    },
  };
}
