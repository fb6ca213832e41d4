/** What a command needs of a stream; tests give their own. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/**
 * Where a command speaks. With `--json` standard output carries JSON only, one value a line, and all words for people go
 * to standard error.
 */
export class Output {
  readonly json: boolean;
  readonly #stdout: Sink;
  readonly #stderr: Sink;

  constructor(json: boolean, stdout: Sink = process.stdout, stderr: Sink = process.stderr) {
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** Where words for people go. */
  get words(): Sink {
    return this.json ? this.#stderr : this.#stdout;
  }

  /** Colours, bars and repainting are for terminals alone. */
  get isTerminal(): boolean {
    return this.words.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  get isColoured(): boolean {
    return this.isTerminal && (process.env['NO_COLOR'] ?? '') === '';
  }

  /** Results and news for people. */
  say(text: string): void {
    this.words.write(`${text}\n`);
  }

  /** A result in a format of its own, as it is. */
  write(text: string): void {
    this.words.write(text);
  }

  /** What went wrong. */
  complain(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /** One line of JSON, only with `--json`. */
  emit(value: unknown): void {
    if (this.json) this.#stdout.write(`${JSON.stringify(value)}\n`);
  }
}
