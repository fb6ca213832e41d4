import type { Widths } from '../models/pruning.ts';
import type { JsonNumber, PhaseResult } from '../protocol/records.ts';
import type { BestWeights, Checkpoint } from '../runs/writer.ts';
import { emptyAverages, type Averages } from './averages.ts';
import type { PartSigns } from './guards.ts';
import { modelOf, type Job } from './jobs.ts';
import type { NamedTensors } from './phase-program.ts';
import type { ValidationHistory } from './validation-history.ts';

type Values = Readonly<Record<string, JsonNumber>>;

/** The best weights of a learner so far, by validation. */
export type Best = Omit<BestWeights, 'model'>;

/** What pruning has come to. */
export interface PruningProgress {
  readonly widths: Widths;
  /** The last epoch after which somebody looked for silent neurons. */
  readonly epoch: number;
  /** Looks in a row that found none in a layer, by its path. */
  readonly unchanged: Readonly<Record<string, number>>;
}

/** Where a job stands. Together with the state of its program it is all that is needed to go on. */
export interface JobProgress {
  epoch: number;
  stepInEpoch: number;
  /** Steps finished. */
  step: number;
  /** Over the epoch so far. */
  epochAverages: Averages;
  /** Since the last record of the training loss. */
  recentAverages: Averages;
  gradientShares: Readonly<Record<string, number>>;
  /** What the first steps said of each part of the loss. */
  readonly signs: Record<string, PartSigns>[];
  /** Of each learner that has been validated, by instance. */
  best: Readonly<Record<string, Best>>;
  /** What became of the layers that lose neurons, of the first learner; null where there are none, or nobody has looked. */
  pruning: PruningProgress | null;
  /** How often copies of learners were taken. */
  copiesTaken: number;
  /** Of the last step of a generator; null where there is none. */
  generatorLoss: number | null;
  /** Of the last step of each search, by `search/<lesson>`. */
  searched: Readonly<Record<string, number>>;
  lastValues: Values;
  /** Of the first learner; what reacts to validation is a function of it. */
  history: ValidationHistory;
  /** Time spent in training steps; measured, never compared. */
  milliseconds: number;
  /** Time that went into measuring the gap to the teacher, as measured. */
  gapMilliseconds: number;
}

export function newProgress(): JobProgress {
  return {
    epoch: 0,
    stepInEpoch: 0,
    step: 0,
    epochAverages: emptyAverages(),
    recentAverages: emptyAverages(),
    gradientShares: {},
    signs: [],
    best: {},
    pruning: null,
    copiesTaken: 0,
    generatorLoss: null,
    searched: {},
    lastValues: {},
    history: [],
    milliseconds: 0,
    gapMilliseconds: 0,
  };
}

/** What a checkpoint remembers beside its tensors. */
interface LoopMemory {
  readonly finished: readonly PhaseResult[];
  readonly progress: Omit<JobProgress, 'best'>;
}

/** A run that is to go on: which job, where it stands, with which tensors. */
export interface Resumed {
  readonly job: number;
  readonly finished: readonly PhaseResult[];
  readonly progress: JobProgress;
  /** As `PhaseProgram.readState` gave them; empty where the job has not begun. */
  readonly tensors: NamedTensors;
}

export function toCheckpoint(
  job: Job,
  index: number,
  seq: number,
  finished: readonly PhaseResult[],
  { best, ...progress }: JobProgress,
  state: NamedTensors,
): Checkpoint {
  const named = Object.entries(best).map(([instance, own]) => [
    instance,
    { ...own, model: modelOf(job, instance) },
  ]);
  const memory: LoopMemory = { finished, progress };
  return {
    meta: {
      phase: job.phase.name,
      seed: job.seed,
      job: index,
      epoch: progress.epoch,
      stepInEpoch: progress.stepInEpoch,
      step: progress.step,
      seq,
      loop: structuredClone(memory),
    },
    tensors: state,
    best: Object.fromEntries(named) as Checkpoint['best'],
  };
}

/** What `toCheckpoint` kept. Checkpoints are written and checked for damage by the run directory, so their form is ours. */
export function fromCheckpoint({ meta, tensors, best }: Checkpoint): Resumed {
  const { finished, progress } = structuredClone(meta.loop) as LoopMemory;
  return { job: meta.job, finished, progress: { ...newProgress(), ...progress, best }, tensors };
}
