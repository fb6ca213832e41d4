import type { SeriesKey, SeriesPoints } from '../../protocol/panel.ts';

/** Points of one curve while they are gathered. */
export class GatheredSeries {
  readonly #key: SeriesKey;
  readonly #steps: number[] = [];
  readonly #epochs: number[] = [];
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  constructor({ phase, seed, split, metric }: SeriesKey) {
    this.#key = { phase, seed, split, metric };
  }

  add(step: number, epoch: number, time: number, value: number): void {
    this.#steps.push(step);
    this.#epochs.push(epoch);
    this.#times.push(time);
    this.#values.push(value);
  }

  addAll({ steps, epochs, times, values }: SeriesPoints): void {
    for (let row = 0; row < steps.length; row += 1)
      this.add(steps[row] ?? NaN, epochs[row] ?? NaN, times[row] ?? NaN, values[row] ?? NaN);
  }

  points(): SeriesPoints {
    return {
      ...this.#key,
      steps: Float64Array.from(this.#steps),
      epochs: Float64Array.from(this.#epochs),
      times: Float64Array.from(this.#times),
      values: Float64Array.from(this.#values),
    };
  }
}
