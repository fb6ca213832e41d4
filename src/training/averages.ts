import type { JsonNumber } from '../protocol/records.ts';
import { jsonNumber } from '../measures/rows.ts';

/** Running sums of values weighted by samples. Plain JSON, so that a checkpoint can hold it. */
export interface Averages {
  samples: number;
  readonly sums: Record<string, number>;
}

export function emptyAverages(): Averages {
  return { samples: 0, sums: {} };
}

/** Adds the mean of each value over `samples` samples. */
export function addToAverages(
  averages: Averages,
  values: Readonly<Record<string, number>>,
  samples: number,
): void {
  averages.samples += samples;
  for (const [name, value] of Object.entries(values)) {
    averages.sums[name] = (averages.sums[name] ?? 0) + value * samples;
  }
}

export function meansOf({ samples, sums }: Averages): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / samples]));
}

/** Numbers as the records hold them. */
export function forRecord(values: Readonly<Record<string, number>>): Record<string, JsonNumber> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonNumber(value)]));
}
