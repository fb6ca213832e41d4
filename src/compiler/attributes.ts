import type { Attribute } from './graph.ts';

type Attributes = Readonly<Record<string, Attribute>>;

/** Attributes of TensorFlow.js kernels are untyped records; these read them with the type that the kernel promises. */
export function numberOf(attributes: Attributes, name: string, fallback?: number): number {
  const value = attributes[name];
  if (typeof value === 'number') return value;
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  throw wrongType(name, 'a number', value);
}

export function numbersOf(
  attributes: Attributes,
  name: string,
  fallback?: readonly number[],
): readonly number[] {
  const value = attributes[name];
  if (typeof value === 'number') return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return value;
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  throw wrongType(name, 'numbers', value);
}

/** A pair given as one number for both, or as two. */
export function pairOf(attributes: Attributes, name: string, fallback?: number): readonly [number, number] {
  const [first, second] = numbersOf(attributes, name, fallback === undefined ? undefined : [fallback]);
  if (first === undefined) throw wrongType(name, 'one or two numbers', attributes[name]);
  return [first, second ?? first];
}

export function pairsOf(attributes: Attributes, name: string): readonly (readonly [number, number])[] {
  const value = attributes[name];
  if (Array.isArray(value) && value.every((item) => Array.isArray(item) && item.length === 2)) {
    return value as readonly (readonly [number, number])[];
  }
  throw wrongType(name, 'pairs of numbers', value);
}

export function flagOf(attributes: Attributes, name: string): boolean {
  return attributes[name] === true;
}

export function textOf(attributes: Attributes, name: string, fallback?: string): string {
  const value = attributes[name];
  if (typeof value === 'string') return value;
  if (value === undefined && fallback !== undefined) return fallback;
  throw wrongType(name, 'a text', value);
}

function wrongType(name: string, expected: string, value: Attribute): Error {
  return new Error(`attribute "${name}" must be ${expected}, not ${JSON.stringify(value)}`);
}
