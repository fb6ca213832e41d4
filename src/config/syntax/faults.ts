import { isCollection, isScalar, visit, type Document, type YAMLError } from 'yaml';
import type { Code } from '../codes.ts';
import type { Patch } from './patched.ts';

/** What is wrong with the text, in offsets of the text that was parsed. */
export interface SyntaxFault {
  readonly code: Code;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly help: string;
  readonly fix: { readonly title: string; readonly patches: readonly Patch[] } | null;
  /** Mends the text so that the rest can be read; empty where the parser copes. */
  readonly repair: readonly Patch[];
}

/** Says in our words what the parser found, and how to go on behind it. */
export function explainFault(error: YAMLError, text: string, document: Document): SyntaxFault {
  const [start, end] = error.pos;
  const line = lineAround(text, start);
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return tabs(text, start);
    case 'MISSING_CHAR':
      if (error.message.startsWith('Flow')) return openBracket(error, text, document);
      return error.message.includes('quote')
        ? openQuote(text, document, start)
        : missingColon(error, text, line);
    case 'BAD_INDENT':
      if (error.message.startsWith('Flow')) return openBracket(error, text, document);
      return wrongIndent(text, line);
    case 'BAD_SCALAR_START':
      return needsQuotes(text, start, `"${text.slice(start, end)}" cannot begin a plain text`);
    case 'MULTILINE_IMPLICIT_KEY':
      return missingColon(error, text, line);
    case 'BLOCK_AS_IMPLICIT_KEY':
      return secondColon(error, text, start, line);
    case 'BLOCK_IN_FLOW':
      return missingComma(error, text, start);
    case 'UNEXPECTED_TOKEN':
      return surplus(error, text);
    case 'TAG_RESOLVE_FAILED':
    case 'MULTIPLE_TAGS':
      return tag(text, start, end);
    case 'BAD_DQ_ESCAPE':
      return escape(text, start);
    case 'BAD_DIRECTIVE':
      return directive(text, line);
    case 'MULTIPLE_DOCS':
      return {
        code: 'KD1013',
        start,
        end: Math.min(end, start + 3),
        message: 'a second document begins here; only the first is read',
        help: 'Put it into a file of its own.',
        fix: null,
        repair: [],
      };
    default:
      return other(error, text);
  }
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function lineAround(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const found = text.indexOf('\n', offset);
  const end = found === -1 ? text.length : found;
  return { start, end, text: text.slice(start, end).replace(/\r$/, '') };
}

function tabs(text: string, start: number): SyntaxFault {
  const patches: Patch[] = [];
  for (const match of text.matchAll(/^[ \t]*\t[ \t]*(?=\S)/gm)) {
    patches.push({
      start: match.index,
      end: match.index + match[0].length,
      text: match[0].replaceAll('\t', '  '),
    });
  }
  const run = /^[ \t]*/.exec(text.slice(start))?.[0].length ?? 1;
  return {
    code: 'KD1002',
    start,
    end: start + Math.max(run, 1),
    message: 'a tab stands where the indentation is counted in spaces',
    help: 'Use two spaces a level.',
    fix: { title: 'Replace the tabs in the indentation by spaces', patches },
    repair: patches,
  };
}

function openQuote(text: string, document: Document, end: number): SyntaxFault {
  let start = lineAround(text, end).start;
  visit(document, {
    Scalar(_, node) {
      const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
      if (quoted && node.range !== null && node.range !== undefined && node.range[1] >= end)
        start = node.range[0];
    },
  });
  const quote = text[start] ?? '"';
  const line = lineAround(text, start);
  const rest = text.slice(start + 1, line.end);
  // Within brackets the text most likely ends before the next comma or bracket.
  const inFlow = /[[{]/.test(text.slice(line.start, start));
  const length = (inFlow ? /[,}\]]/ : /\s+#|\s*$/).exec(rest)?.index ?? rest.trimEnd().length;
  const close = start + 1 + length;
  const patches = [{ start: close, end: close, text: quote }];
  return {
    code: 'KD1003',
    start,
    end: close,
    message: `the text that begins with ${quote} is never closed`,
    help: `Add ${quote} at its end.`,
    fix: { title: `Add the missing ${quote}`, patches },
    repair: patches,
  };
}

function openBracket(error: YAMLError, text: string, document: Document): SyntaxFault {
  const [at] = error.pos;
  const closer = /with a (\S)/.exec(error.message)?.[1] ?? '}';
  const opener = closer === '}' ? '{' : '[';
  let start = at;
  visit(document, {
    Collection(_, node) {
      const open = node.range?.[0] ?? 0;
      const closed = text[(node.range?.[1] ?? 0) - 1] === closer;
      if (isCollection(node) && node.flow === true && text[open] === opener && open < at && !closed)
        start = open;
    },
  });
  const insertAt = Math.max(endOfContent(text, at), start + 1);
  const patches = [{ start: insertAt, end: insertAt, text: opener === '{' ? ' }' : ']' }];
  return {
    code: 'KD1003',
    start,
    end: start + 1,
    message: `the ${opener} is never closed`,
    help: `Add ${closer} at its end.`,
    fix: { title: `Add the missing ${closer}`, patches },
    repair: patches,
  };
}

/** Offset behind the last thing before `offset` that is neither space nor comment. */
function endOfContent(text: string, offset: number): number {
  for (let end = offset; end > 0;) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end);
    const content = line.replace(/(^|\s+)#[^'"]*$/, '').trimEnd();
    if (content.trim() !== '') return start + content.length;
    end = start - 1;
  }
  return 0;
}

function wrongIndent(text: string, line: Line): SyntaxFault {
  const indent = /^ */.exec(line.text)?.[0].length ?? 0;
  const wanted = neighbourIndent(text, line.start, indent);
  const patches = [{ start: line.start, end: line.start + indent, text: ' '.repeat(wanted) }];
  return {
    code: 'KD1004',
    start: line.start + indent,
    end: line.start + line.text.trimEnd().length,
    message:
      wanted === indent
        ? 'a key stands among the items of a list'
        : 'this line starts at a column where no block is open',
    help: 'Let the keys of one block start at the same column, and every item of a list with "- ".',
    fix: wanted === indent ? null : { title: `Indent by ${wanted} spaces like the line above`, patches },
    repair: wanted === indent ? blank(text, line.start) : patches,
  };
}

/** Indentation of the nearest line above that holds anything. */
function neighbourIndent(text: string, before: number, fallback: number): number {
  const above = text
    .slice(0, before)
    .split('\n')
    .filter((line) => /^ *[^\s#]/.test(line))
    .at(-1);
  return above === undefined ? fallback : (/^ */.exec(above)?.[0].length ?? fallback);
}

function needsQuotes(text: string, start: number, message: string): SyntaxFault {
  const line = lineAround(text, start);
  const inFlow = /[[{][^\]}]*$/.test(text.slice(line.start, start));
  const rest = text.slice(start, line.start + line.text.length);
  const content = rest.slice(0, (inFlow ? /\s*[,}\]]|\s+#|\s*$/ : /\s+#|\s*$/).exec(rest)?.index);
  const quoted = JSON.stringify(content);
  return {
    code: 'KD1015',
    start,
    end: start + content.length,
    message,
    help: 'Put the text into quotes.',
    fix: { title: `Write ${quoted}`, patches: [{ start, end: start + content.length, text: quoted }] },
    repair: [{ start, end: start + content.length, text: quoted }],
  };
}

function missingColon(error: YAMLError, text: string, line: Line): SyntaxFault {
  const lone = /^(\s*(?:- +)*)([A-Za-z_][\w-]*)\s*(#.*)?$/.exec(line.text);
  const tight = /^(\s*(?:- +)*)([A-Za-z_][\w-]*):(?=[^\s:/\\])/.exec(line.text);
  const match = lone ?? tight;
  if (match === null) return other(error, text);
  const start = line.start + (match[1] ?? '').length;
  const end = start + (match[2] ?? '').length;
  const patch = lone === null ? { start: end + 1, end: end + 1, text: ' ' } : { start: end, end, text: ':' };
  return {
    code: 'KD1005',
    start,
    end,
    message:
      lone === null
        ? `a space is missing after "${match[2] ?? ''}:"`
        : `a colon is missing after "${match[2] ?? ''}"`,
    help: 'Write a key as `key: value`.',
    fix: { title: lone === null ? 'Add the space' : 'Add the colon', patches: [patch] },
    repair: [patch],
  };
}

function secondColon(error: YAMLError, text: string, start: number, line: Line): SyntaxFault {
  const before = text.slice(line.start, start);
  const value = text.slice(start, line.end);
  if (/^\s*(?:- +)*[\w-]+:\s+$/.test(before) && /^[^#]*:(\s|$)/.test(value)) {
    return needsQuotes(text, start, 'a second colon stands in one line');
  }
  const next = lineAround(text, line.end + 1);
  const own = /^( *)[A-Za-z_][\w-]*:\s+\S/.exec(line.text)?.[1];
  const deeper = /^( *)[A-Za-z_][\w-]*:(\s|$)/.exec(next.text)?.[1];
  const moved =
    own !== undefined && deeper !== undefined && deeper.length > own.length && next.start > line.start;
  return moved ? wrongIndent(text, next) : other(error, text);
}

function missingComma(error: YAMLError, text: string, start: number): SyntaxFault {
  const match = /^\S+(\s+)(?=[\w-]+\s*:)/.exec(text.slice(start, lineAround(text, start).end));
  if (match === null) return other(error, text);
  const at = start + match[0].length - (match[1] ?? '').length;
  const patches = [{ start: at, end: at, text: ',' }];
  return {
    code: 'KD1001',
    start,
    end: at,
    message: 'a comma is missing after this value',
    help: 'Separate the keys of a { map } by commas.',
    fix: { title: 'Add the comma', patches },
    repair: patches,
  };
}

function surplus(error: YAMLError, text: string): SyntaxFault {
  const [start, end] = error.pos;
  const token = text.slice(start, end);
  if (!/^[\]}]$/.test(token)) return other(error, text);
  return {
    code: 'KD1001',
    start,
    end,
    message: `this ${token} closes nothing`,
    help: 'Remove it.',
    fix: { title: `Remove the ${token}`, patches: [{ start, end, text: '' }] },
    repair: [{ start, end, text: ' ' }],
  };
}

function escape(text: string, start: number): SyntaxFault {
  const patches = [{ start, end: start, text: '\\' }];
  return {
    code: 'KD1001',
    start,
    end: start + 2,
    message: `"${text.slice(start, start + 2)}" means nothing within double quotes`,
    help: 'Write a backslash as two, or use single quotes.',
    fix: { title: 'Double the backslash', patches },
    repair: patches,
  };
}

function tag(text: string, start: number, end: number): SyntaxFault {
  const after = /^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
  return {
    code: 'KD1007',
    start,
    end,
    message: `the tag ${text.slice(start, end)} is not read`,
    help: 'Remove it: a config is plain data.',
    fix: { title: 'Remove the tag', patches: [{ start, end: end + after, text: '' }] },
    repair: [],
  };
}

export function directive(text: string, line: Line): SyntaxFault {
  const end = line.start + line.text.length;
  return {
    code: 'KD1007',
    start: line.start,
    end,
    message: `the directive ${line.text.trim()} is not read`,
    help: 'Remove it: a config is YAML 1.2 without directives.',
    fix: {
      title: 'Remove the directive',
      patches: [{ start: line.start, end: Math.min(line.end + 1, text.length), text: '' }],
    },
    repair: [{ start: line.start, end, text: '#'.padEnd(end - line.start) }],
  };
}

function other(error: YAMLError, text: string): SyntaxFault {
  const start = Math.min(error.pos[0], text.length);
  const line = lineAround(text, start);
  const end = Math.min(Math.max(error.pos[1], start + 1), Math.max(line.start + line.text.length, start));
  return {
    code: error.code === 'BAD_ALIAS' ? 'KD1008' : 'KD1001',
    start,
    end,
    message: /^\s*- /.test(line.text)
      ? 'this list item stands where no list is'
      : `not YAML: ${lowerFirst(error.message)}`,
    help: 'Compare the line with its neighbours; the rest of the file is checked without it.',
    fix: null,
    repair: blank(text, start),
  };
}

/** Empties a line from its first character on, keeping its length. */
function blank(text: string, offset: number): Patch[] {
  const line = lineAround(text, offset);
  const content = line.text.trimStart();
  const start = line.start + line.text.length - content.length;
  return content === '' ? [] : [{ start, end: start + content.length, text: ' '.repeat(content.length) }];
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Whether a scalar is written in quotes. */
export function isQuoted(node: unknown): boolean {
  return isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
}
