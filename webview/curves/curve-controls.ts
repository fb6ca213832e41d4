import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { element, setHidden } from '../dom.ts';
import { wholeShareText } from '../format.ts';
import { strings } from '../strings.ts';
import { check, choice, slider } from '../toolkit.ts';
import type { Panel } from '../view.ts';
import type { Spread } from './lines.ts';
import { SPREADS } from './lines.ts';
import type { XAxis } from './x-axis.ts';
import { X_AXES } from './x-axis.ts';

const PERCENT = 100;
/** All would be a line at the first value. */
const MOST_PERCENT = 99;

/** What holds for all charts of the Curves view. */
export class CurveControls {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #axis;
  readonly #smoothing;
  readonly #spread;
  readonly #marks;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#axis = choice(strings.xAxis, (axis) => panel.choose({ axis: axis as XAxis }));
    this.#smoothing = slider(strings.smoothing, (value) => panel.choose({ smoothing: value / PERCENT }));
    this.#spread = choice(strings.spread, (spread) => panel.choose({ spread: spread as Spread }));
    this.#marks = check(strings.marks, (hasMarks) => panel.choose({ hasMarks }));
    this.element = element(
      'div',
      { class: 'toolbar' },
      this.#axis.element,
      this.#smoothing.element,
      this.#spread.element,
      this.#marks.element,
    );
  }

  show(content: PanelContent): void {
    const { axis, smoothing, spread, hasMarks, seed } = this.#panel.choices;
    const seeds = new Set(content.keys().map((key) => key.seed));
    this.#axis.set(
      X_AXES.map((value) => ({ value, label: strings.xAxes[value] })),
      axis,
    );
    const said = wholeShareText(smoothing);
    this.#smoothing.set(MOST_PERCENT, Math.round(smoothing * PERCENT), said, said);
    this.#spread.set(
      SPREADS.map((value) => ({ value, label: strings.spreads[value] })),
      spread,
    );
    setHidden(this.#spread.element, seeds.size < 2 || seed !== null);
    this.#marks.set(hasMarks);
  }
}
