import { UserError } from '../protocol/errors.ts';
import type { TextEdit } from './diagnostic.ts';
import { addEntry, insertAt } from './insert.ts';
import { Report } from './report.ts';
import { child, entryOf, placeRange, type ConfigNode, type Path } from './syntax/node.ts';
import { parseConfig } from './syntax/parse.ts';
import { Source } from './syntax/source.ts';

/**
 * The edit that gives a key another value, comments and the rest of the file as they are. Keys on the way that are missing are
 * added; a term written as a bare word gets settings.
 *
 * @param value YAML that fits on one line
 * @throws UserError KD2060 where the file cannot be read, or a list has no such item
 */
export function setValue(text: string, path: Path, value: string): TextEdit {
  const source = new Source('', text);
  const { root } = parseConfig(source, new Report(''));
  if (root?.kind !== 'map') throw refused('the file holds no experiment', 'mend its syntax first');
  let node: ConfigNode = root;
  for (const [at, step] of path.entries()) {
    const next = child(node, step);
    if (next === undefined || isEmpty(next)) return added(source, node, path.slice(at), value);
    node = next;
  }
  return replaced(source, node, value);
}

function isEmpty(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value === null && !node.quoted && node.place.start === node.place.end;
}

/** `rest` starts with the first key that has no value. */
function added(source: Source, node: ConfigNode, rest: Path, value: string): TextEdit {
  const [first] = rest;
  if (typeof first === 'number')
    throw refused('the list has no such item', 'run the experiment once more first');
  if (node.kind === 'map') {
    const entry = entryOf(node, first ?? '');
    if (entry !== undefined)
      return insertAt(source, entry.keyPlace.end + 1, ` ${nested(rest.slice(1), value)}`);
    return addEntry(source, node, `${first}: ${nested(rest.slice(1), value)}`);
  }
  // A word with settings: `- kd`, `[kd]`.
  if (node.kind === 'scalar' && node.value === first) {
    const text = `${first}: ${nested(rest.slice(1), value)}`;
    const before = source.text.slice(0, node.place.start).trimEnd().at(-1);
    return {
      range: placeRange(node.place),
      newText: before === '-' ? text : `{ ${text} }`,
    };
  }
  throw refused(`there is no place for "${rest.join('.')}"`, 'write it by hand');
}

/** `a.b` and a value: `{ a: { b: value } }`. */
function nested(path: Path, value: string): string {
  return path.reduceRight((inner: string, key) => `{ ${key}: ${inner} }`, value);
}

function replaced(source: Source, node: ConfigNode, value: string): TextEdit {
  if (node.kind === 'scalar' || node.flow) return { range: placeRange(node.place), newText: value };
  // A block below its key: the value moves up behind the colon.
  const before = source.text.slice(0, node.place.start).trimEnd().length;
  const end = source.text.slice(0, node.place.end).trimEnd().length;
  return { range: source.range(before, end), newText: ` ${value}` };
}

function refused(message: string, help: string): UserError {
  return new UserError({ code: 'KD2060', message, help });
}
