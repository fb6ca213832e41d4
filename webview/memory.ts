import { boolean, finite, literal, nullable, object, read, text } from '../src/protocol/shape.ts';
import type { Host } from './host.ts';

export type ViewId = 'curves' | 'gap' | 'layers' | 'verdict';

/** What the page remembers while it is hidden or the window reloads. */
export interface Choices {
  readonly run: string | null;
  readonly view: ViewId;
  /** Null: all seeds. */
  readonly seed: number | null;
  readonly upperMetric: string;
  readonly lowerMetric: string;
  readonly upperIsLogarithmic: boolean;
  readonly lowerIsLogarithmic: boolean;
}

const shape = object<Choices>({
  run: nullable(text(10_000)),
  view: literal('curves', 'gap', 'layers', 'verdict'),
  seed: nullable(finite),
  upperMetric: text(2_000),
  lowerMetric: text(2_000),
  upperIsLogarithmic: boolean,
  lowerIsLogarithmic: boolean,
});

const AT_FIRST: Choices = {
  run: null,
  view: 'curves',
  seed: null,
  upperMetric: '',
  lowerMetric: '',
  upperIsLogarithmic: false,
  lowerIsLogarithmic: false,
};

export class Memory {
  readonly #host: Host;
  #choices: Choices;

  constructor(host: Host) {
    this.#host = host;
    const found = read(shape, host.memory, 'memory');
    this.#choices = found.ok ? found.value : AT_FIRST;
  }

  get choices(): Choices {
    return this.#choices;
  }

  choose(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change };
    this.#host.memory = this.#choices;
  }
}
