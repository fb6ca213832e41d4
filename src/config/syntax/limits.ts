import { Lexer } from 'yaml';
import type { Source } from './source.ts';

/** A config has some hundred lines; what is larger is a mistake or an attack. */
export const LARGEST_FILE_BYTES = 1_000_000;
export const DEEPEST_LEVEL = 32;
/** Nodes after aliases are expanded. */
export const MOST_NODES = 50_000;
/** Parts that the YAML parser sees; its time grows with faults, so they are bounded too. */
const MOST_TOKENS = 100_000;
/** Below this even the worst text parses at once, and tokens need not be counted. */
const SURELY_SMALL = 64_000;

/** Whether the text has more tokens than any experiment needs. */
export function hasTooManyTokens(text: string): boolean {
  if (text.length <= SURELY_SMALL) return false;
  // Every wrong escape within a text costs a message too.
  let tokens = text.split('\\').length;
  const lexer = new Lexer().lex(text);
  while (tokens <= MOST_TOKENS && lexer.next().done !== true) tokens += 1;
  return tokens > MOST_TOKENS;
}

/** Offset of the first bracket that opens a level deeper than allowed, or null. Quotes and comments are left out. */
export function tooDeepBracket(text: string): number | null {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (quote !== '') {
      if (character === '\\' && quote === '"') index += 1;
      else if (character === quote || character === '\n') quote = '';
    } else if ((character === '"' || character === "'") && opensToken(text, index)) quote = character;
    else if (character === '#' && opensToken(text, index)) index = endOfLine(text, index);
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > DEEPEST_LEVEL) return index;
    } else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
  }
  return null;
}

/** Offset of a line that nests by more `- ` or `? ` than allowed, or null. */
export function tooDeepDashes(text: string): number | null {
  const match = new RegExp(`^[ \\t]*(?:[-?][ \\t]+){${DEEPEST_LEVEL + 1}}`, 'm').exec(text);
  return match === null ? null : match.index;
}

function opensToken(text: string, index: number): boolean {
  return index === 0 || ' \t\n\r[{,'.includes(text[index - 1] ?? '');
}

function endOfLine(text: string, index: number): number {
  const end = text.indexOf('\n', index);
  return end === -1 ? text.length : end;
}

/** Offset of the first line that lies deeper than allowed by its indentation, or null. */
export function tooDeepIndent(source: Source): number | null {
  const open: number[] = [];
  for (let line = 0; line < source.lineCount; line += 1) {
    const text = source.line(line);
    const indent = /^ *(?=[^ #])/.exec(text)?.[0].length;
    if (indent === undefined) continue;
    while (open.length > 0 && (open.at(-1) ?? 0) >= indent) open.pop();
    open.push(indent);
    if (open.length > DEEPEST_LEVEL + 1) return source.lineStart(line) + indent;
  }
  return null;
}
