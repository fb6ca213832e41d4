import type { Field } from '../../schema/field.ts';
import { own } from './navigate.ts';

/**
 * The value of a field that is left out, in its normalised form; undefined where it has none.
 * A map without a default of its own has one if all its keys do.
 */
export function defaultOf(field: Field): unknown {
  if (field.default !== undefined) return expandDefault(field, field.default);
  if (field.optional === true) return undefined;
  // A map of which one key must be chosen cannot be made up.
  if (field.kind !== 'object' || field.exactlyOne !== undefined) return undefined;
  return defaultsOf(field.fields);
}

/** The word of a variant with the defaults of its settings; every other value as it is. */
function expandDefault(field: Field, value: unknown): unknown {
  if (field.kind !== 'variant' || typeof value !== 'string') return value;
  const settings = own(field.variants, value);
  return settings === undefined ? undefined : { [value]: defaultOf(settings) };
}

function defaultsOf(fields: Readonly<Record<string, Field>>): unknown {
  const entries: [string, unknown][] = [];
  for (const [key, field] of Object.entries(fields)) {
    const value = defaultOf(field);
    if (value !== undefined) entries.push([key, value]);
    else if (field.optional !== true) return undefined;
  }
  return Object.fromEntries(entries);
}

/** Whether the key may be left out. */
export function mayBeLeftOut(field: Field): boolean {
  return field.optional === true || field.kind === 'later' || defaultOf(field) !== undefined;
}
