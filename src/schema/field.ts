/**
 * A small language to declare what a config may hold. One declaration serves validation, defaults, hover text,
 * completion, the JSON Schema and the reference pages.
 */

interface Common<T> {
  /** What it means, one or two sentences, Markdown. */
  readonly doc: string;
  /** Absent: the key is required, unless `optional`. */
  readonly default?: T;
  /** True: may be left out and then has no value. */
  readonly optional?: boolean;
  /** Where the default or the range comes from: paper and table, or the reference code. */
  readonly source?: string;
  /** Only for inference; never present. */
  readonly type?: T;
}

export interface NumberField extends Common<number> {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  /** Proposed where there is no default. */
  readonly usual?: readonly number[];
  /** True: a schedule may stand where the number stands. */
  readonly schedulable: boolean;
}
export interface BooleanField extends Common<boolean> {
  readonly kind: 'boolean';
}
export interface TextField extends Common<string> {
  readonly kind: 'text';
  /** What the text refers to: completion and checks know it. */
  readonly refersTo?: 'model' | 'layer' | 'class' | 'file' | 'folder' | 'run';
  /** True: the empty text is refused. */
  readonly filled?: boolean;
}
export interface ChoiceField<T extends string = string> extends Common<T> {
  readonly kind: 'choice';
  /** Value to one-line meaning. */
  readonly choices: Readonly<Record<T, string>>;
  /** Words of the language that this version does not know how to run yet, with their meaning. */
  readonly later?: Readonly<Record<string, string>>;
}
export interface ListField<T = unknown> extends Common<readonly T[]> {
  readonly kind: 'list';
  readonly item: Field;
  readonly minimumLength?: number;
  readonly maximumLength?: number;
}
export interface ObjectField<T = unknown> extends Common<T> {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, Field>>;
  /** Groups of keys of which exactly one must be there. */
  readonly exactlyOne?: readonly (readonly string[])[];
  /** Old names of keys, which are still read, with their new names. */
  readonly formerly?: Readonly<Record<string, string>>;
  /** Keys that people expect here but that do not belong, with the reason. */
  readonly foreign?: Readonly<Record<string, string>>;
}
/** Names chosen by the user, each with the same kind of value. */
export interface RecordField<T = unknown> extends Common<Readonly<Record<string, T>>> {
  readonly kind: 'record';
  readonly value: Field;
  readonly nameDoc: string;
}
/** A word, or a one-key map from that word to its settings: `adam` or `{ adam: { learningRate: 1.0e-3 } }`. */
export interface VariantField<T = unknown> extends Common<T> {
  readonly kind: 'variant';
  /** What the words name: completion and checks know it. */
  readonly names?: 'method' | 'architecture' | 'module' | 'scheme' | 'refiner';
  readonly variants: Readonly<Record<string, ObjectField | LaterField>>;
}
/** A map whose keys depend on the word under one of them: `{ format: idx, train: ... }`. */
export interface TaggedField<T = unknown> extends Common<T> {
  readonly kind: 'tagged';
  readonly tag: string;
  readonly tagDoc: string;
  readonly variants: Readonly<Record<string, ObjectField | LaterField>>;
}
/** A part of the language that this version cannot run yet: known, explained and refused. Its content is not checked. */
export interface LaterField extends Common<never> {
  readonly kind: 'later';
}
/** One of several shapes, told apart by the YAML type (number, text, list, map). */
export interface UnionField<T = unknown> extends Common<T> {
  readonly kind: 'union';
  readonly options: readonly Field[];
}

export type Field =
  | NumberField
  | BooleanField
  | TextField
  | ChoiceField
  | ListField
  | ObjectField
  | RecordField
  | VariantField
  | TaggedField
  | UnionField
  | LaterField;

/** The TypeScript type of a field's value. */
export type ValueOf<F> = F extends { readonly type?: infer T } ? Exclude<T, undefined> : never;

type RequiredKeys<S> = { [K in keyof S]: S[K] extends { readonly optional: true } ? never : K }[keyof S];
type OptionalKeys<S> = { [K in keyof S]: S[K] extends { readonly optional: true } ? K : never }[keyof S];
export type ObjectValue<S> = { readonly [K in RequiredKeys<S>]: ValueOf<S[K]> } & {
  readonly [K in OptionalKeys<S>]?: ValueOf<S[K]>;
};

type Options<F, Drop extends string> = Omit<F, 'kind' | 'type' | Drop>;

export function number<O extends Partial<Options<NumberField, 'integer'>> & { doc: string }>(options: O) {
  return { kind: 'number', integer: false, schedulable: false, ...options } as NumberField & O;
}
export function integer<O extends Partial<Options<NumberField, 'integer'>> & { doc: string }>(options: O) {
  return { kind: 'number', integer: true, schedulable: false, ...options } as NumberField & O;
}
export function boolean<O extends Options<BooleanField, never>>(options: O) {
  return { kind: 'boolean', ...options } as BooleanField & O;
}
export function text<O extends Options<TextField, never>>(options: O) {
  return { kind: 'text', ...options } as TextField & O;
}
export function choice<T extends string, O extends Omit<Options<ChoiceField<T>, 'choices'>, never>>(
  choices: Readonly<Record<T, string>>,
  options: O,
) {
  return { kind: 'choice', choices, ...options } as unknown as ChoiceField<T> & O;
}
export function list<F extends Field, O extends Options<ListField<ValueOf<F>>, 'item'>>(item: F, options: O) {
  return { kind: 'list', item, ...options } as unknown as ListField<ValueOf<F>> & O;
}
export function object<
  S extends Readonly<Record<string, Field>>,
  O extends {
    doc: string;
    optional?: boolean;
    default?: unknown;
    exactlyOne?: readonly (readonly string[])[];
  },
>(fields: S, options: O) {
  return { kind: 'object', fields, ...options } as unknown as ObjectField<ObjectValue<S>> & {
    readonly fields: S;
  } & O;
}
export function record<F extends Field, O extends Options<RecordField<ValueOf<F>>, 'value'>>(
  value: F,
  options: O,
) {
  return { kind: 'record', value, ...options } as unknown as RecordField<ValueOf<F>> & O;
}
/** Value: a one-key map, every default of the settings filled in. */
export function variant<
  S extends Readonly<Record<string, ObjectField | LaterField>>,
  O extends {
    doc: string;
    optional?: boolean;
    default?: unknown;
    source?: string;
    names?: 'method' | 'architecture' | 'module' | 'scheme' | 'refiner';
  },
>(variants: S, options: O) {
  return { kind: 'variant', variants, ...options } as unknown as VariantField<VariantValue<S>> & {
    readonly variants: S;
  } & O;
}
type VariantValue<S> = { readonly [K in keyof S]?: ValueOf<S[K]> };
/** Value: the map with its tag. */
export function tagged<
  Tag extends string,
  S extends Readonly<Record<string, ObjectField | LaterField>>,
  O extends { doc: string; tagDoc: string; optional?: boolean },
>(tag: Tag, variants: S, options: O) {
  return { kind: 'tagged', tag, variants, ...options } as unknown as TaggedField<TaggedValue<Tag, S>> & {
    readonly variants: S;
  } & O;
}
type TaggedValue<Tag extends string, S> = {
  [K in keyof S & string]: S[K] extends ObjectField ? { readonly [T in Tag]: K } & ValueOf<S[K]> : never;
}[keyof S & string];
export function union<
  F extends readonly Field[],
  O extends { doc: string; optional?: boolean; default?: unknown },
>(shapes: F, options: O) {
  return { kind: 'union', options: shapes, ...options } as unknown as UnionField<ValueOf<F[number]>> & {
    readonly options: F;
  } & O;
}
export function later(doc: string) {
  return { kind: 'later', doc, optional: true } as LaterField & { readonly optional: true };
}
