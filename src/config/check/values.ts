import type { Field } from '../../schema/field.ts';
import type { Fix } from '../diagnostic.ts';
import { replaceFix } from '../report.ts';
import { defaultOf } from '../schema/defaults.ts';
import { accepts } from '../schema/navigate.ts';
import { plain, rangeText, typeText, valueText } from '../schema/words.ts';
import type { ConfigNode, Place } from '../syntax/node.ts';

type FieldOf<K extends Field['kind']> = Extract<Field, { kind: K }>;
const MOST_LISTED = 12;
/** Characters of a default that is shown. */
const LONGEST_DEFAULT = 60;

/** A key or item that is there without a value. */
export function isNothing(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value === null && !node.quoted && node.unread !== true;
}

/** Why a number cannot stand here; null where it can. */
export function numberFault(field: FieldOf<'number'>, value: number): string | null {
  if (!Number.isFinite(value)) return 'the number is not finite';
  if (!Number.isFinite(Math.fround(value))) return `${plain(value)} is more than a 32-bit float can hold`;
  if (field.integer && !Number.isInteger(value)) return `${plain(value)} is not a whole number`;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field;
  const low =
    (minimum !== undefined && value < minimum) ||
    (exclusiveMinimum !== undefined && value <= exclusiveMinimum);
  const high =
    (maximum !== undefined && value > maximum) ||
    (exclusiveMaximum !== undefined && value >= exclusiveMaximum);
  return low || high ? `${plain(value)} is out of range: ${rangeText(field)}` : null;
}

/** The nearest value that may stand here; null where "nearest" says nothing. */
export function nearestAllowed(field: FieldOf<'number'>, value: number): number | null {
  const { minimum, maximum } = field;
  if (!Number.isFinite(value)) return null;
  const rounded = field.integer ? Math.round(value) : value;
  const near =
    minimum !== undefined && rounded < minimum
      ? minimum
      : maximum !== undefined && rounded > maximum
        ? maximum
        : rounded;
  return near !== value && numberFault(field, near) === null ? near : null;
}

/** Mends that keep the meaning: quotes around a number, a list around its only entry, none around a quoted number. */
export function typeFixes(field: Field, node: ConfigNode): Fix[] {
  if (node.kind !== 'scalar' || node.value === null) return [];
  const { value, place } = node;
  if ((field.kind === 'text' || field.kind === 'choice') && typeof value !== 'string') {
    const quoted = JSON.stringify(place.source.text.slice(place.start, place.end));
    return [replaceFix(`Write ${quoted}`, place, quoted)];
  }
  if (field.kind === 'number' && typeof value === 'string') {
    const meant = /^-?[\d_, ]*\.?\d+(e[+-]?\d+)?$/i.test(value)
      ? Number(value.replaceAll(/[_, ]/g, ''))
      : Number.NaN;
    if (Number.isFinite(meant) && numberFault(field, meant) === null)
      return [replaceFix(`Write ${plain(meant)}`, place, plain(meant))];
  }
  if (field.kind === 'boolean' && typeof value === 'string') {
    const meant = /^(yes|on)$/i.test(value) ? 'true' : /^(no|off)$/i.test(value) ? 'false' : null;
    if (meant !== null) return [replaceFix(`Write ${meant}`, place, meant)];
  }
  if (field.kind === 'list' && accepts(field.item, node)) {
    const text = `[${place.source.text.slice(place.start, place.end)}]`;
    return [replaceFix(`Write ${text}`, place, text)];
  }
  return [];
}

/** What to write where something of another shape stands: `Give a map of fraction. Left out, it is { fraction: 0.1 }.` */
export function shapeHelp(field: Field): string {
  const value = defaultOf(field);
  const keys = field.kind === 'object' ? ` of ${listed(Object.keys(field.fields))}` : '';
  const give = `Give ${typeText(field)}${keys}`;
  if (value === undefined) return `${give}.`;
  const text = valueText(value);
  return text.length > LONGEST_DEFAULT ? `${give}, or leave it out.` : `${give}. Left out, it is ${text}.`;
}

export function describeNode(node: ConfigNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'string') return node.value.length > 40 ? 'a text' : `the text "${node.value}"`;
  return typeof node.value === 'number' ? `the number ${plain(node.value)}` : String(node.value);
}

/** The first line of a node: underlining a whole block says less than its head. */
export function headOf(node: ConfigNode): Place {
  const { source, start, end } = node.place;
  return { source, start, end: Math.min(end, source.lineEnd(source.lineAt(start))) };
}

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).join(', ');
  return names.length > MOST_LISTED ? `${shown}, ... (${names.length} in all)` : shown;
}

export function sentence(doc: string): string {
  return /[.!?]$/.test(doc) ? doc : `${doc}.`;
}
