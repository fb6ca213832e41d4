import type { Position, Range } from '../../protocol/errors.ts';

const LINE_END = /\r\n|\r|\n/g;
const BYTE_ORDER_MARK = '\uFEFF';

/** With a line feed for each carriage return of its own, which ends a line for editors and not for the parser; every offset stays. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r(?!\n)/g, '\n');
}

/** A text with its name, and the way between offsets and lines. A byte order mark is not part of the text. */
export class Source {
  readonly file: string;
  readonly text: string;
  readonly #starts: readonly number[];
  readonly #ends: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    const starts = [0];
    const ends: number[] = [];
    for (const match of this.text.matchAll(LINE_END)) {
      ends.push(match.index);
      starts.push(match.index + match[0].length);
    }
    ends.push(this.text.length);
    this.#starts = starts;
    this.#ends = ends;
  }

  /** How its lines end, for what is written into it. */
  get eol(): string {
    return this.text.includes('\r\n') ? '\r\n' : '\n';
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** Offset of the first character of a line; the end of the text for a line after the last. */
  lineStart(line: number): number {
    return this.#starts[line] ?? this.text.length;
  }

  /** Offset after the last character of a line, its line end left out. */
  lineEnd(line: number): number {
    return this.#ends[line] ?? this.text.length;
  }

  /** A line without its line end. */
  line(line: number): string {
    return this.text.slice(this.lineStart(line), this.lineEnd(line));
  }

  lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStart(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  positionAt(offset: number): Position {
    const line = this.lineAt(offset);
    const character = Math.min(Math.max(offset, 0), this.lineEnd(line)) - this.lineStart(line);
    return { line, character };
  }

  offsetAt(position: Position): number {
    const end = this.lineEnd(position.line);
    return Math.min(this.lineStart(position.line) + Math.max(position.character, 0), end);
  }

  range(start: number, end: number): Range {
    return { start: this.positionAt(start), end: this.positionAt(end) };
  }
}
