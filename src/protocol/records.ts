/**
 * The records of a run directory and of `kd run --json`. Scripts and the panel rely on them: additions are free,
 * changes are breaking.
 */
import type { Device } from './devices.ts';
import type { ClassGapNumbers, GapNumbers } from './gap-report.ts';

export const RUN_STATUSES = [
  'queued',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'completed',
  'failed',
  'interrupted',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** A number as JSON can hold it. */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export type Split = 'train' | 'validation' | 'test';

/** One line of `metrics.jsonl`. `seq` has no gaps. `time` is in seconds since 1970. */
export interface MetricsRecord {
  readonly seq: number;
  readonly time: number;
  readonly phase: string;
  readonly seed: number;
  /** Zero-based epoch the values belong to. */
  readonly epoch: number;
  /** Training steps finished in this phase. */
  readonly step: number;
  readonly split: Split;
  /**
   * `loss`, `loss/<term>`, `accuracy`, `learningRate`, `gradientShare/<term>`, `imagesPerSecond`, ..., `weight/<part>` where weights
   * of the loss change while a phase trains, and `width/<layer>` where a layer loses neurons; where images are the answers `psnr`, `ssim`
   * and `inputPsnr` (that of the poor images) in place of `accuracy`; on validation and test
   * also what `measure.metrics` asks for (`balancedAccuracy`, `macroF1`, `calibrationError` (ECE), `quadraticKappa`, ...); on
   * validation, where a finished teacher is heard, `gap/kl`, `gap/js`, `gap/agreement` and `gap/accuracy` (student minus teacher).
   */
  readonly values: Readonly<Record<string, JsonNumber>>;
}

/** Keys of `values`, and of a phase's result, that are measured on the machine and may differ between identical runs. */
export const MEASURED_VALUES: readonly string[] = [
  'imagesPerSecond',
  'millisecondsPerStep',
  'memoryMegabytes',
  'bookWaitShare',
  'latency',
];

export interface PhaseResult {
  /** Name of the phase: teacher, student, baseline, ... */
  readonly phase: string;
  /** Name of the model in the config. */
  readonly model: string;
  readonly seed: number;
  readonly epochs: number;
  /** Metrics of the weights kept (best on validation). */
  readonly validation: Readonly<Record<string, JsonNumber>>;
  /** Read once, at the end. */
  readonly test: Readonly<Record<string, JsonNumber>>;
  readonly bestEpoch: number;
  readonly lastEpoch: number;
  /** Validation metrics of the last epoch, beside the best. */
  readonly lastValidation: Readonly<Record<string, JsonNumber>>;
  /** Test metrics of the last epoch, read at the same time as the best; nothing is chosen by them. */
  readonly lastTest?: Readonly<Record<string, JsonNumber>>;
  /** Of the weights kept, on the test split: `confusion[i][j]` samples of class i are named j. Left out above 100 classes, and where it is not asked for. */
  readonly confusion?: readonly (readonly number[])[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly bytes: number;
  readonly millisecondsPerStep: number;
  readonly imagesPerSecond: number;
  /** Inference on the test split by the run's executor: the median time of a whole batch, over its images. */
  readonly latency?: { readonly milliseconds: number; readonly batch: number };
}

export type VerdictWord = 'BEATS' | 'NO BEATS' | 'INCONCLUSIVE';

export interface Verdict {
  readonly verdict: VerdictWord;
  readonly metric: string;
  /** Mean over the paired seeds of student minus baseline, in `unit`. */
  readonly difference: number;
  readonly unit: 'points' | 'nats' | 'dB';
  /** Confidence interval of the difference; null below three pairs. */
  readonly interval: readonly [number, number] | null;
  readonly level: number;
  readonly pairs: number;
  /** Name of the statistical test, and of the correction where several students are compared. */
  readonly test: string;
  /** INCONCLUSIVE: seeds that would decide if difference and spread stayed as they are; null: no number of use would. */
  readonly seedsToDecide?: number | null;
  /** The same comparison with the weights of the last epoch; the verdict is about the best by validation. */
  readonly lastEpoch?: { readonly difference: number; readonly interval: readonly [number, number] | null };
  /** Names of the phases (of a peer, its own name) that were compared. */
  readonly compared?: { readonly student: string; readonly baseline: string };
  /** In words, for instance why it is inconclusive. */
  readonly note?: string;
}

/** The teacher-student gap on the validation split, once an epoch: `gap/gap.jsonl`. Records of earlier versions hold less. */
export interface GapRecord
  extends
    Pick<GapNumbers, 'kl' | 'agreement' | 'teacherAccuracy' | 'studentAccuracy'>,
    Partial<Pick<GapNumbers, 'js' | 'softened' | 'teacherCalibrationError' | 'studentCalibrationError'>> {
  readonly phase: string;
  readonly seed: number;
  readonly epoch: number;
  readonly perClass: readonly ClassGapNumbers[];
}

/** How layers are compared; each without bias. */
export const SIMILARITY_MEASURES = ['linearCka', 'rbfCka', 'distanceCorrelation'] as const;
export type SimilarityMeasure = (typeof SIMILARITY_MEASURES)[number];

/** One number for every teacher layer (row) and every student layer (column). */
export type LayerTable<T> = readonly (readonly T[])[];

/**
 * Similarity of every teacher layer with every student layer on a probe of the validation split, one record for each measure:
 * `similarity/similarity.jsonl`.
 */
export interface SimilarityRecord {
  readonly phase: string;
  readonly seed: number;
  readonly epoch: number;
  readonly measure: SimilarityMeasure;
  readonly samples: number;
  /** Into how many batches the samples were cut. Absent: written by an older version, by an estimate with bias on one batch. */
  readonly batches?: number;
  readonly teacherLayers: readonly string[];
  readonly studentLayers: readonly string[];
  /** 1: the same representation; about 0, also below: unrelated. Six digits behind the point. */
  readonly values: LayerTable<JsonNumber>;
  /** Standard error of each value over the batches; absent where there is one batch alone. */
  readonly errors?: LayerTable<JsonNumber>;
}

/** What is known of the layers of teacher and student without training: `layers.json`. */
export interface LayersRecord {
  readonly formatVersion: 1;
  /** One for each phase in which a student learns from a finished teacher. */
  readonly meetings: readonly LayerMeeting[];
}

/** Who meets whom in a phase, and what it would take to match any two of their layers. */
export interface LayerMeeting {
  readonly phase: string;
  /** The method that the adapters are those of: the first of the phase that matches layers, else `at`. */
  readonly method: string;
  /** Samples of a training batch. */
  readonly batch: number;
  readonly teacher: LayerNetwork;
  readonly student: LayerNetwork;
  /** `adapters[i][j]`: of teacher layer i with student layer j; null where the method cannot match them. */
  readonly adapters: LayerTable<LayerAdapter | null>;
  /** The pairs that the experiment matches. */
  readonly matched: readonly LayerPairNames[];
  /** What comparing layers took while the phase trained, all seeds so far. Measured on the machine. */
  readonly cost?: {
    readonly comparisons: number;
    readonly milliseconds: number;
    /** Of the time of the training's steps, 0..1. */
    readonly share: number;
  };
  /** By the weights that were kept, as `kd match` measured it. */
  readonly kept?: KeptSimilarity;
}

export interface LayerNetwork {
  /** Name in the config. */
  readonly model: string;
  readonly architecture: string;
  /** In the order of the model. */
  readonly layers: readonly LayerFact[];
}

export interface LayerFact {
  readonly name: string;
  readonly path: string;
  /** Height, width, channels; or features. */
  readonly shape: readonly number[];
  /** A stage or an end, not a block within a stage. */
  readonly main: boolean;
}

export interface LayerAdapter {
  /** Trainable parameters beside the student; 0: there is no adapter. */
  readonly parameters: number;
  /** Forward, for one sample. */
  readonly multiplyAdds: number;
  /** Shapes of its kernels, for instance `3x3x16x64`. */
  readonly kernels: readonly string[];
}

export interface LayerPairNames {
  readonly teacher: string;
  readonly student: string;
}

export interface KeptSimilarity {
  readonly seed: number;
  readonly samples: number;
  readonly batches: number;
  readonly tables: readonly SimilarityTableRecord[];
}

export type SimilarityTableRecord = Pick<SimilarityRecord, 'measure' | 'values' | 'errors'>;

/** `kd match --json`, of the engine: a meeting with what was measured. */
export interface MatchReport {
  /** Absolute path of the run directory or of the config. */
  readonly source: string;
  readonly meeting: LayerMeeting;
  /** Which weights: kept by a run, or those that training starts with. */
  readonly weights: { readonly teacher: string; readonly student: string };
  readonly measured: KeptSimilarity;
  readonly milliseconds: number;
}

/** What a picture of a run is drawn from, after an epoch: `pictures/pictures.jsonl`. */
export type PictureRecord = RegionsPicture | GatesPicture | TargetsPicture;

interface Picture {
  readonly phase: string;
  readonly seed: number;
  readonly epoch: number;
}

/** Where in a few validation images something lies that a refiner looks at. */
export interface RegionsPicture extends Picture {
  readonly kind: 'regions';
  /** Positions of the images in the validation split. */
  readonly samples: readonly number[];
  readonly sets: readonly {
    readonly term: string;
    readonly refiner: string;
    /** Of the student. */
    readonly layer: string;
    /** One list an image. */
    readonly images: readonly (readonly Region[])[];
  }[];
}

/** What a teacher says of a few validation images before and after the refiners of a term. */
export interface TargetsPicture extends Picture {
  readonly kind: 'targets';
  /** Positions of the images in the validation split. */
  readonly samples: readonly number[];
  /** Names of their classes. */
  readonly labels: readonly string[];
  readonly sets: readonly {
    readonly term: string;
    /** In their order. */
    readonly refiners: readonly string[];
    /** By which both are softened: that of the term. */
    readonly temperature: number;
    /** One list an image: its class and the likeliest others, in the order of the classes. Probabilities, 0..1. */
    readonly images: readonly (readonly {
      readonly class: string;
      readonly before: JsonNumber;
      readonly after: JsonNumber;
    }[])[];
  }[];
}

export interface Region {
  /** Top, left, bottom, right, as shares of the height and the width of the image. */
  readonly box: readonly [top: number, left: number, bottom: number, right: number];
  /** 0..1 */
  readonly score: number;
}

/** How the gates of a mixture of experts share them out. */
export interface GatesPicture extends Picture {
  readonly kind: 'gates';
  /** From the image to the classes. */
  readonly levels: readonly {
    readonly layer: string;
    /** `weights[i][j]`: share of expert j in what receiver i reads, 0..1; a row adds up to 1. */
    readonly weights: readonly (readonly number[])[];
    /** Mean entropy of its rows in nats. */
    readonly entropy: number;
    /** Mean cosine of the rows of two receivers, 0..1: how much they share experts. */
    readonly overlap: number;
  }[];
  /**
   * `conflicts[a][b]`: cosine of the gradients of the binary tasks of classes a and b on the shared experts, −1..1; below 0
   * what one learns the other unlearns. Empty where there are too many classes.
   */
  readonly conflicts: readonly (readonly JsonNumber[])[];
  readonly classes: readonly string[];
}

export interface RunResults {
  readonly phases: readonly PhaseResult[];
  /** What its models are judged by: what chose their weights, else accuracy, or PSNR of images. Absent: not finished, or of an earlier version. */
  readonly metric?: string;
  readonly verdict: Verdict | null;
  /** Where several students learn together: of each, corrected for their number. */
  readonly verdicts?: readonly { readonly student: string; readonly verdict: Verdict }[];
}

/** One golden case recomputed by `kd verify`. */
export interface VerifyCase {
  /** On which executor. */
  readonly executor: string;
  /** Name of the fixture's method. */
  readonly method: string;
  readonly id: string;
  readonly passed: boolean;
  readonly loss: { readonly want: number; readonly got: number; readonly error: number };
  readonly gradients: readonly {
    readonly name: string;
    readonly maxError: number;
    readonly passed: boolean;
  }[];
  /** Why the case could not be computed, or under which choice that it leaves open it passes. */
  readonly message?: string;
}

export interface VerifyReport {
  readonly cases: readonly VerifyCase[];
  readonly passed: number;
  readonly failed: number;
  /** Fixtures of methods that the catalogue lacks. */
  readonly unknown: readonly string[];
  /** All cases on the first, then all on the next. */
  readonly executors: readonly string[];
  /** Where all that can compute here were asked for: the others, and why. */
  readonly refused: readonly RefusedExecutor[];
}

/** Why a rung of the executor ladder was not used. */
export interface RefusedExecutor {
  readonly name: string;
  readonly reason: string;
  /** What would make it serve. */
  readonly help?: string;
  /** True: it is there, and failed or computed something else. */
  readonly failed?: boolean;
}

/** Steps of a phase that could not be compiled for the run's executor and ran elsewhere. */
export interface FallenPhase {
  readonly phase: string;
  /** Where they ran. */
  readonly executor: string;
  readonly reason: string;
}

export interface ExecutorMove {
  readonly from: string;
  readonly to: string;
  readonly phase: string;
  readonly seed: number;
  /** Steps of the phase that were done before. */
  readonly step: number;
}

export interface CopyCounts {
  readonly exact: number;
  readonly near: number;
  /** Mirrored or shifted ones; absent: none. */
  readonly moved?: number;
}

/** How the samples were split, and what was found about groups and copies of one picture. */
export interface SplitReport {
  /** Groups among the training files; null: none were asked for. */
  readonly groups: number | null;
  /** Training samples that are copies of an earlier one: they are kept in one split. */
  readonly copies: CopyCounts;
  /** Test samples that are copies of training samples. */
  readonly acrossTest: CopyCounts & {
    /** `training = test`, the first few. */
    readonly examples: readonly string[];
  };
  /** Training samples left out because they are copies of test samples. */
  readonly dropped: number;
  /** Samples of each class. */
  readonly perClass: Readonly<Record<Split, readonly number[]>>;
}

/** `run.json`, written atomically. */
export interface RunRecord {
  readonly formatVersion: 1;
  readonly id: string;
  readonly name: string;
  /** Absolute path of the config the run was started from. */
  readonly config: string;
  /** Folder against which the config's paths resolve. */
  readonly root: string;
  readonly configHash: string;
  /** `--set path=value`, recorded with the run. */
  readonly overrides: readonly string[];
  readonly seeds: readonly number[];
  readonly status: RunStatus;
  readonly createdAt: string;
  /** What the experiment asked for (`engine.device`). */
  readonly device?: 'auto' | Device;
  /** It waits for its turn in the queue; no engine is expected yet. */
  readonly waiting?: boolean;
  /** When a resumed run was queued again. */
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly process?: {
    readonly pid: number;
    /** Start time of the process as the system tells it, to know a reused pid. */
    readonly startTime: string;
    readonly host: string;
    /** Boot and pid namespace; pids of another scope mean nothing here. */
    readonly scope: string;
    /** Address of the control socket and the token it asks for. */
    readonly socket: string;
    readonly token: string;
    /** Version of the control protocol that it speaks; absent: 1. */
    readonly control?: number;
  };
  readonly environment?: {
    readonly product: string;
    readonly node: string;
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGigabytes: number;
    readonly executor: string;
    readonly refused: readonly RefusedExecutor[];
    /** What to expect of the same experiment once more, here and on another executor. */
    readonly reproducible?: string;
    readonly fallen?: readonly FallenPhase[];
    /** Device on which the run could go on if its executor died. */
    readonly next?: Device;
    readonly packages: Readonly<Record<string, string>>;
  };
  /** Each time the run went on from a checkpoint on another executor: its numbers are close, not bit for bit the same. */
  readonly moves?: readonly ExecutorMove[];
  /** `path=value` of the `engine` part, given when the run was last resumed. */
  readonly resumedWith?: readonly string[];
  readonly dataHash?: string;
  /** What the models were built for: height, width, channels of the images, and the number of classes. */
  readonly data?: {
    readonly shape: readonly [number, number, number];
    readonly classes: number;
    readonly splits?: SplitReport;
  };
  /** SHA-256 of the experiment with every default and expansion: a resumed run must have the same. */
  readonly experimentHash?: string;
  /** Where the run stands; written at each checkpoint. */
  readonly progress?: {
    readonly phase: string;
    readonly seed: number;
    readonly epoch: number;
    readonly epochs: number;
    readonly step: number;
    /** Share of all work of the run, 0..1. */
    readonly done: number;
    readonly secondsLeft: number;
    /** Since the engine started, without pauses: how long it worked, and how much of that went into checkpoints and records. */
    readonly spent?: {
      readonly seconds: number;
      readonly checkpoints: number;
      readonly checkpointSeconds: number;
      readonly recordSeconds: number;
    };
  };
  readonly results?: RunResults;
  /** What is known of an engine that vanished. */
  readonly crash?: CrashReport;
  /** Why it failed, in words, with the next step. */
  readonly failure?: { readonly code: string; readonly message: string; readonly help: string };
}

/** What is known of an engine that ended without a word of its own. */
export interface CrashReport {
  /** One of the two where somebody saw it end; both null where nobody did. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Time of the last heartbeat; null: there was none. */
  readonly lastSign: string | null;
  /** End of the log. */
  readonly lastLines: readonly string[];
  /** End of what the process wrote to its standard error. */
  readonly lastWords: string;
  /** What is most likely. */
  readonly cause: 'memory' | 'device' | 'disk' | 'native' | 'unknown';
}

/** The lines of `kd run --json`. */
export type RunStreamRecord =
  | { readonly type: 'started'; readonly run: string; readonly directory: string; readonly executor: string }
  | ({ readonly type: 'metrics' } & MetricsRecord)
  | EventRecord
  | {
      readonly type: 'finished';
      readonly run: string;
      readonly directory: string;
      readonly status: RunStatus;
      readonly results: RunResults | null;
    };

/** One line of `events.jsonl`: what happened, for people and for the panel. */
export interface EventRecord {
  readonly type: 'event';
  readonly time: number;
  readonly kind: 'phase' | 'warning' | 'checkpoint' | 'guard' | 'resume' | 'note';
  readonly message: string;
  readonly phase?: string;
  readonly seed?: number;
  readonly epoch?: number;
  readonly step?: number;
  /** With `kind: resume`: readers drop everything after this `seq`. */
  readonly seq?: number;
}

/** Which of the kernels that ONNX Runtime keeps for itself may be used: those that compute what they should. */
export interface ProbedBlocks {
  /** Channels in a block; null where steps are written without blocks. */
  readonly size: number | null;
  /** Why they are; null where they are not. */
  readonly reason: string | null;
  /** Kernels that are missing or wrong; what needs them is written without them. */
  readonly faults: readonly { readonly kernel: string; readonly reason: string }[];
}

/** `kd doctor --json` */
export interface DoctorReport {
  readonly environment: Omit<
    NonNullable<RunRecord['environment']>,
    'executor' | 'refused' | 'fallen' | 'next'
  >;
  /** The first rung of the ladder that passed its self-test; null where none did. */
  readonly executor: { readonly name: string; readonly description: string } | null;
  /** All that passed theirs, that one first; among several, a timed trial of a run's own step decides. */
  readonly serving: readonly { readonly name: string; readonly description: string }[];
  readonly refused: readonly RefusedExecutor[];
  /** Passed theirs too, and serve only where nothing else does: they are never faster. */
  readonly standby: readonly { readonly name: string; readonly description: string }[];
  /** What the probe of the convolutions on blocks of channels found; null where ONNX Runtime has no native library here. */
  readonly blocks: ProbedBlocks | null;
  /** What runs steps that cannot be compiled. */
  readonly eager: { readonly name: string; readonly description: string };
  /** What can be installed on this machine by `kd install`; megabytes. */
  readonly offers: readonly RuntimeOffer[];
}

export interface RuntimeOffer {
  readonly name: string;
  readonly download: number;
  readonly disk: number;
  readonly reason: string;
  readonly installed: boolean;
  /** Why it would not serve here now. */
  readonly obstacle?: string;
}

/** `kd dry-run --json`, and `.kd/dry-runs/<hash of the config's path>.json`: the last one of each config. */
export interface DryRunReport {
  /** Absolute path of the config. */
  readonly file: string;
  /** When it ended, in seconds since 1970. */
  readonly time: number;
  readonly executor: { readonly name: string; readonly description: string };
  readonly phases: readonly DryRunPhase[];
  /** SHA-256 of the config as it ran, every default and expansion written out: with another one the report is stale. */
  readonly effectiveHash: string;
  /** Until the first phase begins. */
  readonly startSeconds: number;
  /** Of the whole run, its start, all phases and seeds, at the pace that was measured. */
  readonly seconds: number;
  /** Largest memory of the process so far. */
  readonly peakMegabytes: number;
}

export interface DryRunPhase {
  readonly phase: string;
  readonly architecture: string;
  readonly parameters: number;
  /** Height, width, channels. */
  readonly input: readonly number[];
  readonly batch: number;
  /** Trainings: one for each seed, or one in all. */
  readonly jobs: number;
  /** Steps of one training. */
  readonly steps: number;
  /** The cross-entropy (`ce`), or the distance from the images (`image`), first. Null where it is not known: in a phase of hard labels alone there is nothing to share. */
  readonly terms: readonly {
    readonly id: string;
    /** Unweighted. */
    readonly value: number | null;
    /** Of the gradient, 0..1. */
    readonly gradientShare: number | null;
    readonly pairs: readonly {
      readonly teacher: { readonly layer: string; readonly shape: readonly number[] };
      readonly student: { readonly layer: string; readonly shape: readonly number[] };
    }[];
  }[];
  /** Batch, answers of teachers and all; null where the phase trained nothing. */
  readonly millisecondsPerStep: number | null;
  /** Of the whole phase, all seeds. */
  readonly seconds: number | null;
}

/** `kd profile --json` */
export interface ProfileReport {
  readonly executor: { readonly name: string; readonly description: string };
  /** Empty where whole steps alone were asked for. */
  readonly phases: readonly ProfiledPhase[];
  readonly steps: readonly WholeStep[];
}

/** A training step of a phase as a whole, measured in turns with those of the other phases. */
export interface WholeStep {
  readonly phase: string;
  /** Names of the models that learn in it. */
  readonly learners: readonly string[];
  /** Median. */
  readonly milliseconds: number;
  /** Over the step of the student alone, round by round; null of that step itself, and where there is none. */
  readonly overAlone: { readonly ratio: number; readonly quartiles: readonly [number, number] } | null;
}

/** Where the time and memory of a phase's training step go. Milliseconds are medians. */
export interface ProfiledPhase {
  readonly phase: string;
  readonly architecture: string;
  readonly batch: number;
  /** Steps of the whole phase under one seed. */
  readonly steps: number;
  /** All parts together. */
  readonly milliseconds: number;
  /** `batch`: putting it together; `teacher`: its answers, where they are not stored before training. */
  readonly parts: Readonly<Record<'batch' | 'teacher' | 'forward' | 'backward' | 'update', number>>;
  /** A teacher that answers once before training, for the time one batch takes it; null where there is none or it is live. */
  readonly storedAnswers: number | null;
  /** What each loss term adds to a step: a step with it less one without it. */
  readonly terms: readonly { readonly id: string; readonly milliseconds: number }[];
  /** Null where the executor cannot tell one operation from another. */
  readonly operations:
    | readonly {
        readonly operation: string;
        readonly calls: number;
        readonly milliseconds: number;
        readonly bytes: number;
      }[]
    | null;
  /** Bytes. `values`: what lives at once between inputs and outputs, at its peak. */
  readonly memory: Readonly<Record<'learner' | 'optimizer' | 'teacher' | 'batch' | 'values', number>>;
  /** Which kernels made what lives at the peak, largest first. */
  readonly peak: readonly { readonly kernel: string; readonly bytes: number }[];
}

/** How an installed runtime did in the self-test. */
export interface RuntimeTrial {
  /** Why it may not train; null where it may. */
  readonly reason: string | null;
  readonly description: string;
  readonly usesGpu: boolean;
}
