import type { JsonNumber } from './records.ts';

/**
 * Run-time checks of values that come from outside: a shape reads an unknown value as `T` or throws a `Mismatch`
 * that names the place. What is read is a fresh copy with the known fields only, so nothing unexpected travels on.
 *
 * Parts are read without a place, and one that is wrong is told with it on the way out: most of what is read are long lists of
 * numbers, and a text for each would take more time and memory than they do.
 */
export type Shape<T> = (value: unknown, place: string) => T;

/** A value that is not what it should be. */
export class Mismatch extends Error {
  readonly place: string;
  readonly #expected: string;

  constructor(place: string, expected: string) {
    super(`${place === '' ? 'the value' : place} is not ${expected}`);
    this.name = 'Mismatch';
    this.place = place;
    this.#expected = expected;
  }

  /** The same, told from further outside. */
  within(outer: string): Mismatch {
    return new Mismatch(outer + this.place, this.#expected);
  }
}

/** A field that may be absent. */
export interface OptionalField<T> {
  readonly optional: Shape<T>;
}

type Field<T, K extends keyof T> =
  Pick<T, K> extends Required<Pick<T, K>> ? Shape<T[K]> : OptionalField<Exclude<T[K], undefined>>;
type Fields<T> = { readonly [K in keyof T]-?: Field<T, K> };

export function optional<T>(shape: Shape<T>): OptionalField<T> {
  return { optional: shape };
}

/** An object; unknown fields are dropped, so that a newer writer does no harm. */
export function object<T extends object>(fields: Fields<T>): Shape<T> {
  const entries = Object.entries<Shape<unknown> | OptionalField<unknown>>(fields);
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Mismatch(place, 'an object');
    const read: Record<string, unknown> = {};
    let at = '';
    try {
      for (const [key, field] of entries) {
        at = key;
        const inner = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
        if (typeof field === 'function') read[key] = field(inner, '');
        else if (inner !== undefined) read[key] = field.optional(inner, '');
      }
    } catch (error) {
      if (error instanceof Mismatch) throw error.within(`${place}.${at}`);
      throw error;
    }
    return read as T;
  };
}

/** A union told apart by its `type`. */
export function tagged<T extends { readonly type: string }>(shapes: {
  readonly [K in T['type']]: Shape<Extract<T, { readonly type: K }>>;
}): Shape<T> {
  return (value, place) => {
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
    if (typeof type !== 'string' || !Object.hasOwn(shapes, type))
      throw new Mismatch(`${place}.type`, 'a known type');
    return shapes[type as T['type']](value, place);
  };
}

export function literal<const T extends string | number | boolean | null>(
  ...allowed: readonly T[]
): Shape<T> {
  return (value, place) => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw new Mismatch(place, `one of ${allowed.map(String).join(', ')}`);
    return found;
  };
}

/** Text of at most `longest` UTF-16 characters. */
export function text(longest: number): Shape<string> {
  return (value, place) => {
    if (typeof value !== 'string') throw new Mismatch(place, 'text');
    if (value.length > longest) throw new Mismatch(place, `text of at most ${longest} characters`);
    return value;
  };
}

/** Bytes as base64, at most `longest` characters of it. */
export function base64(longest: number): Shape<string> {
  return (value, place) => {
    const found = text(longest)(value, place);
    if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(found)) throw new Mismatch(place, 'base64');
    return found;
  };
}

/** A finite number. */
export const finite: Shape<number> = (value, place) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Mismatch(place, 'a finite number');
  return value;
};

/** A whole number from 0 to 2^53 - 1. */
export const count: Shape<number> = (value, place) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Mismatch(place, 'a whole number of at least 0');
  }
  return value;
};

/** A number as JSON can hold it: finite, or one of three words. */
export const jsonNumber: Shape<JsonNumber> = (value, place) => {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Mismatch(place, 'a number');
};

export const boolean: Shape<boolean> = (value, place) => {
  if (typeof value !== 'boolean') throw new Mismatch(place, 'true or false');
  return value;
};

/** A list of at most `longest` entries. */
export function list<T>(shape: Shape<T>, longest: number): Shape<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw new Mismatch(place, 'a list');
    if (value.length > longest) throw new Mismatch(place, `a list of at most ${longest} entries`);
    const read: T[] = [];
    try {
      for (const entry of value as unknown[]) read.push(shape(entry, ''));
    } catch (error) {
      if (error instanceof Mismatch) throw error.within(`${place}[${read.length}]`);
      throw error;
    }
    return read;
  };
}

/**
 * A column of at most `longest` numbers. It is taken as it is: it holds nothing but numbers, and what came from outside is a copy
 * already.
 *
 * @param isRight what each number has to be; left out: any
 * @param expected the same in words
 */
export function column(
  longest: number,
  isRight?: (entry: number) => boolean,
  expected = 'a number',
): Shape<Float64Array> {
  return (value, place) => {
    if (!(value instanceof Float64Array)) throw new Mismatch(place, 'a column of numbers');
    if (value.length > longest) throw new Mismatch(place, `a column of at most ${longest} numbers`);
    if (isRight === undefined) return value;
    // No `findIndex`: it makes an object of each number to hand it over.
    for (let at = 0; at < value.length; at += 1)
      if (!isRight(value[at] ?? NaN)) throw new Mismatch(`${place}[${at}]`, expected);
    return value;
  };
}

/** An object with any keys, at most `most` of them, each at most `longestKey` characters. */
export function dictionary<T>(
  shape: Shape<T>,
  most: number,
  longestKey = 200,
): Shape<Readonly<Record<string, T>>> {
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Mismatch(place, 'an object');
    const entries = Object.entries<unknown>(value as Record<string, unknown>);
    if (entries.length > most) throw new Mismatch(place, `an object of at most ${most} entries`);
    if (entries.some(([key]) => key.length > longestKey))
      throw new Mismatch(place, `an object with keys of at most ${longestKey} characters`);
    let at = '';
    try {
      for (const entry of entries) {
        at = entry[0];
        entry[1] = shape(entry[1], '');
      }
      return Object.fromEntries(entries) as Record<string, T>;
    } catch (error) {
      if (error instanceof Mismatch) throw error.within(`${place}.${at}`);
      throw error;
    }
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, place) => (value === null ? null : shape(value, place));
}

/**
 * A shape of a value that weighs at most `limit`: its numbers and the characters of its text, keys included, added up. What is
 * heavier is refused before anything of it is copied.
 */
export function within<T>(limit: number, shape: Shape<T>): Shape<T> {
  return (value, place) => {
    if (outweighs(value, limit))
      throw new Mismatch(place, `a value of at most ${limit} numbers and characters`);
    return shape(value, place);
  };
}

function outweighs(value: unknown, limit: number): boolean {
  // What is still to be weighed: numbers, which are most of a message, need no turn of their own.
  const waiting: unknown[] = [value];
  let weight = 0;
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') weight += next.length;
    else if (Array.isArray(next) || next instanceof Float64Array) weight += next.length;
    else if (ArrayBuffer.isView(next)) weight += next.byteLength;
    else weight += 1;
    if (weight > limit) return true;
    if (Array.isArray(next)) {
      for (const entry of next as unknown[]) if (typeof entry !== 'number') waiting.push(entry);
    } else if (typeof next === 'object' && next !== null && !ArrayBuffer.isView(next)) {
      for (const [key, entry] of Object.entries(next)) waiting.push(key, entry);
    }
  }
  return false;
}

export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Reads without throwing. A value that throws while it is read (a getter, a proxy) is a mismatch too. */
export function read<T>(shape: Shape<T>, value: unknown, name: string): Read<T> {
  try {
    return { ok: true, value: shape(value, name) };
  } catch (error) {
    return { ok: false, problem: error instanceof Mismatch ? error.message : `${name} cannot be read` };
  }
}
