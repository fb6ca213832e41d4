import type { ValueOf } from '../schema/field.ts';
import type { experimentField } from './schema/experiment.ts';

/** A config in its normalised form: every default filled in, every word expanded to a one-key map. */
export type ConfigValue = ValueOf<typeof experimentField>;

/** The same of a config that may have faults: whatever was faulty is missing. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly (Loose<Item> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> }
    : T;

export type LooseConfig = Loose<ConfigValue>;

/** The word and the settings of a normalised choice. */
export function chosen(
  value: object | undefined,
): { readonly word: string; readonly settings: Readonly<Record<string, unknown>> } | null {
  const [first] = Object.entries(value ?? {}) as [string, unknown][];
  if (first === undefined) return null;
  const [word, settings] = first;
  return { word, settings: isRecord(settings) ? settings : {} };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
