import { isScalar, Lexer, parseDocument, visit } from 'yaml';
import type { TextEdit } from '../diagnostic.ts';
import { Report } from '../report.ts';
import { parseConfig } from '../syntax/parse.ts';
import { Source, withLineFeeds } from '../syntax/source.ts';

const LINE_WIDTH = 110;

/**
 * The edit that lays a config out evenly: two spaces a level, one space where YAML wants one. Comments, the order of keys,
 * quotes and the way numbers are written stay. None where the text is even already, or has faults that could change its meaning.
 */
export function formatEdits(text: string): TextEdit[] {
  const source = new Source('', text);
  const before = source.text;
  const report = new Report('');
  parseConfig(source, report);
  // Also what is too deep, too large, or has too many aliases to be followed.
  if (report.diagnostics.length > 0) return [];
  const formatted = format(withLineFeeds(before));
  if (formatted === null) return [];
  const after = formatted.replaceAll('\n', source.eol);
  return after === before ? [] : [changedLines(source, after)];
}

function format(text: string): string | null {
  // Without a schema every value is the text that is written, so that `1.0e-3` and `~` come out as they went in.
  const document = parseDocument(text, { schema: 'failsafe', customTags: ['null'], uniqueKeys: false });
  if (document.errors.length > 0 || document.warnings.length > 0 || document.contents === null) return null;
  visit(document, {
    Scalar(_, node) {
      // An empty value is nothing, not the empty text.
      if (isScalar(node) && node.value === '' && node.type === 'PLAIN') node.value = null;
    },
  });
  const written = document.toString({ lineWidth: LINE_WIDTH, flowCollectionPadding: true, nullStr: '' });
  const tidy = withTightLists(written)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    // The writer sets the last comment apart.
    .replace(/\n\n((?:#.*\n)+)$/, /\n[ \t]*\r?\n(?:#.*(?:\r?\n|$))+\s*$/.test(text) ? '\n\n$1' : '\n$1');
  return meaning(tidy) === meaning(text) && commentsOf(tidy) === commentsOf(text) ? tidy : null;
}

/** `[1, 2]` for `[ 1, 2 ]`; maps keep their room. */
function withTightLists(text: string): string {
  const tokens = [...new Lexer().lex(text)].filter((token) => !/^[\u0002\u0018\u001f]$/.test(token));
  return tokens
    .filter(
      (token, index) => !(/^ +$/.test(token) && (tokens[index - 1] === '[' || tokens[index + 1] === ']')),
    )
    .join('');
}

/** The data of a text as one string; equal texts mean the same. */
function meaning(text: string): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: false });
  return document.errors.length > 0
    ? `faulty: ${text}`
    : JSON.stringify(document.toJS({ maxAliasCount: -1 }));
}

function commentsOf(text: string): string {
  return (text.match(/(^|\s)#.*$/gm) ?? []).map((comment) => comment.trim()).join('\n');
}

/** One edit from the first line that differs to the last, so that the cursor elsewhere stays where it is. */
function changedLines(source: Source, after: string): TextEdit {
  const [old, fresh] = [source.text.split(/(?<=\n)/), after.split(/(?<=\n)/)];
  let start = 0;
  while (start < Math.min(old.length, fresh.length) && old[start] === fresh[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, fresh.length) - start && old.at(-1 - end) === fresh.at(-1 - end))
    end += 1;
  const from = old.slice(0, start).join('').length;
  const to = source.text.length - old.slice(old.length - end).join('').length;
  return { range: source.range(from, to), newText: fresh.slice(start, fresh.length - end).join('') };
}
