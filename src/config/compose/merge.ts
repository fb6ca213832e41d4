import type { Field } from '../../schema/field.ts';
import { childField, concreteField, tagOf } from '../schema/navigate.ts';
import type { ConfigNode, Entry, MapNode } from '../syntax/node.ts';

/** Keys that say something about one file and are not inherited. */
const OWN_KEYS: readonly string[] = ['extends', 'partial'];

/** The base with everything that the file itself says over it. */
export function mergeFiles(base: ConfigNode, own: ConfigNode, field: Field): ConfigNode {
  if (base.kind !== 'map') return own;
  const inherited = base.entries.filter((entry) => !OWN_KEYS.includes(entry.key));
  return mergeNodes({ ...base, entries: inherited }, own, field);
}

/**
 * Maps are merged key by key, lists and plain values replaced. A key that is there without a value leaves the base as it
 * is. Where the language knows a choice, another choice replaces the base's with all its settings.
 */
function mergeNodes(base: ConfigNode, own: ConfigNode, field: Field | undefined): ConfigNode {
  if (own.kind === 'scalar' && own.value === null && !own.quoted) return base;
  const concrete = field === undefined ? undefined : concreteField(field, own);
  if (concrete?.kind === 'variant' && own.kind === 'scalar') return wordOf(base) === wordOf(own) ? base : own;
  if (base.kind !== 'map' || own.kind !== 'map') return own;
  if (concrete?.kind === 'variant' && wordOf(base) !== wordOf(own)) return own;
  if (concrete?.kind === 'tagged') {
    const [before, now] = [tagOf(concrete.tag, base), tagOf(concrete.tag, own)];
    if (now !== '' && now !== before) return own;
  }
  const kept =
    concrete?.kind === 'object' ? withoutReplaced(base, own, concrete.exactlyOne ?? []) : base.entries;
  const merged: Entry[] = kept.map((entry) => {
    const over = own.entries.find((other) => other.key === entry.key);
    if (over === undefined) return entry;
    const inner = concrete === undefined ? undefined : childField(concrete, own, entry.key);
    return { ...over, value: mergeNodes(entry.value, over.value, inner) };
  });
  const added = own.entries.filter((entry) => !kept.some((other) => other.key === entry.key));
  return { kind: 'map', flow: own.flow, place: own.place, entries: [...merged, ...added] };
}

/** The word of a choice, written alone or as the only key of a map. */
function wordOf(node: ConfigNode): string | undefined {
  if (node.kind === 'map') return node.entries[0]?.key;
  return node.kind === 'scalar' ? String(node.value) : undefined;
}

/** Of keys that exclude each other, the file's own replaces the base's. */
function withoutReplaced(
  base: MapNode,
  own: MapNode,
  groups: readonly (readonly string[])[],
): readonly Entry[] {
  const has = (key: string) => own.entries.some((entry) => entry.key === key);
  const replaced = groups.filter((group) => group.some(has)).flat();
  return base.entries.filter((entry) => has(entry.key) || !replaced.includes(entry.key));
}
