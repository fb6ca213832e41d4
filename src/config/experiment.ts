import type { BookSettings } from '../book/settings.ts';
import type { DataSettings } from '../data/settings.ts';
import type { Shift } from '../data/shift.ts';
import type { ModelGraph } from '../models/description.ts';
import type { ComparisonTest } from '../protocol/comparison.ts';
import type { Device } from '../protocol/devices.ts';
import type { Phase } from '../schemes/phase.ts';
import type { ScheduledNumber } from '../schema/scheduled.ts';
import type { Measured } from '../schemes/measured.ts';
import type { RefinerSettings, TermSettings } from '../schemes/terms.ts';
import type { TrainSettings } from '../schemes/train-settings.ts';

/**
 * The experiment as it will run: every default filled in, every word expanded, every path absolute.
 * `loadExperiment` makes it from a config file; training knows nothing else.
 */
export interface Experiment {
  readonly name: string;
  /** Absolute path of the config file. */
  readonly file: string;
  /** Folder that nothing may escape. */
  readonly root: string;
  readonly task: TaskSettings;
  readonly data: DataSettings;
  readonly models: Readonly<Record<string, ModelSettings>>;
  readonly distill: DistillSettings;
  readonly train: TrainSettings;
  readonly compare: {
    readonly baseline: boolean;
    readonly seeds: readonly number[];
    /** Left out: paired t at 95 %. */
    readonly statistics?: StatisticsSettings;
  };
  readonly measure: MeasureSettings;
  readonly engine: EngineSettings;
  readonly phases: readonly Phase[];
}

/** What the models answer: a class for each image, or the image that a poor one was made of (`data.degradation`). */
export type TaskSettings =
  { readonly kind: 'classification' } | { readonly kind: 'reconstruction'; readonly loss: ImageLoss };

/** By what the distance of two images is measured: the mean absolute difference, or the mean squared one. */
export type ImageLoss = 'l1' | 'l2';

export interface EngineSettings {
  readonly device: 'auto' | Device;
  readonly threads: number | null;
  readonly priority: 'auto' | 'normal' | 'background';
  readonly checkpoints: CheckpointSettings;
}

export interface CheckpointSettings {
  readonly keep: number;
  /** Minutes; null: of any age. */
  readonly maximumAge: number | null;
  readonly every: { readonly epochs: number; readonly minutes: number };
  /** Of the run's time, 0 to 1. */
  readonly share: number;
}

export interface StatisticsSettings {
  readonly test: ComparisonTest;
  /** 0 to 1. */
  readonly level: number;
}

export interface MeasureSettings {
  readonly gap: MeasureRhythm;
  readonly similarity: MeasureRhythm;
  /** Absent: it is not measured. */
  readonly uncertainty?: UncertaintyRhythm;
  /** What is recorded beside accuracy and losses; left out: as usual. */
  readonly metrics?: readonly Measured[];
}

export interface MeasureRhythm {
  readonly enabled: boolean;
  readonly everyEpochs: number;
  /** Of the training's work, 0 to 1: measured less often where it would take more. Left out: as often as was asked for. */
  readonly share?: number;
}

/** Of prediction sets at the end of each training, on the test split as it is and shifted. */
export interface UncertaintyRhythm {
  /** Probability that a prediction set has at least, 0..1. */
  readonly coverage: number;
  readonly shift: Shift;
}

export type { AugmentSettings, DataSettings } from '../data/settings.ts';
export type {
  DecayOf,
  EmaSettings,
  GradientClipping,
  LabelSmoothing,
  Metric,
  OptimizerSettings,
  Patience,
  SettingsOf,
  TrainSettings,
} from '../schemes/train-settings.ts';

export type ModelSettings = {
  /** Name in the config. */
  readonly name: string;
  /** Labels of the data that it tells apart, in the order of its logits; absent: all of them. */
  readonly classes?: readonly number[];
} & (
  | {
      readonly source: 'architecture';
      readonly architecture: string;
      /** Built for the data's shape and classes. */
      readonly graph: ModelGraph;
      /** Settings of this model's own training, where it is trained first. */
      readonly train: TrainSettings | null;
    }
  | { readonly source: 'run'; readonly run: string; readonly model: string; readonly graph: ModelGraph }
);

export interface DistillSettings {
  readonly scheme: string;
  /** Models that teach wherever a term names none of its own; empty where the scheme has none. */
  readonly from: readonly string[];
  readonly to: string;
  /** In the order in which they are applied to every term that reads what they change. */
  readonly refine: readonly RefinerSettings[];
  readonly terms: readonly TermSettings[];
  readonly hardLabelWeight: ScheduledNumber;
  /** How the answers of finished teachers are stored; null: they answer live. */
  readonly book: BookSettings | null;
}

export type { LayerPair } from '../schemes/source.ts';
export type { RefinerSettings, TermSettings } from '../schemes/terms.ts';
export type { Length, Schedule, ScheduledNumber } from '../schema/scheduled.ts';
