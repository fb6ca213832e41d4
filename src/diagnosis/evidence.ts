import type { GapRecord, RunResults, RunStatus, SimilarityRecord } from '../protocol/records.ts';
import type { Settings } from './settings.ts';

/** Everything that the rules look at: small, and the same for a run that is being trained and one that is over. */
export interface Evidence {
  readonly status: RunStatus;
  /** Code of the failure; null: it did not fail. */
  readonly failure: string | null;
  /** What each phase and seed went through, in the order of training. */
  readonly learnings: readonly Learning[];
  readonly results: RunResults | null;
  /** Of the last epoch of each phase and seed, or of the weights that were kept where only those were measured. */
  readonly gap: readonly Omit<GapRecord, 'perClass' | 'epoch'>[];
  readonly similarity: readonly SimilarityRecord[];
  readonly settings: Settings;
}

/** One phase with one seed. */
export interface Learning {
  readonly phase: string;
  readonly seed: number;
  readonly epochs: readonly EpochOf[];
}

/** An epoch: what was recorded while it trained, averaged over its records, and what validation said after it. */
export interface EpochOf {
  readonly epoch: number;
  readonly train: Values;
  readonly validation: Values;
}

export type Values = Readonly<Record<string, number>>;

/** Where records come from; the panel's host and the run directory both are one. */
export interface RecordedValue {
  readonly phase: string;
  readonly seed: number;
  readonly epoch: number;
  readonly split: string;
  readonly values: Readonly<Record<string, number>>;
}

/** Folds records into epochs; their order within an epoch does not matter. */
export class Epochs {
  readonly #learnings = new Map<string, { phase: string; seed: number; epochs: Map<number, Sums> }>();

  add({ phase, seed, epoch, split, values }: RecordedValue): void {
    if (split !== 'train' && split !== 'validation') return;
    const key = JSON.stringify([phase, seed]);
    const learning = this.#learnings.get(key) ?? { phase, seed, epochs: new Map<number, Sums>() };
    this.#learnings.set(key, learning);
    const sums: Sums = learning.epochs.get(epoch) ?? { train: new Map(), validation: new Map() };
    learning.epochs.set(epoch, sums);
    for (const [name, value] of Object.entries(values)) {
      const sum = sums[split].get(name) ?? { total: 0, count: 0 };
      sums[split].set(name, { total: sum.total + value, count: sum.count + 1 });
    }
  }

  learnings(): Learning[] {
    return [...this.#learnings.values()].map(({ phase, seed, epochs }) => ({
      phase,
      seed,
      epochs: [...epochs]
        .sort(([one], [other]) => one - other)
        .map(([epoch, { train, validation }]) => ({
          epoch,
          train: meansOf(train),
          validation: meansOf(validation),
        })),
    }));
  }
}

type Sum = Map<string, { readonly total: number; readonly count: number }>;
interface Sums {
  readonly train: Sum;
  readonly validation: Sum;
}

function meansOf(sums: Sum): Values {
  return Object.fromEntries([...sums].map(([name, { total, count }]) => [name, total / count]));
}

/** The phases that teach the student; none in a run that trains teachers alone. */
export function taught({ learnings }: Evidence): readonly Learning[] {
  return learnings.filter(({ phase }) => phase === 'student');
}

/** One value over the epochs that have it. */
export function seriesOf(
  learning: Learning,
  split: 'train' | 'validation',
  name: string,
): readonly { readonly epoch: number; readonly value: number }[] {
  return learning.epochs.flatMap(({ epoch, [split]: values }) => {
    const value = values[name];
    return value === undefined ? [] : [{ epoch, value }];
  });
}

/** Whether more than half of the seeds show it, so that one unlucky seed is no finding. */
export function mostly(all: readonly unknown[], found: readonly unknown[]): boolean {
  return all.length > 0 && found.length * 2 > all.length;
}
