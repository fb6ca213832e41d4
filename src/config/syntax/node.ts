import type { Range } from '../../protocol/errors.ts';
import type { Source } from './source.ts';

/** A stretch of a text: offsets, half open. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/**
 * The file as plain data with places, whatever it came from: YAML, a base file or an override. Aliases share nodes;
 * circles do not occur.
 */
export type ConfigNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** Written in quotes: a text whatever it looks like. */
  readonly quoted: boolean;
  /** True: what stands here could not be read, which is reported already. */
  readonly unread?: boolean;
  /** Empty, right after the colon, where nothing is written. */
  readonly place: Place;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  /** `[a, b]` rather than one line an item. */
  readonly flow: boolean;
  readonly place: Place;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
  readonly flow: boolean;
  readonly place: Place;
}

export interface Entry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: ConfigNode;
}

/** Keys and list positions from the root to a node. */
export type Path = readonly (string | number)[];

export function entryOf(node: ConfigNode | undefined, key: string): Entry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

export function child(node: ConfigNode | undefined, step: string | number): ConfigNode | undefined {
  if (typeof step === 'string') return entryOf(node, step)?.value;
  return node?.kind === 'list' ? node.items[step] : undefined;
}

export function nodeAt(root: ConfigNode | undefined, path: Path): ConfigNode | undefined {
  let node = root;
  for (const step of path) node = child(node, step);
  return node;
}

/** The node at the path, or the nearest one above it that exists. */
export function nearestNode(root: ConfigNode, path: Path): ConfigNode {
  let node = root;
  for (const step of path) {
    const next = child(node, step);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** The key that leads to the path, or the nearest node above it. */
export function keyPlace(root: ConfigNode, path: Path): Place {
  const last = path.at(-1);
  const parent = nodeAt(root, path.slice(0, -1));
  const entry = typeof last === 'string' ? entryOf(parent, last) : undefined;
  return entry?.keyPlace ?? nearestNode(root, path).place;
}

export function placeRange(place: Place): Range {
  return place.source.range(place.start, place.end);
}

/** `distill.match[0].kd` */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}
