import type { DataSettings } from '../data/settings.ts';
import type { ModelGraph } from '../models/description.ts';
import type { Device } from '../protocol/devices.ts';
import type { Phase } from '../schemes/phase.ts';
import type { LayerPair } from '../schemes/source.ts';
import type { Patience, TrainSettings } from './train-settings.ts';

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
  readonly task: { readonly kind: 'classification' };
  readonly data: DataSettings;
  readonly models: Readonly<Record<string, ModelSettings>>;
  readonly distill: DistillSettings;
  readonly train: TrainSettings;
  readonly compare: { readonly baseline: boolean; readonly seeds: readonly number[] };
  readonly measure: { readonly gap: MeasureRhythm; readonly similarity: MeasureRhythm };
  readonly engine: EngineSettings;
  readonly phases: readonly Phase[];
}

export interface EngineSettings {
  readonly device: 'auto' | Device;
  readonly threads: number | null;
  readonly priority: 'auto' | 'normal' | 'background';
}

export interface MeasureRhythm {
  readonly enabled: boolean;
  readonly everyEpochs: number;
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
} from './train-settings.ts';

export type ModelSettings = {
  /** Name in the config. */
  readonly name: string;
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
}

export interface TermSettings {
  /** Unique within the experiment: the method's name, or `kd#2` for its second use. */
  readonly id: string;
  readonly method: string;
  readonly weight: ScheduledNumber;
  readonly pairs: readonly LayerPair[];
  /** Layers of the student alone, for methods that compare its own. */
  readonly layers: readonly string[];
  /** Models that teach this term; null: those of `distill.from`, or whoever the scheme lets speak. */
  readonly from: readonly string[] | null;
  /** Refiners of this term alone, after those of all terms. */
  readonly refine: readonly RefinerSettings[];
  /** The method's own parameters, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** First epoch and the epoch after the last in which the term counts; null: to the end. */
  readonly start: number;
  readonly end: number | null;
}

export interface RefinerSettings {
  /** Unique within the experiment: the refiner's name, or `simplifier#2` for its second use. */
  readonly id: string;
  readonly refiner: string;
  /** The refiner's own parameters, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type { LayerPair } from '../schemes/source.ts';
/** A number, or how it changes. Lengths are in epochs (fractions allowed) or in steps. */
export type ScheduledNumber = number | Schedule;
export type Schedule =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'linear' | 'cosine'; readonly from: number; readonly to: number; readonly over: Length }
  | {
      readonly kind: 'step';
      readonly from: number;
      readonly milestones: readonly number[];
      readonly unit: 'epochs' | 'steps';
      readonly factor: number;
    }
  | { readonly kind: 'warmUp'; readonly over: Length; readonly then: ScheduledNumber }
  | ({
      readonly kind: 'plateau';
      readonly from: number;
      readonly factor: number;
      /** The value never falls below it. */
      readonly minimum: number;
    } & Patience)
  | {
      readonly kind: 'oneCycle';
      readonly peak: number;
      readonly over: Length;
      /** Share of the length in which the value rises. */
      readonly rise: number;
      /** The value begins at `peak / startDivisor` and ends at that divided by `endDivisor`. */
      readonly startDivisor: number;
      readonly endDivisor: number;
    };
export interface Length {
  readonly unit: 'epochs' | 'steps';
  readonly value: number;
}
