import { isScalar, type Document, type YAMLError } from 'yaml';
import { blank, lineAround, type Line, type SyntaxFault } from './fault.ts';
import { missingColon, missingComma, secondColon, tabs, wrongIndent } from './line-faults.ts';
import { needsQuotes, openBracket, openQuote } from './open-faults.ts';

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
        : (missingColon(line) ?? other(error, text));
    case 'BAD_INDENT':
      if (error.message.startsWith('Flow')) return openBracket(error, text, document);
      return wrongIndent(text, line);
    case 'BAD_SCALAR_START':
      return needsQuotes(text, start, `"${text.slice(start, end)}" cannot begin a plain text`);
    case 'MULTILINE_IMPLICIT_KEY':
      return missingColon(line) ?? other(error, text);
    case 'BLOCK_AS_IMPLICIT_KEY':
      return secondColon(text, start, line) ?? other(error, text);
    case 'BLOCK_IN_FLOW':
      return missingComma(text, start) ?? other(error, text);
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

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Whether a scalar is written in quotes. */
export function isQuoted(node: unknown): boolean {
  return isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
}
