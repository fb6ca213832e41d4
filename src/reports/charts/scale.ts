/** A stretch of numbers on a stretch of pixels, with round places to name. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

const TICKS = 5;

/** Steps of 1, 2 or 5 times a power of ten, about `TICKS` of them. A stretch of one value gets room around it. */
export function linearScale(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = rangeOf(values);
  const size = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(size));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= size * 0.999) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9)));
  return {
    at: (value) => from + ((value - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
      const value = (first + index) * step;
      return { value, text: tickText(value, digits) };
    }),
  };
}

/** Powers of ten between positive values. */
export function logarithmicScale(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => value > 0);
  const [low, high] = rangeOf(positive.map((value) => Math.log10(value)));
  const at = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const powers = Array.from(
    { length: Math.floor(high) - Math.ceil(low) + 1 },
    (_, at) => Math.ceil(low) + at,
  );
  // Within one power of ten its ends tell more than none.
  const values10 = powers.length > 1 ? powers.map((power) => 10 ** power) : [10 ** low, 10 ** high];
  return { at, ticks: values10.map((value) => ({ value, text: shortText(value) })) };
}

function rangeOf(values: readonly number[]): readonly [number, number] {
  const finite = values.filter((value) => Number.isFinite(value));
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const high = finite.reduce((most, value) => Math.max(most, value), -Infinity);
  if (finite.length === 0) return [0, 1];
  if (low < high) return [low - (high - low) * 0.04, high + (high - low) * 0.04];
  const room = Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}

function tickText(value: number, digits: number): string {
  return Math.abs(value) >= 1e5 ? shortText(value) : value.toFixed(digits);
}

/** `270k`, `1.2M`, `0.04` */
export function shortText(value: number): string {
  const units: readonly (readonly [number, string])[] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const [size, unit] = units.find(([one]) => Math.abs(value) >= one) ?? [1, ''];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}
