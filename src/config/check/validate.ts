import { closestNames } from '../../schema/suggest.ts';
import type { Field, ObjectField } from '../../schema/field.ts';
import type { Code } from '../codes.ts';
import type { Fix } from '../diagnostic.ts';
import { replaceFix, type Report } from '../report.ts';
import { defaultOf, mayBeLeftOut } from '../schema/defaults.ts';
import { accepts, concreteField, own, tagField, tagOf, variantWords } from '../schema/navigate.ts';
import { elsewhereOf } from '../schema/elsewhere.ts';
import { insteadOf } from '../schema/synonyms.ts';
import { lengthText, plain, typeText } from '../schema/words.ts';
import { entryOf, type ConfigNode, type Entry, type MapNode, type Place } from '../syntax/node.ts';
import { removeEntryFix } from './fixes.ts';
import {
  describeNode,
  headOf,
  isNothing,
  listed,
  nearestAllowed,
  numberFault,
  sentence,
  shapeHelp,
  typeFixes,
} from './values.ts';

type FieldOf<K extends Field['kind']> = Extract<Field, { kind: K }>;

/** A name that a person may choose. */
const NAME = /^[A-Za-z][\w-]{0,63}$/;
/** Words that mean something to every JavaScript object. */
const RESERVED: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
];

export function isNameOfModel(name: string): boolean {
  return NAME.test(name) && !RESERVED.includes(name);
}

/**
 * Holds a config against its schema. Faults go to the report; the result is the value in its normalised form, every default
 * filled in and every word expanded. What is faulty is left out, so the result of a faulty file has holes.
 */
export class Validator {
  readonly #report: Report;
  /** False: parts of the file could not be read, so that what is missing may only be unread. */
  readonly #complete: boolean;

  constructor(report: Report, complete: boolean) {
    this.#report = report;
    this.#complete = complete;
  }

  validate(field: Field, node: ConfigNode): unknown {
    if (node.kind === 'scalar' && node.unread === true) return undefined;
    if (field.kind === 'later') {
      this.#notYet(node.place, field.doc);
      return undefined;
    }
    const concrete = concreteField(field, node);
    if (concrete.kind === 'later') {
      this.#notYet(node.place, concrete.doc);
      return undefined;
    }
    if (!accepts(concrete, node)) {
      this.#wrongType(concrete, node);
      return undefined;
    }
    switch (concrete.kind) {
      case 'number':
        return this.#number(concrete, node);
      case 'text':
        return this.#text(concrete, node);
      case 'boolean':
        return node.kind === 'scalar' ? node.value : undefined;
      case 'choice':
        return this.#choice(concrete, node);
      case 'list':
        return this.#list(concrete, node);
      case 'object':
        return this.#object(concrete, node);
      case 'record':
        return this.#record(concrete, node);
      case 'variant':
        return this.#variant(concrete, node);
      case 'tagged':
        return this.#tagged(concrete, node);
      case 'union':
        return undefined;
    }
  }

  #number(field: FieldOf<'number'>, node: ConfigNode): number | undefined {
    const value = node.kind === 'scalar' && typeof node.value === 'number' ? node.value : Number.NaN;
    const fault = numberFault(field, value);
    if (fault === null) return value;
    const near = nearestAllowed(field, value);
    this.#report.add('KD2004', node.place, {
      message: fault,
      help: `Give ${typeText({ ...field, schedulable: false })}.`,
      fixes: near === null ? [] : [replaceFix(`Change to ${plain(near)}`, node.place, plain(near))],
    });
    return undefined;
  }

  #text(field: FieldOf<'text'>, node: ConfigNode): string | undefined {
    const value = node.kind === 'scalar' ? String(node.value) : '';
    if (field.filled !== true || value.trim() !== '') return value;
    this.#report.add('KD2004', node.place, {
      message: 'the text is empty',
      help: `Give ${typeText(field)}.`,
    });
    return undefined;
  }

  #choice(field: FieldOf<'choice'>, node: ConfigNode): string | undefined {
    const word = node.kind === 'scalar' ? String(node.value) : '';
    const words = Object.keys(field.choices);
    if (words.includes(word)) return word;
    const postponed = own(field.later ?? {}, word);
    if (postponed === undefined) this.#unknownWord('KD2005', word, words, node.place);
    else this.#notYet(node.place, postponed, word);
    return undefined;
  }

  #list(field: FieldOf<'list'>, node: ConfigNode): unknown[] {
    const items = node.kind === 'list' ? node.items : [];
    const { minimumLength = 0, maximumLength = Number.POSITIVE_INFINITY } = field;
    if (items.length < minimumLength || items.length > maximumLength) {
      this.#report.add('KD2007', node.place, {
        message: `the list has ${items.length} ${items.length === 1 ? 'entry' : 'entries'}, but takes a list${lengthText(field.minimumLength, field.maximumLength)}`,
        help: `${sentence(field.doc)} Give ${typeText(field)}.`,
      });
    }
    return items.map((item) => this.validate(field.item, item));
  }

  #object(field: ObjectField, written: ConfigNode): unknown {
    if (written.kind !== 'map') return undefined;
    const node = this.#withNewNames(field, written);
    for (const entry of node.entries) {
      if (!Object.hasOwn(field.fields, entry.key)) this.#unknownKey(entry, field, node);
    }
    const result: [string, unknown][] = [];
    for (const [key, inner] of Object.entries(field.fields)) {
      const entry = entryOf(node, key);
      const value = entry === undefined ? this.#leftOut(key, inner, node, field) : this.#entry(entry, inner);
      if (value !== undefined) result.push([key, value]);
    }
    for (const group of field.exactlyOne ?? []) this.#exactlyOne(group, node, field);
    return Object.fromEntries(result);
  }

  /** The map with keys under their present names; an old name beside its new one stays what it is: unknown. */
  #withNewNames({ formerly = {} }: ObjectField, node: MapNode): MapNode {
    if (!node.entries.some(({ key }) => own(formerly, key) !== undefined)) return node;
    const entries = node.entries.map((entry) => {
      const key = own(formerly, entry.key);
      if (key === undefined || entryOf(node, key) !== undefined) return entry;
      this.#report.add('KD2011', entry.keyPlace, {
        message: `"${entry.key}" is called "${key}" now`,
        help: 'It is read as before; rename it.',
        fixes: [replaceFix(`Rename to "${key}"`, entry.keyPlace, key)],
      });
      return { ...entry, key };
    });
    return { ...node, entries };
  }

  #entry(entry: Entry, field: Field): unknown {
    if (field.kind === 'later') {
      this.#notYet(entry.keyPlace, field.doc, entry.key);
      return undefined;
    }
    if (!isNothing(entry.value)) return this.validate(field, entry.value);
    if (mayBeLeftOut(field)) return defaultOf(field);
    this.#report.add('KD2003', entry.keyPlace, {
      message: `"${entry.key}" has no value`,
      help: `Give ${typeText(field)}.`,
    });
    return undefined;
  }

  #leftOut(key: string, field: Field, node: ConfigNode, parent: ObjectField): unknown {
    if (mayBeLeftOut(field)) return defaultOf(field);
    const grouped = (parent.exactlyOne ?? []).some((group) => group.includes(key));
    if (this.#complete && !grouped) {
      this.#report.add('KD2002', headOf(node), {
        message: `"${key}" is missing`,
        help: `${sentence(field.doc)} Give ${typeText(field)}.`,
      });
    }
    return undefined;
  }

  #exactlyOne(group: readonly string[], node: ConfigNode, field: ObjectField): void {
    const present = group.flatMap((key) => entryOf(node, key) ?? []);
    const [first, second] = present;
    const postponed =
      node.kind === 'map' && node.entries.some((entry) => own(field.fields, entry.key)?.kind === 'later');
    if (first === undefined) {
      if (!this.#complete || postponed) return;
      this.#report.add('KD2006', headOf(node), {
        message: `one of these keys is missing: ${group.join(', ')}`,
        help: 'Give exactly one of them.',
      });
    } else if (second !== undefined) {
      this.#report.add('KD2006', second.keyPlace, {
        message: `"${second.key}" and "${first.key}" exclude each other`,
        help: 'Keep one of them.',
        fixes: removeEntryFix(node, second),
        related: [{ place: first.keyPlace, message: `"${first.key}" stands here` }],
      });
    }
  }

  #record(field: FieldOf<'record'>, node: ConfigNode): unknown {
    const entries = node.kind === 'map' ? node.entries : [];
    const good = entries.filter((entry) => this.#nameIsAllowed(entry));
    return Object.fromEntries(
      good
        .map((entry) => [entry.key, this.#entry(entry, field.value)] as const)
        .filter(([, value]) => value !== undefined),
    );
  }

  #nameIsAllowed({ key, keyPlace }: Entry): boolean {
    if (isNameOfModel(key)) return true;
    this.#report.add('KD2009', keyPlace, {
      message: `"${key}" cannot be a name`,
      help: 'Use letters, digits, "_" and "-", beginning with a letter.',
    });
    return false;
  }

  #variant(field: FieldOf<'variant'>, node: ConfigNode): unknown {
    const entries = node.kind === 'map' ? node.entries : [];
    const [entry, second] = entries;
    if (node.kind === 'map' && (entry === undefined || second !== undefined)) {
      this.#report.add('KD2010', second?.keyPlace ?? node.place, {
        message:
          entry === undefined
            ? 'the map is empty'
            : `"${entry.key}" is a choice of its own; "${second?.key ?? ''}" does not belong beside it`,
        help:
          entry !== undefined &&
          own(
            own(field.variants, entry.key)?.kind === 'object'
              ? (own(field.variants, entry.key) as ObjectField).fields
              : {},
            second?.key ?? '',
          ) !== undefined
            ? `Indent "${second?.key ?? ''}" below "${entry.key}".`
            : 'Keep one key: the word, with its settings below it.',
      });
    }
    if (entry === undefined && node.kind === 'map') return undefined;
    const word = entry?.key ?? (node.kind === 'scalar' ? String(node.value) : '');
    const place = entry?.keyPlace ?? node.place;
    const settings = own(field.variants, word);
    if (settings === undefined) {
      const code = field.names === 'method' ? 'KD2202' : 'KD2005';
      this.#unknownWord(code, word, variantWords(field.variants).now, place, field.names);
      return undefined;
    }
    if (settings.kind === 'later') {
      this.#notYet(place, settings.doc, word);
      return undefined;
    }
    const inner = entry?.value;
    if (inner !== undefined && !isNothing(inner)) {
      const value = this.validate(settings, inner);
      return value === undefined ? undefined : { [word]: value };
    }
    return { [word]: this.#object(settings, { kind: 'map', entries: [], flow: true, place }) };
  }

  #tagged(field: FieldOf<'tagged'>, node: ConfigNode): unknown {
    const tag = entryOf(node, field.tag);
    const choice = tagField(field);
    if (tag === undefined) {
      if (this.#complete) {
        this.#report.add('KD2002', headOf(node), {
          message: `"${field.tag}" is missing`,
          help: `${sentence(field.tagDoc)} Give ${typeText(choice)}.`,
        });
      }
      return undefined;
    }
    if (this.#entry(tag, choice) === undefined) return undefined;
    const settings = own(field.variants, tagOf(field.tag, node));
    if (settings?.kind !== 'object' || node.kind !== 'map') return undefined;
    const rest = { ...node, entries: node.entries.filter((entry) => entry !== tag) };
    const value = this.#object(settings, rest);
    return value === undefined ? undefined : { [field.tag]: tagOf(field.tag, node), ...(value as object) };
  }

  #unknownKey(entry: Entry, field: ObjectField, node: ConfigNode): void {
    if (this.#report.full) return;
    const { key, keyPlace } = entry;
    const reason = own(field.foreign ?? {}, key);
    if (reason !== undefined) {
      this.#report.add('KD2001', keyPlace, {
        message: `"${key}" does not belong here`,
        help: reason,
        fixes: removeEntryFix(node, entry),
      });
      return;
    }
    const free = Object.keys(field.fields).filter((name) => entryOf(node, name) === undefined);
    const [close] = closestNames(key, free, 1);
    const instead = insteadOf(key, Object.keys(field.fields));
    const better = instead?.key ?? close;
    const fixes: Fix[] =
      better === undefined || entryOf(node, better) !== undefined
        ? []
        : [replaceFix(`Rename to "${better}"`, keyPlace, better)];
    this.#report.add('KD2001', keyPlace, {
      message: `unknown key "${key}"${better === undefined ? '' : `; did you mean "${better}"?`}`,
      help: instead?.help ?? `Keys here: ${listed(Object.keys(field.fields))}.`,
      fixes: fixes.length > 0 ? fixes : removeEntryFix(node, entry),
    });
  }

  #unknownWord(code: Code, word: string, words: readonly string[], place: Place, kind = 'word'): void {
    const [close] = closestNames(word, words, 1);
    this.#report.add(code, place, {
      message: `unknown ${kind} "${word}"${close === undefined ? '' : `; did you mean "${close}"?`}`,
      help: (kind === 'word' ? undefined : elsewhereOf(word)) ?? `Use one of: ${listed(words)}.`,
      fixes: close === undefined ? [] : [replaceFix(`Change to "${close}"`, place, close)],
    });
  }

  #notYet(place: Place, doc: string, word?: string): void {
    this.#report.add('KD2008', place, {
      message: `${word === undefined ? 'this' : `"${word}"`} is not available in this version`,
      help: `${sentence(doc)} Remove it to run the experiment.`,
    });
  }

  #wrongType(field: Field, node: ConfigNode): void {
    const fixes = typeFixes(field, node);
    this.#report.add('KD2003', node.kind === 'scalar' ? node.place : headOf(node), {
      message: `${describeNode(node)} stands where ${typeText(field)} belongs`,
      help: `${sentence(field.doc)} ${shapeHelp(field)}`,
      fixes,
    });
  }
}
