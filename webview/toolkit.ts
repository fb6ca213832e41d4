import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  type Button,
  type Dropdown,
  type Panels,
} from '@vscode/webview-ui-toolkit';
import { element, setAttributes, setText } from './dom.ts';

/**
 * The controls of the panel. The library behind them is no longer maintained, so nothing else knows of it: another one
 * takes its place by rewriting this file.
 */
provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodePanels(),
  vsCodePanelTab(),
  vsCodePanelView(),
  vsCodeProgressRing(),
);

export interface ButtonControl {
  readonly element: HTMLElement;
  enable(isEnabled: boolean): void;
  /** While what was asked for is done another press does nothing; unlike a button that is switched off it keeps the focus. */
  busy(isBusy: boolean): void;
}

/** @param spoken what a screen reader says where the label alone does not tell enough */
export function button(
  label: string,
  onPress: () => void,
  kind: 'primary' | 'secondary' = 'secondary',
  spoken?: string,
): ButtonControl {
  const control = document.createElement('vscode-button') as HTMLElement &
    Pick<Button, 'appearance' | 'disabled'>;
  control.appearance = kind;
  control.textContent = label;
  if (spoken !== undefined) control.ariaLabel = spoken;
  let isBusy = false;
  control.addEventListener('click', () => {
    if (!control.disabled && !isBusy) onPress();
  });
  return {
    element: control,
    enable: (isEnabled) => (control.disabled = !isEnabled),
    busy: (isNow) => {
      isBusy = isNow;
      setAttributes(control, { 'aria-disabled': isNow ? 'true' : false });
    },
  };
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface ChoiceControl {
  /** The label and the control. */
  readonly element: HTMLElement;
  /** Changes what can be chosen and what is chosen; nothing is touched where nothing differs. */
  set(options: readonly Option[], chosen: string): void;
}

let labels = 0;

/** One of several, with a label in sight (or, `isQuiet`, one for screen readers alone). */
export function choice(label: string, onChange: (value: string) => void, isQuiet = false): ChoiceControl {
  labels += 1;
  const name = element(
    'span',
    { class: isQuiet ? 'spoken' : 'choice-label', attributes: { id: `label-${labels}` } },
    label,
  );
  const control = document.createElement('vscode-dropdown') as HTMLElement & Pick<Dropdown, 'value'>;
  setAttributes(control, { 'aria-labelledby': name.id });
  let known = '';
  let last: readonly Option[] | null = null;
  let wanted = '';
  const put = () => {
    if (control.value !== wanted) control.value = wanted;
  };
  control.addEventListener('change', () => onChange(control.value));
  return {
    element: element('span', { class: 'choice' }, name, control),
    set(options, chosen) {
      const now = options === last ? known : JSON.stringify(options);
      last = options;
      const isOther = now !== known;
      known = now;
      wanted = chosen;
      if (isOther) control.replaceChildren(...options.map(optionOf));
      put();
      // The control takes options up a moment later: it drops a value that had none until then, and turns to whatever stands in the
      // place of what was chosen before.
      if (isOther || control.value !== wanted) requestAnimationFrame(put);
    },
  };
}

export interface CheckControl {
  readonly element: HTMLElement;
  set(isChecked: boolean): void;
}

export function check(label: string, onChange: (isChecked: boolean) => void): CheckControl {
  const input = element('input', { attributes: { type: 'checkbox' } });
  input.addEventListener('change', () => onChange(input.checked));
  return {
    element: element('label', { class: 'check' }, input, element('span', {}, label)),
    set: (isChecked) => (input.checked = isChecked),
  };
}

function optionOf({ value, label }: Option): HTMLElement {
  const made = document.createElement('vscode-option');
  made.setAttribute('value', value);
  made.textContent = label;
  return made;
}

export interface SliderControl {
  /** The label, the control and its value in words. */
  readonly element: HTMLElement;
  /** @param text beside the control; `spoken` is what a screen reader says of it */
  set(highest: number, position: number, text: string, spoken: string): void;
}

/** Positions from 0 to a highest one. The toolkit has none, so it is the browser's own. */
export function slider(label: string, onInput: (position: number) => void): SliderControl {
  labels += 1;
  const input = element('input', { attributes: { type: 'range', min: 0, step: 1, id: `slider-${labels}` } });
  const name = element('label', { class: 'choice-label', attributes: { for: input.id } }, label);
  const value = element('output', { attributes: { for: input.id } });
  input.addEventListener('input', () => onInput(Number(input.value)));
  return {
    element: element('span', { class: 'choice slider' }, name, input, value),
    set(highest, position, text, spoken) {
      input.max = String(highest);
      input.value = String(position);
      input.disabled = highest < 1;
      setText(value, text);
      setAttributes(input, { 'aria-valuetext': spoken });
    },
  };
}

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly view: HTMLElement;
}

export interface TabsControl {
  readonly element: HTMLElement;
  show(id: string): void;
}

export function tabs(label: string, all: readonly Tab[], onShow: (id: string) => void): TabsControl {
  const control = document.createElement('vscode-panels') as HTMLElement & Pick<Panels, 'activeid'>;
  setAttributes(control, { 'aria-label': label });
  control.append(
    ...all.map(({ id, label: name }) => {
      const tab = document.createElement('vscode-panel-tab');
      tab.id = `tab-${id}`;
      tab.textContent = name;
      return tab;
    }),
    ...all.map(({ id, view }) => {
      const panel = document.createElement('vscode-panel-view');
      panel.id = `view-${id}`;
      panel.append(view);
      return panel;
    }),
  );
  control.addEventListener('change', (event) => {
    // Controls inside a view tell of their own changes.
    if (event.target === control) onShow(control.activeid.replace(/^tab-/u, ''));
  });
  return {
    element: control,
    show: (id) => {
      if (control.activeid !== `tab-${id}`) control.activeid = `tab-${id}`;
    },
  };
}

/** Something is awaited. */
export function spinner(): HTMLElement {
  const ring = document.createElement('vscode-progress-ring');
  setAttributes(ring, { 'aria-hidden': 'true', role: 'presentation' });
  return ring;
}
