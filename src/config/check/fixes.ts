import type { Fix } from '../diagnostic.ts';
import { placeRange, type ConfigNode, type Entry, type Place } from '../syntax/node.ts';

/** Removes one entry of a map with its lines, or with its comma within brackets. */
export function removeEntryFix(map: ConfigNode, entry: Entry): Fix[] {
  if (map.kind !== 'map') return [];
  const place = map.flow ? flowStretch(map.entries, entry) : blockStretch(entry);
  return place === null
    ? []
    : [{ title: `Remove "${entry.key}"`, edits: [{ range: placeRange(place), newText: '' }] }];
}

function flowStretch(entries: readonly Entry[], entry: Entry): Place | null {
  const { source } = entry.keyPlace;
  const index = entries.indexOf(entry);
  const previous = entries[index - 1];
  const next = entries[index + 1];
  if (previous !== undefined) {
    // An empty value ends where it would begin, so the key's own end is the least.
    const end = Math.max(entry.value.place.end, entry.keyPlace.end);
    return { source, start: Math.max(previous.value.place.end, previous.keyPlace.end), end };
  }
  const end = next === undefined ? Math.max(entry.value.place.end, entry.keyPlace.end) : next.keyPlace.start;
  return { source, start: entry.keyPlace.start, end };
}

function blockStretch(entry: Entry): Place | null {
  const { source, start } = entry.keyPlace;
  const line = source.lineAt(start);
  const before = source.text.slice(source.lineStart(line), start);
  if (before.trim() !== '') return null;
  const end = Math.max(entry.value.place.end, entry.keyPlace.end);
  // A block value ends at the start of the line after it; its last line with content counts.
  const content = source.text.slice(0, end).trimEnd().length;
  const last = source.lineAt(Math.max(content, start));
  return { source, start: source.lineStart(line), end: source.lineStart(last + 1) };
}
