import type { ModelDescription } from '../models/description.ts';
import type { Phase } from '../schemes/phase.ts';
import { apportion } from '../data/choose.ts';
import type { DataFacts } from './check/data.ts';
import { chosen, type ConfigValue } from './loose.ts';

const BYTES_A_NUMBER = 4;
/** Copies of the weights beside the trained ones that optimizers keep. */
const SLOTS: Readonly<Record<string, number>> = {
  sgd: 1,
  adam: 2,
  adamW: 2,
  rmsprop: 1,
  adagrad: 1,
  lamb: 2,
};

export interface PhaseEstimate {
  readonly phase: string;
  /** Bytes at the same time: the larger part are maps of one batch. */
  readonly memory: number;
  /** Bytes of it that grow with the batch, for one sample. */
  readonly memoryPerSample: number;
  /** Bytes of it that the variables of the terms take. */
  readonly terms: number;
}

/** Numbers in the variables that terms bring: adapters, and memories that no gradient moves. */
export interface TermNumbers {
  readonly trainable: number;
  readonly kept: number;
}

/** Steps of training, from the size of the split that validation leaves; null where that is not known. */
export interface StepCount {
  readonly samples: number;
  readonly perEpoch: number;
}

/**
 * What a phase takes in memory, at least:
 *
 *     4 bytes · (Σ_learners (P·(2 + slots + ema) + 2·batch·M) + Σ_frozen (P + 2·batch·max M) + V·(2 + slots + ema) + K)
 *
 * with V numbers in adapters and K in memories of the terms, P trainable parameters and M numbers in all maps of a model for one sample: a map and its gradient for what learns,
 * two neighbouring maps for what only answers. Inferred; data, runtime and what a compiler saves or adds are left out.
 */
export function phaseMemory(
  phase: Phase,
  settings: Pick<ConfigValue['train'], 'batchSize' | 'optimizer' | 'ema'>,
  models: ReadonlyMap<string, { readonly description: ModelDescription }>,
  own: TermNumbers = { trainable: 0, kept: 0 },
): PhaseEstimate {
  const of = (name: string) => models.get(name)?.description;
  const learners = phase.train.flatMap(({ model }) => of(model) ?? []);
  const frozen = phase.freeze.flatMap((name) => of(name) ?? []);
  const copies = 2 + weightCopies(settings);
  const fixed =
    sum(learners, ({ parameters }) => parameters * copies) + sum(frozen, ({ parameters }) => parameters);
  const perSample =
    sum(learners, (model) => 2 * numbersInMaps(model)) + sum(frozen, (model) => 2 * largestMap(model));
  const memoryPerSample = BYTES_A_NUMBER * perSample;
  const terms = BYTES_A_NUMBER * (own.trainable * copies + own.kept);
  const memory = BYTES_A_NUMBER * fixed + terms + settings.batchSize * memoryPerSample;
  return { phase: phase.name, memory, memoryPerSample, terms };
}

/** Best weights of a learner beside its checkpoints: those that two checkpoints name, and the ones before. */
const BEST_KEPT = 3;

/** Bytes that a run writes: the kept weights of every phase and seed, the checkpoints of the one at work, and the best weights beside them. */
export function runDisk(
  phases: readonly Phase[],
  seeds: number,
  settings: Pick<ConfigValue['train'], 'optimizer' | 'ema'>,
  models: ReadonlyMap<string, { readonly description: ModelDescription }>,
  checkpoints: number,
): number {
  const weightsOf = ({ train }: Phase) =>
    sum(train, ({ model }) => models.get(model)?.description.parameters ?? 0);
  const kept = sum(phases, (phase) => (phase.perSeed ? seeds : 1) * weightsOf(phase));
  const copies = checkpoints * (1 + weightCopies(settings)) + BEST_KEPT;
  const working = copies * Math.max(0, ...phases.map(weightsOf));
  return BYTES_A_NUMBER * (kept + working);
}

/**
 * Steps of an epoch: `ceil(samples left for training / batch)`. Validation takes of each class its share.
 * @param classes labels of the classes that the learner knows; null: all
 */
export function stepsOf(
  data: Pick<DataFacts, 'trainCount' | 'trainPerClass'> | null,
  fraction: number,
  batchSize: number,
  classes: readonly number[] | null = null,
): StepCount | null {
  if (data === null || data.trainCount === null) return null;
  const validation = Math.round(data.trainCount * fraction);
  const samples =
    classes === null ? data.trainCount - validation : samplesOf(data.trainPerClass, validation, classes);
  return samples === null || samples <= 0 ? null : { samples, perEpoch: Math.ceil(samples / batchSize) };
}

/** Training samples of some classes that are left; null where it is not known how many there are. */
function samplesOf(
  perClass: readonly number[] | null,
  validation: number,
  classes: readonly number[],
): number | null {
  if (perClass === null) return null;
  const taken = apportion(perClass, validation);
  return sum(classes, (label) => (perClass[label] ?? 0) - (taken[label] ?? 0));
}

/** `1.2 GB`, `340 MB` */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

function weightCopies({ optimizer, ema }: Pick<ConfigValue['train'], 'optimizer' | 'ema'>): number {
  return (SLOTS[chosen(optimizer)?.word ?? ''] ?? 0) + (ema === 'none' ? 0 : 1);
}

function numbersInMaps({ layers }: ModelDescription): number {
  return sum(layers, ({ shape }) => numbersIn(shape));
}

function largestMap({ layers }: ModelDescription): number {
  return Math.max(0, ...layers.map(({ shape }) => numbersIn(shape)));
}

function numbersIn(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
