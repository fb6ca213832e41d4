import type { JsonNumber } from '../protocol/records.ts';

/** A number of a record; NaN where it is missing. */
export function fromJson(value: JsonNumber | undefined): number {
  return value === undefined ? NaN : Number(value);
}
