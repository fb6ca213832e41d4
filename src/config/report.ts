import { isAbsolute } from 'node:path';
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import type { Diagnostic, Fix, RelatedInformation, Severity } from './diagnostic.ts';
import { placeRange, type Place } from './syntax/node.ts';

export interface Fault {
  readonly message: string;
  readonly help: string;
  readonly fixes?: readonly Fix[];
  readonly related?: readonly { readonly place: Place; readonly message: string }[];
  /** Where the code's own severity does not fit. */
  readonly severity?: Severity;
}

/** More than this are not shown: a file that is broken throughout needs one look, not a thousand lines. */
const MOST_DIAGNOSTICS = 200;

/**
 * Collects what is wrong with one file. A fault in another file (a base, an override) is shown in the checked file at the
 * place that brought it in, with the true place as related information.
 */
export class Report {
  readonly diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  readonly #file: string;
  readonly #broughtIn = new Map<string, Place>();

  constructor(file: string) {
    this.#file = file;
  }

  /** Faults in `file` are shown at `place`. */
  bringIn(file: string, place: Place): void {
    if (file !== this.#file && !this.#broughtIn.has(file)) this.#broughtIn.set(file, place);
  }

  /** True: what is added now is not shown any more, so it need not be worked out. */
  get full(): boolean {
    return this.diagnostics.length >= MOST_DIAGNOSTICS;
  }

  get failed(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  }

  add(code: Code, place: Place, fault: Fault): void {
    const { source } = place;
    const shown = source.file === this.#file ? place : this.#broughtIn.get(source.file);
    const away = shown !== place;
    const range = shown === undefined ? placeRange({ ...place, start: 0, end: 0 }) : placeRange(shown);
    const message = away ? `${originText(place)}: ${fault.message}` : fault.message;
    const key = JSON.stringify([code, range, message]);
    if (this.#seen.has(key) || this.full) return;
    this.#seen.add(key);
    const related: RelatedInformation[] = [
      ...(away && !isChange(source.file)
        ? [{ file: source.file, range: placeRange(place), message: fault.message }]
        : []),
      ...(fault.related ?? []).map((other) => ({
        file: other.place.source.file,
        range: placeRange(other.place),
        message: other.message,
      })),
    ];
    this.diagnostics.push({
      range,
      severity: fault.severity ?? CODES[code].severity,
      code,
      message,
      help: fault.help,
      fixes: away ? [] : (fault.fixes ?? []),
      ...(related.length > 0 ? { relatedInformation: related } : {}),
      ...(away && isAbsolute(source.file)
        ? { origin: { file: source.file, range: placeRange(place), message: fault.message } }
        : {}),
    });
  }
}

/** A fix that writes `newText` over one place. */
export function replaceFix(title: string, place: Place, newText: string): Fix {
  return { title, edits: [{ range: placeRange(place), newText }] };
}

/** `base.kd.yaml:12`, or the change of the command line as it was typed. */
function originText({ source, start }: Place): string {
  if (isChange(source.file)) return source.file;
  return `${baseName(source.file)}:${source.positionAt(start).line + 1}`;
}

/** Whether a text comes from no file but from the command line (`--set path=value`). */
export function isChange(origin: string): boolean {
  return origin.startsWith('--set ');
}

function baseName(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}
