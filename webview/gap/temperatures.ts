import { numberText } from '../format.ts';
import { slider, type SliderControl } from '../toolkit.ts';
import { gapStrings as strings } from './strings.ts';

const OFFERED = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50];

/** A slider over temperatures, that of the run among them. */
export class TemperatureSlider {
  readonly #control: SliderControl;
  #all: readonly number[] = OFFERED;
  #value = 1;

  constructor(onChange: () => void) {
    this.#control = slider(strings.temperature, (position) => {
      this.#value = this.#all[position] ?? 1;
      this.#show();
      onChange();
    });
  }

  get element(): HTMLElement {
    return this.#control.element;
  }

  get value(): number {
    return this.#value;
  }

  /** Offers the temperature of a run, and begins with it. */
  offer(own: number): void {
    if (this.#all.includes(own) && this.#all !== OFFERED) return;
    this.#all = [...new Set([...OFFERED, own])].filter((one) => one > 0).sort((a, b) => a - b);
    this.#value = own > 0 ? own : 1;
    this.#show();
  }

  #show(): void {
    this.#control.set(
      this.#all.length - 1,
      this.#all.indexOf(this.#value),
      numberText(this.#value),
      strings.temperatureAt(numberText(this.#value)),
    );
  }
}
