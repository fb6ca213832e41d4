import type { AttentionRecord, GapReport } from '../protocol/gap-report.ts';
import type {
  EventRecord,
  GapRecord,
  LayerMeeting,
  JsonNumber,
  MetricsRecord,
  PictureRecord,
  RunResults,
  SimilarityRecord,
  Verdict,
} from '../protocol/records.ts';

/** A tensor on its way to or from a checkpoint: TensorFlow.js layout (NHWC, HWIO), row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Where a run stands; together with the tensors it is all that is needed to go on exactly. */
export interface CheckpointMeta {
  readonly phase: string;
  readonly seed: number;
  /** Position of phase and seed in the run's order of work. */
  readonly job: number;
  /** Next epoch and next step within the epoch. */
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Steps finished in this phase. */
  readonly step: number;
  /** First metrics sequence number that the checkpoint does not know. */
  readonly seq: number;
  /** Whatever else the loop must remember: finished results, running sums. Plain JSON. */
  readonly loop: unknown;
}

/** Weights of a learner that did best on validation so far. */
export interface BestWeights {
  /** Name under which they are kept when the phase is done: `student-1`. */
  readonly model: string;
  /** After which they were taken. */
  readonly epoch: number;
  /** By the metric that weights are chosen by; larger is better. */
  readonly score: JsonNumber;
  /** All that was measured of them on validation. */
  readonly values: Readonly<Record<string, JsonNumber>>;
  readonly tensors: Readonly<Record<string, StoredTensor>>;
}

export interface Checkpoint {
  readonly meta: CheckpointMeta;
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** Of each learner that was validated. Kept apart from the checkpoint, and written when they change. */
  readonly best: Readonly<Record<string, BestWeights>>;
}

/** What the training loop tells the run directory. Synchronous where order matters. */
export interface RunWriter {
  metrics(record: Omit<MetricsRecord, 'seq' | 'time'>): void;
  event(record: Omit<EventRecord, 'type' | 'time'>): void;
  log(line: string): void;
  gap(record: GapRecord): void;
  /** Where the student looked after an epoch. */
  attention(record: AttentionRecord): void;
  /** Everything about the gap of a student that has finished, in place of an earlier report. */
  gapReport(report: Omit<GapReport, 'run'>): void;
  similarity(record: SimilarityRecord): void;
  /** Into `layers.json`, in place of an earlier one of the same phase. */
  layers(meeting: LayerMeeting): void;
  picture(record: PictureRecord): void;
  /** Next sequence number of `metrics`. */
  readonly nextSeq: number;
  /** Written aside, fsynced, renamed, with the best weights that it names; the previous one is kept. Throws KD5005 to KD5007 with the last good one in place. */
  checkpoint(checkpoint: Checkpoint): void;
  /** Weights of a finished phase, under `models/<phase>-<seed>/`, for later phases, later runs and export. */
  saveModel(name: string, tensors: Readonly<Record<string, StoredTensor>>): void;
  loadModel(name: string): Readonly<Record<string, StoredTensor>>;
  progress(progress: {
    phase: string;
    seed: number;
    epoch: number;
    epochs: number;
    step: number;
    done: number;
    secondsLeft: number;
    spent?: { seconds: number; checkpoints: number; checkpointSeconds: number };
  }): void;
  verdict(verdict: Verdict): void;
  results(results: RunResults): void;
}

/** What the loop is asked to do; checked between steps. */
export interface RunControl {
  readonly request: 'none' | 'stop' | 'pause';
  /** Called after the checkpoint of a pause: returns when the pause is over, by going on or by a stop. */
  untilResumed(): Promise<void>;
}
