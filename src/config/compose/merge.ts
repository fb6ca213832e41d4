import type { ConfigNode, Entry } from '../syntax/node.ts';

/** Keys that say something about one file and are not inherited. */
const OWN_KEYS: readonly string[] = ['extends', 'partial'];

/**
 * The base with everything that `own` says over it: maps are merged key by key, lists and plain values replaced.
 * A key that is there without a value leaves the base as it is.
 */
export function mergeNodes(base: ConfigNode, own: ConfigNode, top = true): ConfigNode {
  if (own.kind === 'scalar' && own.value === null && !own.quoted) return base;
  if (base.kind !== 'map' || own.kind !== 'map') return own;
  const inherited = top ? base.entries.filter((entry) => !OWN_KEYS.includes(entry.key)) : base.entries;
  const merged: Entry[] = inherited.map((entry) => {
    const over = own.entries.find((other) => other.key === entry.key);
    return over === undefined ? entry : { ...over, value: mergeNodes(entry.value, over.value, false) };
  });
  const added = own.entries.filter((entry) => !inherited.some((other) => other.key === entry.key));
  return { kind: 'map', flow: own.flow, place: own.place, entries: [...merged, ...added] };
}
