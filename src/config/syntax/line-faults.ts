import { blank, lineAround, type Line, type SyntaxFault } from './fault.ts';
import { needsQuotes } from './open-faults.ts';
import type { Patch } from './patched.ts';

export function tabs(text: string, start: number): SyntaxFault {
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

export function wrongIndent(text: string, line: Line): SyntaxFault {
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

export function missingColon(line: Line): SyntaxFault | null {
  const lone = /^(\s*(?:- +)*)([A-Za-z_][\w-]*)\s*(#.*)?$/.exec(line.text);
  const tight = /^(\s*(?:- +)*)([A-Za-z_][\w-]*):(?=[^\s:/\\])/.exec(line.text);
  const match = lone ?? tight;
  if (match === null) return null;
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

export function secondColon(text: string, start: number, line: Line): SyntaxFault | null {
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
  return moved ? wrongIndent(text, next) : null;
}

export function missingComma(text: string, start: number): SyntaxFault | null {
  const match = /^\S+(\s+)(?=[\w-]+\s*:)/.exec(text.slice(start, lineAround(text, start).end));
  if (match === null) return null;
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
