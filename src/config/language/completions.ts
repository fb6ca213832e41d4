import type { Position } from '../../protocol/errors.ts';
import type { Field } from '../../schema/field.ts';
import { findMethod } from '../../methods/index.ts';
import { guideMarkdown } from '../guide.ts';
import { defaultOf, mayBeLeftOut } from '../schema/defaults.ts';
import { concreteField, own, tagField, tagOf } from '../schema/navigate.ts';
import { scheduleField } from '../schema/schedule.ts';
import { typeText, valueText } from '../schema/words.ts';
import { cursorAt, isMark, type Cursor } from './cursor.ts';
import { fieldMarkdown, wordMarkdown } from './markdown.ts';
import { referenceCompletions } from './references.ts';
import type { Completion, CompletionKind, LanguageContext } from './types.ts';

/** What a completion says, before its place in the text is known. */
export interface Suggestion {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail: string;
  readonly documentation: string;
  readonly insertText: string;
  readonly snippet?: boolean;
}

/** What may stand at a place, best first: required keys, then the others in the order of the language. */
export function completionsAt(text: string, position: Position, context: LanguageContext): Completion[] {
  const cursor = cursorAt(text, position, context);
  if (cursor === null) return [];
  const suggestions = cursor.role === 'key' ? keysIn(cursor) : valuesFor(cursor.field, cursor);
  const unique = suggestions.filter(
    (one, index) => suggestions.findIndex(({ label }) => label === one.label) === index,
  );
  return unique.map((suggestion, index) => ({
    ...suggestion,
    snippet: suggestion.snippet ?? false,
    range: cursor.range,
    sortText: String(index).padStart(4, '0'),
  }));
}

function keysIn(cursor: Cursor): Suggestion[] {
  const field = concreteField(cursor.field, cursor.container);
  const present = presentKeys(cursor);
  switch (field.kind) {
    case 'object':
      return keySuggestions(field.fields, present, cursor, field.exactlyOne ?? []);
    case 'tagged': {
      const settings = own(field.variants, tagOf(field.tag, cursor.container));
      const fields = settings?.kind === 'object' ? settings.fields : {};
      return keySuggestions({ [field.tag]: tagField(field), ...fields }, present, cursor, []);
    }
    case 'variant':
      return present.length > 0 ? [] : variantSuggestions(field, cursor, true);
    case 'record':
      return ['teacher', 'student']
        .filter((name) => !present.includes(name) && cursor.path[0] === 'models')
        .map((name) => keySuggestion(name, field.value, cursor));
    case 'list':
      // A list is expected, and nothing is there yet.
      return valuesFor(field.item, { ...cursor, path: [...cursor.path, 0] }).map((one) => ({
        ...one,
        insertText: `- ${one.insertText}`,
      }));
    case 'union':
      return field.options.flatMap((option) => keysIn({ ...cursor, field: option }));
    case 'number':
    case 'boolean':
    case 'text':
    case 'choice':
    case 'later':
      return present.length > 0 ? [] : valuesFor(field, cursor);
  }
}

/** Keys of this file; what a base says may be said again. */
function presentKeys({ container, analysis }: Cursor): string[] {
  if (container?.kind !== 'map') return [];
  return container.entries
    .filter((entry) => !isMark(entry.key) && entry.keyPlace.source.file === analysis.source.file)
    .map((entry) => entry.key);
}

function keySuggestions(
  fields: Readonly<Record<string, Field>>,
  present: readonly string[],
  cursor: Cursor,
  groups: readonly (readonly string[])[],
): Suggestion[] {
  const excluded = groups.filter((group) => group.some((key) => present.includes(key))).flat();
  const free = Object.entries(fields).filter(
    ([key, field]) => field.kind !== 'later' && !present.includes(key) && !excluded.includes(key),
  );
  const required = ([key, field]: (typeof free)[number]) =>
    !mayBeLeftOut(field) || groups.some((group) => group.includes(key));
  return [...free.filter(required), ...free.filter((entry) => !required(entry))].map(([key, field]) =>
    keySuggestion(key, field, cursor),
  );
}

/** Beside the keys that choose a method: which one when. */
function guided(key: string, markdown: string, path: Cursor['path']): string {
  const chooses = path.length === 1 && path[0] === 'distill' && ['match', 'scheme'].includes(key);
  return chooses ? `${markdown}\n\n${guideMarkdown()}` : markdown;
}

function keySuggestion(key: string, field: Field, { hasColon, inFlow, path }: Cursor): Suggestion {
  const base = {
    label: key,
    kind: 'key',
    detail: typeText(field),
    documentation: guided(key, fieldMarkdown(key, field), path),
  } as const;
  if (hasColon) return { ...base, insertText: key };
  return { ...base, insertText: `${key}:${valueSnippet(field, inFlow)}`, snippet: true };
}

/** What follows a key that was just written. */
function valueSnippet(field: Field, inFlow: boolean): string {
  switch (field.kind) {
    case 'list':
      return inFlow || field.item.kind === 'number' || field.item.kind === 'union' ? ' [$0]' : '\n  - $0';
    case 'object':
    case 'record':
    case 'tagged':
      return inFlow ? ' { $0 }' : '\n  $0';
    default:
      return ' $0';
  }
}

function valuesFor(field: Field, cursor: Cursor): Suggestion[] {
  switch (field.kind) {
    case 'choice':
      return Object.entries(field.choices).map(([word, doc]) => value(word, doc.replace(/\.$/, ''), doc));
    case 'boolean':
      return ['true', 'false'].map((word) => value(word, '', field.doc));
    case 'variant':
      return variantSuggestions(field, cursor, false);
    case 'text':
      return referenceCompletions(field, cursor);
    case 'number': {
      const given = defaultOf(field);
      const documentation = fieldMarkdown(cursor.path.at(-1)?.toString() ?? '', field);
      const numbers =
        given === undefined
          ? (field.usual ?? []).map((number) => value(String(number), 'usual', documentation))
          : [value(valueText(given), 'default', documentation)];
      return field.schedulable
        ? [...numbers, ...variantSuggestions(scheduleField(field), cursor, false)]
        : numbers;
    }
    case 'union':
      return field.options.flatMap((option) => valuesFor(option, cursor));
    case 'list':
      return [
        { ...value('[ ]', typeText(field), field.doc), kind: 'snippet', insertText: '[$0]', snippet: true },
      ];
    case 'object':
      return Object.keys(field.fields).length === 0 ? [] : mapSuggestions(field.fields, cursor);
    case 'tagged':
      return mapSuggestions({ [field.tag]: tagField(field) }, cursor);
    case 'record':
      return [
        { ...value('{ }', typeText(field), field.doc), kind: 'snippet', insertText: '{ $0 }', snippet: true },
      ];
    case 'later':
      return [];
  }
}

/** Keys where a map may begin: `- name` in a list, or behind a colon. */
function mapSuggestions(fields: Readonly<Record<string, Field>>, cursor: Cursor): Suggestion[] {
  const isItem = typeof cursor.path.at(-1) === 'number';
  const keys = keySuggestions(fields, [], cursor, []);
  if (isItem && !cursor.inFlow) return keys;
  return keys.map((key) => ({ ...key, insertText: `{ ${key.insertText} }` }));
}

function variantSuggestions(
  field: Extract<Field, { kind: 'variant' }>,
  cursor: Cursor,
  asKey: boolean,
): Suggestion[] {
  return Object.entries(field.variants).flatMap(([word, settings]): Suggestion[] => {
    if (settings.kind === 'later') return [];
    const method = field.names === 'method' ? findMethod(word) : undefined;
    const base = {
      label: word,
      kind: method === undefined ? ('value' as const) : ('method' as const),
      detail: settings.doc.replace(/\.$/, ''),
      documentation: wordMarkdown(word, settings, field.names),
    };
    const required = Object.entries(settings.fields).filter(([, inner]) => !mayBeLeftOut(inner));
    if (asKey && cursor.hasColon) return [{ ...base, insertText: word }];
    const usual = method === undefined ? [] : methodKeys(settings.fields);
    const keys = [...new Map([...usual, ...required])];
    const entries = keys.map(([key, inner], index) => `${key}: ${placeholder(inner, index + 1)}`);
    const map = entries.length === 0 ? '{ $1 }' : `{ ${entries.join(', ')} }`;
    if (asKey) return [{ ...base, insertText: `${word}: ${map}$0`, snippet: true }];
    if (required.length === 0 && method === undefined) return [{ ...base, insertText: word }];
    const isBlockItem = typeof cursor.path.at(-1) === 'number' && !cursor.inFlow;
    return [
      { ...base, insertText: isBlockItem ? `${word}: ${map}$0` : `{ ${word}: ${map} }$0`, snippet: true },
    ];
  });
}

/** What one nearly always wants to see of a term: its weight and its first parameter. */
function methodKeys(fields: Readonly<Record<string, Field>>): [string, Field][] {
  const entries = Object.entries(fields);
  const weight = entries.filter(([key]) => key === 'weight');
  const parameter = entries
    .filter(([key, field]) => !['weight', 'pairs', 'start', 'end'].includes(key) && field.kind === 'number')
    .slice(0, 1);
  return [...weight, ...parameter];
}

function placeholder(field: Field, index: number): string {
  const usual = defaultOf(field);
  if (field.kind === 'list') return field.item.kind === 'union' ? `[ [$${index}] ]` : `[ $${index} ]`;
  if (field.kind === 'object') return `{ $${index} }`;
  return usual === undefined ? `$${index}` : `\${${index}:${valueText(usual)}}`;
}

function value(label: string, detail: string, documentation: string): Suggestion {
  return { label, kind: 'value', detail, documentation, insertText: label };
}
