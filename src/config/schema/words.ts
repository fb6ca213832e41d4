import type { Field } from '../../schema/field.ts';

/** What the field takes, in words: `a whole number from 1 to 100,000 (epochs)`. */
export function typeText(field: Field): string {
  switch (field.kind) {
    case 'number': {
      const range = rangeText(field);
      const unit = field.unit === undefined ? '' : ` (${field.unit})`;
      const kind = field.integer ? 'a whole number' : 'a number';
      return `${kind}${range === '' ? '' : ` ${range}`}${unit}${field.schedulable ? ', or a schedule' : ''}`;
    }
    case 'boolean':
      return 'true or false';
    case 'text':
      return field.refersTo === undefined ? 'a text' : `the ${refersTo[field.refersTo]}`;
    case 'choice':
      return `one of: ${Object.keys(field.choices).join(', ')}`;
    case 'list':
      return `a list${lengthText(field.minimumLength, field.maximumLength)}`;
    case 'object':
    case 'record':
    case 'tagged':
      return 'a map';
    case 'variant':
      return 'a word, or a one-key map from the word to its settings';
    case 'union':
      return [...new Set(field.options.filter((option) => option.kind !== 'later').map(typeText))].join(
        ', or ',
      );
    case 'later':
      return 'not available in this version';
  }
}

const refersTo = {
  model: 'name of a model',
  layer: 'path of a layer',
  class: 'name of a class',
  file: 'path of a file, relative to this one',
  folder: 'path of a folder, relative to this file',
  run: 'id of a run',
} as const;

/** `from 0 to 1`, `above 0`, ... or nothing. */
export function rangeText(field: Extract<Field, { kind: 'number' }>): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field;
  const low =
    exclusiveMinimum !== undefined
      ? `above ${plain(exclusiveMinimum)}`
      : minimum !== undefined
        ? `from ${plain(minimum)}`
        : '';
  const high =
    exclusiveMaximum !== undefined
      ? `below ${plain(exclusiveMaximum)}`
      : maximum !== undefined
        ? `to ${plain(maximum)}`
        : '';
  if (low.startsWith('above') && high.startsWith('to')) return `${low}, at most ${high.slice(3)}`;
  if (high.startsWith('below') && low !== '') return `${low}, ${high}`;
  return low !== '' && high !== '' ? `${low} ${high}` : low.startsWith('from') ? `${low} on` : low + high;
}

export function lengthText(least?: number, most?: number): string {
  if (least !== undefined && least === most) return ` of ${least}`;
  if (least !== undefined && least > 0)
    return most === undefined ? ` of at least ${least}` : ` of ${least} to ${most}`;
  return most === undefined ? '' : ` of at most ${most}`;
}

/** A value as it would be written in the file, on one line. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return entries.length === 0
      ? '{}'
      : `{ ${entries.map(([key, one]) => `${key}: ${valueText(one)}`).join(', ')} }`;
  }
  return typeof value === 'number' ? plain(value) : String(value);
}

/** A number in digits, or with an exponent that YAML reads as a number. */
export function plain(value: number): string {
  const text = String(value);
  return text.includes('e') ? text.replace(/^(-?\d+)e/, '$1.0e') : text;
}
