import type { Position, Range } from '../../protocol/errors.ts';
import type { Field } from '../../schema/field.ts';
import type { Analysis } from '../analyze.ts';
import { experimentField } from '../schema/experiment.ts';
import { fieldAt } from '../schema/navigate.ts';
import type { ConfigNode, Path } from '../syntax/node.ts';
import { Source } from '../syntax/source.ts';
import { analysisOf } from './context.ts';
import type { LanguageContext } from './types.ts';

/** Where in the language a place in a text is, whether or not the text is whole. */
export interface Cursor {
  /** `key`: where a key of the map at `path` stands; `value`: where the value at `path` stands. */
  readonly role: 'key' | 'value';
  readonly path: Path;
  /** What may stand there. */
  readonly field: Field;
  /** The map or list around it. */
  readonly container: ConfigNode | undefined;
  /** The word at the cursor, up to the cursor. */
  readonly written: string;
  /** The whole word, which a completion replaces. */
  readonly range: Range;
  /** Within brackets, where line breaks do not belong. */
  readonly inFlow: boolean;
  /** A colon follows already. */
  readonly hasColon: boolean;
  readonly analysis: Analysis;
}

/** Stands in for the word at the cursor, so that a half-written line parses. */
const MARK = 'kdCursorMark0';
const WORD_BEFORE = /[\w./\\-]*$/;
const WORD_AFTER = /^[\w./\\-]*/;
/** How far back an open bracket is looked for. */
const LONGEST_FLOW = 4000;

/** Null within a comment, or where the text cannot be understood at all. */
export function cursorAt(text: string, position: Position, context: LanguageContext): Cursor | null {
  const source = new Source('', text);
  const offset = source.offsetAt(position);
  const line = source.line(position.line);
  const before = line.slice(0, offset - source.lineStart(position.line));
  if (isInComment(before)) return null;
  const after = line.slice(before.length);
  const written = withoutDash(WORD_BEFORE.exec(before)?.[0] ?? '');
  const rest = after.slice((WORD_AFTER.exec(after)?.[0] ?? '').length);
  const start = offset - written.length;
  const end = source.lineEnd(position.line) - rest.length;
  const hasColon = /^["']?\s*:/.test(rest);
  const openBrackets = isInFlow(source.text.slice(0, start));
  const beginsLine = /^\s*$/.test(before.slice(0, before.length - written.length));
  // A word that begins a line is a key, whatever follows it yet.
  const colon = beginsLine && !openBrackets && !hasColon ? ':' : '';
  const marked = source.text.slice(0, start) + MARK + colon + source.text.slice(end);
  const analysis = analysisOf(marked, context);
  if (analysis.tree === null) return null;
  const found = findMark(analysis.tree, []);
  if (found === null) return null;
  const field = fieldAt(experimentField, analysis.tree, found.path);
  if (field === undefined) return null;
  const { container } = found;
  const inFlow = openBrackets || (container !== undefined && container.kind !== 'scalar' && container.flow);
  return { ...found, field, written, range: source.range(start, end), hasColon, inFlow, analysis };
}

/** Whether a key is the stand-in for the word at the cursor. */
export function isMark(key: string): boolean {
  return key.includes(MARK);
}

/** The dash that begins a list item is not part of the word behind it. */
function withoutDash(word: string): string {
  return word === '-' ? '' : word;
}

interface Found {
  readonly role: Cursor['role'];
  readonly path: Path;
  readonly container: ConfigNode | undefined;
}

function findMark(node: ConfigNode, path: Path, container?: ConfigNode): Found | null {
  if (node.kind === 'scalar') {
    const isHere = typeof node.value === 'string' && node.value.includes(MARK);
    return isHere ? { role: 'value', path, container } : null;
  }
  if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      const found = findMark(item, [...path, index], node);
      if (found !== null) return found;
    }
    return null;
  }
  for (const entry of node.entries) {
    if (isMark(entry.key)) return { role: 'key', path, container: node };
    const found = findMark(entry.value, [...path, entry.key], node);
    if (found !== null) return found;
  }
  return null;
}

function isInComment(before: string): boolean {
  let quote = '';
  let previous = ' ';
  for (const character of before) {
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if ((character === '"' || character === "'") && /[\s[{,:]/.test(previous)) quote = character;
    else if (character === '#' && /\s/.test(previous)) return true;
    previous = character;
  }
  return false;
}

/** Whether brackets are open where the text ends. */
function isInFlow(text: string): boolean {
  // A key in the first column ends whatever was left open before it.
  const [recent = ''] = text
    .slice(-LONGEST_FLOW)
    .split(/^(?=[A-Za-z_][\w-]*:)/m)
    .slice(-1);
  let depth = 0;
  let quote = '';
  for (const character of recent.replaceAll(/(^|\s)#.*$/gm, '')) {
    if (quote !== '') {
      if (character === quote || character === '\n') quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
  }
  return depth > 0;
}
