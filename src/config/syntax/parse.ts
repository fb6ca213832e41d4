import { parseDocument, type Document, type YAMLError } from 'yaml';
import { placeRange, type ConfigNode, type Place } from './node.ts';
import type { Report } from '../report.ts';
import { convertDocument } from './convert.ts';
import { lineAround, type SyntaxFault } from './fault.ts';
import { directive, explainFault } from './faults.ts';
import {
  DEEPEST_LEVEL,
  hasTooManyTokens,
  LARGEST_FILE_BYTES,
  tooDeepBracket,
  tooDeepDashes,
  tooDeepIndent,
} from './limits.ts';
import { PatchedText } from './patched.ts';
import { withLineFeeds, type Source } from './source.ts';

export interface ParsedConfig {
  /** Null where nothing could be read. */
  readonly root: ConfigNode | null;
  /** False: parts were left out or mended, so what is missing may only be unread. */
  readonly complete: boolean;
}

/** Each repair costs one more parse; a file with more faults than this is shown its first ones. */
const MOST_REPAIRS = 16;
const MOST_EXPLAINED = 50;
const FORBIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const MOST_FORBIDDEN_SHOWN = 20;

/**
 * Reads a config as plain nodes with places. Faults of the text go to the report and are mended where possible, so that the
 * rest is still checked. Never throws; time and depth are bounded for any text.
 */
export function parseConfig(source: Source, report: Report): ParsedConfig {
  const refused = refuse(source, report);
  if (refused) return { root: null, complete: false };
  let patched = withoutForbidden(source, report);
  let complete = report.diagnostics.length === 0;
  for (let repairs = 0; ; repairs += 1) {
    const document = parse(patched.text);
    if (document === null) {
      const place = { source, start: 0, end: source.lineEnd(0) };
      report.add('KD1010', place, { message: 'the file is nested too deep to be read', help: 'Flatten it.' });
      return { root: null, complete: false };
    }
    const repair = reportFaults(document, patched, source, report);
    if (document.errors.length > 0) complete = false;
    if (repair.length === 0 || repairs === MOST_REPAIRS || document.errors.length > MOST_EXPLAINED) {
      return { root: convertDocument(document, patched, source, report), complete };
    }
    patched = patched.apply(repair);
  }
}

function refuse(source: Source, report: Report): boolean {
  const start: Place = { source, start: 0, end: source.lineEnd(0) };
  if (source.text.length > LARGEST_FILE_BYTES) {
    const megabytes = (source.text.length / 1e6).toFixed(1);
    report.add('KD1011', start, {
      message: `the file has ${megabytes} MB; at most 1 MB is read`,
      help: 'Leave data out of the config, or split it into base files.',
    });
    return true;
  }
  const deep = tooDeepBracket(source.text) ?? tooDeepDashes(source.text) ?? tooDeepIndent(source);
  if (deep !== null) {
    report.add(
      'KD1010',
      { source, start: deep, end: deep + 1 },
      {
        message: `the file is nested deeper than ${DEEPEST_LEVEL} levels; nothing of it is read`,
        help: 'Flatten this part, or close the brackets that are open.',
      },
    );
    return true;
  }
  if (hasTooManyTokens(source.text)) {
    report.add('KD1009', start, {
      message: 'the file has more elements than any experiment needs; nothing of it is read',
      help: 'Leave data out of the config, or split it into base files.',
    });
    return true;
  }
  return false;
}

/** The text with every character that no YAML text holds replaced by `?`; the first of them are reported. */
function withoutForbidden(source: Source, report: Report): PatchedText {
  let shown = 0;
  const clean = source.text.replace(FORBIDDEN, (character, offset: number) => {
    const place = { source, start: offset, end: offset + 1 };
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    if (shown++ < MOST_FORBIDDEN_SHOWN) {
      report.add('KD1012', place, {
        message: `the character U+${code} cannot stand in a text file`,
        help: 'Remove it.',
        fixes: [{ title: `Remove U+${code}`, edits: [{ range: placeRange(place), newText: '' }] }],
      });
    }
    return '?';
  });
  return new PatchedText(withLineFeeds(clean));
}

function parse(text: string): Document | null {
  try {
    return parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    // The parser recurses by nesting; what the limits above did not foresee ends here.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Reports up to the first fault that needs a repair, and returns that repair. */
function reportFaults(
  document: Document,
  patched: PatchedText,
  source: Source,
  report: Report,
): SyntaxFault['repair'] {
  const { text } = patched;
  const problems: YAMLError[] = [...document.errors, ...document.warnings];
  problems.sort((a, b) => a.pos[0] - b.pos[0]);
  for (const fault of explainAll(problems.slice(0, MOST_EXPLAINED), document, text)) {
    const place = { source, start: patched.original(fault.start), end: patched.original(fault.end) };
    const edits = fault.fix?.patches.map((patch) => ({
      range: source.range(patched.original(patch.start), patched.original(patch.end)),
      newText: patch.text,
    }));
    report.add(fault.code, place, {
      message: fault.message,
      help: fault.help,
      fixes: fault.fix === null || edits === undefined ? [] : [{ title: fault.fix.title, edits }],
    });
    if (fault.repair.length > 0) return fault.repair;
  }
  return [];
}

/** One at a time: mending the first often does away with the others. */
function* explainAll(
  problems: readonly YAMLError[],
  document: Document,
  text: string,
): Generator<SyntaxFault> {
  const marked = /^%/m.exec(text);
  if (document.directives !== undefined && marked !== null && marked.index < text.indexOf('---')) {
    yield directive(text, lineAround(text, marked.index));
  }
  for (const problem of problems) yield explainFault(problem, text, document);
}
