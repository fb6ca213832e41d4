import type { Diagnostic } from '../config/diagnostic.ts';
import { isChange } from '../config/report.ts';

const TAB_COLUMNS = 4;
const LONGEST_LINE = 160;

/**
 * A diagnostic with its place, the line it speaks of and the next step:
 *
 *     digits.kd.yaml:12:5: error KD2004: unknown key "temperatur"
 *       12 |   temperatur: 4
 *          |   ^^^^^^^^^^
 *       next: did you mean "temperature"?
 */
export function diagnosticText(file: string, text: string, diagnostic: Diagnostic): string {
  const { range, severity, code, message, help } = diagnostic;
  // A change of the command line stands nowhere in the file.
  if (isChange(message)) return [`${file}: ${severity} ${code}: ${message}`, ...nextLine(help)].join('\n');
  const { start, end } = range;
  const lines = text.split(/\r\n|\r|\n/);
  const line = lines[start.line];
  const head = `${file}:${start.line + 1}:${start.character + 1}: ${severity} ${code}: ${message}`;
  const next = nextLine(help);
  if (line === undefined || line.trim() === '') return [head, ...next].join('\n');
  const number = String(start.line + 1);
  const last = end.line === start.line ? end.character : line.length;
  const shown = expanded(line).slice(0, LONGEST_LINE);
  const before = expanded(line.slice(0, start.character)).length;
  const marked = Math.max(1, expanded(line.slice(0, last)).length - before);
  const marks = `${' '.repeat(before)}${'^'.repeat(marked)}`.slice(0, LONGEST_LINE);
  return [
    head,
    `  ${number} | ${shown}`,
    `  ${' '.repeat(number.length)} | ${marks}`,
    ...next,
    ...(diagnostic.relatedInformation ?? []).map(
      (other) => `  see ${other.file}:${other.range.start.line + 1}: ${other.message}`,
    ),
  ].join('\n');
}

function nextLine(help: string): readonly string[] {
  return help === '' ? [] : [`  next: ${help}`];
}

/** Tabs as blanks, and no control character that a hostile file could send to the terminal. */
function expanded(line: string): string {
  return line.replaceAll('\t', ' '.repeat(TAB_COLUMNS)).replace(/[\p{Cc}\p{Cf}]/gu, '·');
}

/** `2 errors, 1 warning` */
export function countsText(diagnostics: readonly Pick<Diagnostic, 'severity'>[]): string {
  const parts = (['error', 'warning', 'information'] as const).map((severity) => {
    const count = diagnostics.filter((one) => one.severity === severity).length;
    if (count === 0) return '';
    return severity === 'information'
      ? `${count} note${count === 1 ? '' : 's'}`
      : `${count} ${severity}${count === 1 ? '' : 's'}`;
  });
  return parts.filter((part) => part !== '').join(', ');
}
