import { LIMITS } from '../src/protocol/limits.ts';
import type { Shape } from '../src/protocol/shape.ts';
import {
  boolean,
  finite,
  list,
  literal,
  Mismatch,
  nullable,
  object,
  read,
  text,
} from '../src/protocol/shape.ts';
import type { Spread } from './curves/lines.ts';
import { SPREADS } from './curves/lines.ts';
import type { XAxis } from './curves/x-axis.ts';
import { X_AXES } from './curves/x-axis.ts';
import { COMPARE_AT_FIRST, compareChoices, type CompareChoices } from './compare/choices.ts';
import type { Host } from './host.ts';

export type ViewId = 'curves' | 'gap' | 'layers' | 'diagnosis' | 'verdict' | 'compare' | 'run';

/** What the page remembers while it is hidden or the window reloads. */
export interface Choices {
  readonly run: string | null;
  readonly view: ViewId;
  /** Null: all seeds. */
  readonly seed: number | null;
  /** Of the Curves view, in order. */
  readonly charts: readonly ChosenChart[];
  readonly axis: XAxis;
  readonly spread: Spread;
  /** Weight of the moving average, 0 to below 1. */
  readonly smoothing: number;
  readonly hasMarks: boolean;
  /** Directories of the runs laid over the one shown. */
  readonly overlays: readonly string[];
  readonly compare: CompareChoices;
}

export interface ChosenChart {
  /** What `encodeChoice` gives; empty: whatever is asked for most there. */
  readonly metric: string;
  readonly isLogarithmic: boolean;
}

export const MOST_CHARTS = 8;

const path: Shape<string> = text(LIMITS.pathLength);

const shape = object<Choices>({
  run: nullable(path),
  view: literal('curves', 'gap', 'layers', 'diagnosis', 'verdict', 'compare', 'run'),
  seed: nullable(finite),
  charts: list(object<ChosenChart>({ metric: text(2_000), isLogarithmic: boolean }), MOST_CHARTS),
  axis: literal(...X_AXES),
  spread: literal(...SPREADS),
  smoothing: (value, place) => {
    const weight = finite(value, place);
    if (weight < 0 || weight >= 1) throw new Mismatch(place, 'a weight from 0 to below 1');
    return weight;
  },
  hasMarks: boolean,
  overlays: list(path, LIMITS.overlays),
  compare: compareChoices,
});

const AT_FIRST: Choices = {
  run: null,
  view: 'curves',
  seed: null,
  charts: [
    { metric: '', isLogarithmic: false },
    { metric: '', isLogarithmic: false },
  ],
  axis: 'step',
  spread: 'range',
  smoothing: 0,
  hasMarks: true,
  overlays: [],
  compare: COMPARE_AT_FIRST,
};

export class Memory {
  readonly #host: Host;
  #choices: Choices;

  constructor(host: Host) {
    this.#host = host;
    // What an earlier version remembered lacks the choices that came later.
    const remembered = typeof host.memory === 'object' ? { ...AT_FIRST, ...host.memory } : null;
    const found = read(shape, remembered, 'memory');
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
