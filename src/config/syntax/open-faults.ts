import { isCollection, visit, type Document, type YAMLError } from 'yaml';
import { lineAround, type SyntaxFault } from './fault.ts';

export function openQuote(text: string, document: Document, end: number): SyntaxFault {
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

export function openBracket(error: YAMLError, text: string, document: Document): SyntaxFault {
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

export function needsQuotes(text: string, start: number, message: string): SyntaxFault {
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
