/** What the loop did, in milliseconds of the process. Marks of the writer begin and end where it was called and came back. */
export interface Span {
  /** `record`: of the training loss; `validated`: the record of validation; `progress`: what `run.json` says of it. */
  readonly kind:
    | 'graph'
    | 'loaded'
    | 'record'
    | 'progress'
    | 'validated'
    | 'gap'
    | 'similarity'
    | 'attention'
    | 'picture'
    | 'saved'
    | 'checkpoint';
  /** Of a graph. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** One training of one phase, from the end of the one before it to its own end. */
export interface Stretch {
  readonly start: number;
  end: number;
  readonly spans: Span[];
}

/** Everything that a dry run did, by phase. */
export class Timeline {
  readonly stretches: Stretch[] = [];

  constructor() {
    this.#begin(performance.now());
  }

  /** Does it, and remembers how long that took. */
  during<T>(kind: Span['kind'], work: () => T): T {
    const start = performance.now();
    const result = work();
    this.add({ kind, name: '', start, end: performance.now() });
    return result;
  }

  add(span: Span): void {
    this.stretches.at(-1)?.spans.push(span);
  }

  /** The phase is over, and another begins. */
  next(): void {
    const now = performance.now();
    this.end();
    this.#begin(now);
  }

  /** The last phase is over. */
  end(): void {
    const last = this.stretches.at(-1);
    if (last !== undefined) last.end = performance.now();
  }

  #begin(start: number): void {
    this.stretches.push({ start, end: start, spans: [] });
  }
}
