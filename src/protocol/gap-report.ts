import type { JsonNumber, Split } from './records.ts';

/** Classes up to which matrices of class by class are made: they grow with the square. */
export const MOST_MATRIX_CLASSES = 100;

/** How far a student is from its teacher on the same samples, in numbers. */
export interface GapNumbers {
  /** KL(teacher || student) in nats, mean over samples, temperature 1. */
  readonly kl: JsonNumber;
  /** Jensen-Shannon divergence in nats, 0 to ln 2. */
  readonly js: JsonNumber;
  readonly softened: SoftenedNumbers;
  /** Share of samples on which both name the same class, 0..1. */
  readonly agreement: number;
  readonly teacherAccuracy: number;
  readonly studentAccuracy: number;
  /** Expected calibration error of each, 0..1. */
  readonly teacherCalibrationError: JsonNumber;
  readonly studentCalibrationError: JsonNumber;
}

/** Of answers whose logits were divided by a temperature first: the two divergences, and how soft the teacher's are. */
export interface SoftenedNumbers {
  readonly temperature: number;
  readonly kl: JsonNumber;
  readonly js: JsonNumber;
  /** Entropy of the teacher's answer as a share of log K, mean over samples: 0 names one class, 1 all alike. Absent in records of earlier versions. */
  readonly targetEntropy?: JsonNumber;
  /** Probability that the teacher gives to all but the true class, mean over samples of known class. Absent in records of earlier versions. */
  readonly targetOthers?: JsonNumber;
}

/** The samples of one class. */
export interface ClassGapNumbers {
  readonly name: string;
  readonly count: number;
  readonly teacherAccuracy: number;
  readonly studentAccuracy: number;
  readonly kl: JsonNumber;
  /** Absent in records of earlier versions. */
  readonly js?: JsonNumber;
  readonly agreement?: number;
}

/** The samples whose largest probability falls into `((b − 1) / bins, b / bins]`. */
export interface ReliabilityBin {
  readonly count: number;
  /** Mean of the largest probabilities; null without samples. */
  readonly confidence: number | null;
  /** Share that is named rightly; null without samples. */
  readonly accuracy: number | null;
}

/** What both say of one sample. */
export interface GapSample {
  /** Position in its split. */
  readonly index: number;
  readonly label: number;
  readonly js: JsonNumber;
  /** Logits, six digits of each. */
  readonly teacher: readonly JsonNumber[];
  readonly student: readonly JsonNumber[];
  /** Bytes of its picture, base64, as `GapReport.picture` tells; null: not kept. */
  readonly pixels: string | null;
}

/** Where a layer is active, over the places of its map. */
export interface AttentionMap {
  readonly height: number;
  readonly width: number;
  /** A byte a place, row by row, base64: 255 is the strongest place. */
  readonly energy: string;
  /** Places of the crucial region, row by row from 0, ascending. */
  readonly crucial: readonly number[];
}

/** Layers of both that are compared: short names. */
export interface AttentionPair {
  readonly teacher: string;
  readonly student: string;
}

/** Where the student looked after an epoch, on the same few samples at each: `gap/attention.jsonl`. */
export interface AttentionRecord {
  readonly phase: string;
  readonly seed: number;
  readonly epoch: number;
  /** Positions in the validation split. */
  readonly samples: readonly number[];
  readonly pairs: readonly AttentionPair[];
  /** `student[pair][sample]` */
  readonly student: readonly (readonly AttentionMap[])[];
  /** Of each pair: overlap of the crucial regions of both, mean over samples, 0..1. */
  readonly overlap: readonly number[];
}

export interface GapAttention {
  readonly pairs: readonly AttentionPair[];
  readonly samples: readonly { readonly index: number; readonly label: number; readonly pixels: string }[];
  /** `[pair][sample]` */
  readonly teacher: readonly (readonly AttentionMap[])[];
  readonly student: readonly (readonly AttentionMap[])[];
  readonly overlap: readonly number[];
}

/** `gap/<student>.json`, and `kd gap --json`: where a student and its teachers differ, with its weights as they are kept. */
export interface GapReport {
  readonly formatVersion: 1;
  readonly run: string;
  readonly phase: string;
  readonly seed: number;
  /** Name of the kept weights: `student-1`. */
  readonly student: string;
  /** Of several teachers the logarithm of the mean of their probabilities is compared. */
  readonly teachers: readonly string[];
  /** `training`: the best so far of a run that has not finished this phase. */
  readonly state: 'kept' | 'training';
  readonly split: Split;
  /** Samples measured, evenly spaced, and how many the split has. */
  readonly samples: number;
  readonly of: number;
  readonly classes: readonly string[];
  /** Of every picture here: bytes of the image, made smaller where it is large. */
  readonly picture: { readonly height: number; readonly width: number; readonly channels: number };
  readonly numbers: GapNumbers;
  readonly reliability: {
    readonly teacher: readonly ReliabilityBin[];
    readonly student: readonly ReliabilityBin[];
  };
  readonly perClass: readonly ClassGapNumbers[];
  /** `[i][j]`: samples of class i that are named j; null above 100 classes. */
  readonly confusion: {
    readonly teacher: readonly (readonly number[])[];
    readonly student: readonly (readonly number[])[];
  } | null;
  /** `[i][k]`: mean over the samples of class i of |z_student,k − z_teacher,k|; null above 100 classes. */
  readonly outputDifference: readonly (readonly JsonNumber[])[] | null;
  /** Some samples, evenly spaced, by class. */
  readonly shown: readonly GapSample[];
  /** The samples with the largest Jensen-Shannon divergence, that first. */
  readonly disagreed: readonly GapSample[];
  /** Null where one of the two has no maps of places. */
  readonly attention: GapAttention | null;
  /** What measuring took: of the training the whole job, `share` of its time; of `kd gap` this once. */
  readonly cost: { readonly milliseconds: number; readonly share: number | null };
}
