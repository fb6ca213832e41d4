import { UserError } from '../protocol/errors.ts';
import type { TextEdit } from './diagnostic.ts';
import type { ConfigNode, Entry, ListNode, MapNode } from './syntax/node.ts';
import type { Source } from './syntax/source.ts';

/** Into `[...]` or `{...}`, after its last element. */
export function addToFlow(
  source: Source,
  { kind, place }: ListNode | MapNode,
  lastEnd: number | undefined,
  text: string,
): TextEdit {
  if (lastEnd !== undefined) return insertAt(source, lastEnd, `, ${text}`);
  const space = kind === 'map' ? ' ' : '';
  return insertAt(source, place.start + 1, `${space}${text}${space}`);
}

/** A new line `key: value` below the last entry of a block map, in the same column. */
export function addLineAfter(source: Source, last: Entry | undefined, text: string): TextEdit {
  if (last === undefined)
    throw new UserError({ code: 'KD2060', message: 'the block is empty', help: 'Write its first key.' });
  const column = source.positionAt(last.keyPlace.start).character;
  return newLine(source, last.value.place.end, ' '.repeat(column) + text);
}

/** `key: value` behind the last entry of a map, however that is written. */
export function addEntry(source: Source, map: MapNode, text: string): TextEdit {
  return map.flow
    ? addToFlow(source, map, map.entries.at(-1)?.value.place.end, text)
    : addLineAfter(source, map.entries.at(-1), text);
}

/** A new line `- value` below the last item of a block list, in the same column. */
export function addItemAfter(source: Source, last: ConfigNode, text: string): TextEdit {
  const dash = source.text.lastIndexOf('-', last.place.start);
  return newLine(source, last.place.end, `${' '.repeat(source.positionAt(dash).character)}- ${text}`);
}

/** Below the line on which the stretch before `end` ends, so that a comment behind it stays where it is. */
function newLine(source: Source, end: number, text: string): TextEdit {
  const written = source.text.slice(0, end).trimEnd().length;
  return insertAt(source, source.lineEnd(source.lineAt(written)), source.eol + text);
}

export function insertAt(source: Source, offset: number, newText: string): TextEdit {
  return { range: source.range(offset, offset), newText };
}
