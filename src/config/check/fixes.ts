import type { Fix } from '../diagnostic.ts';
import { entryOf, placeRange, type ConfigNode, type Entry, type Place } from '../syntax/node.ts';

/** Removes one entry of a map with its lines, or with its comma within brackets. */
export function removeEntryFix(map: ConfigNode, entry: Entry): Fix[] {
  if (map.kind !== 'map') return [];
  const place = map.flow ? flowStretch(map.entries, entry) : blockStretch(entry);
  return place === null
    ? []
    : [{ title: `Remove "${entry.key}"`, edits: [{ range: placeRange(place), newText: '' }] }];
}

/** Removes one item of a list with its lines, or with its comma within brackets. Nothing where it is the only one. */
export function removeItemFix(list: ConfigNode | undefined, index: number, title: string): Fix[] {
  if (list?.kind !== 'list' || list.items.length < 2) return [];
  const stretches = list.items.map(({ place }) => place);
  const stretch = stretches[index];
  if (stretch === undefined) return [];
  const place = list.flow ? between(stretches, index) : linesOf(stretch, /^\s*-\s+$/);
  return place === null ? [] : [{ title, edits: [{ range: placeRange(place), newText: '' }] }];
}

/** Removes one item of the list that stands under a key, and the key with it where the item is the only one. */
export function removeFromFix(
  map: ConfigNode | undefined,
  key: string,
  index: number,
  title: string,
): readonly Fix[] {
  const entry = entryOf(map, key);
  if (map === undefined || entry?.value.kind !== 'list') return [];
  if (entry.value.items.length > 1) return removeItemFix(entry.value, index, title);
  return removeEntryFix(map, entry).map((fix) => ({ ...fix, title }));
}

function flowStretch(entries: readonly Entry[], entry: Entry): Place | null {
  return between(entries.map(stretchOf), entries.indexOf(entry));
}

/** An element within brackets with the comma that sets it apart from its neighbour. */
function between(elements: readonly Place[], index: number): Place | null {
  const [previous, own, next] = [elements[index - 1], elements[index], elements[index + 1]];
  if (own === undefined) return null;
  if (previous !== undefined) return { ...own, start: previous.end };
  return { ...own, end: next?.start ?? own.end };
}

/** From the key to the end of its value. An empty value ends where it would begin, so the key's own end is the least. */
function stretchOf({ keyPlace, value }: Entry): Place {
  return { ...keyPlace, end: Math.max(value.place.end, keyPlace.end) };
}

function blockStretch(entry: Entry): Place | null {
  return linesOf(stretchOf(entry), /^\s*$/);
}

/** Whole lines, where nothing but `before` stands in front of the stretch. */
function linesOf({ source, start, end }: Place, before: RegExp): Place | null {
  const line = source.lineAt(start);
  if (!before.test(source.text.slice(source.lineStart(line), start))) return null;
  // A block value ends at the start of the line after it; its last line with content counts.
  const content = source.text.slice(0, end).trimEnd().length;
  const last = source.lineAt(Math.max(content, start));
  return { source, start: source.lineStart(line), end: source.lineStart(last + 1) };
}
