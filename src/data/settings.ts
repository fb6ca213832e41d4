import type { DegradationSettings } from './degradation.ts';
import type { Stratify } from './split-groups.ts';

/** Where the data lies and how it is split and prepared; paths absolute, every default filled in. */
export type DataSettings = {
  readonly validation: { readonly fraction: number };
  /** Per-channel mean and standard deviation of the training split; `none` keeps 0..1. */
  readonly normalize: 'trainingSplit' | 'none';
  readonly augment: readonly AugmentSettings[];
  /** Of the second view of each sample, for methods that compare two; absent: there is none. */
  readonly strongAugment?: readonly AugmentSettings[];
  /** What finished teachers see of a training sample; absent: the student's own view. */
  readonly teacherView?: 'separate' | 'plain';
  /** Use only the first `limit` samples of each split after a seeded shuffle; null: all. */
  readonly limit: { readonly train: number | null; readonly test: number | null };
  /** Samples that belong together stay in one split; absent: each stands alone. */
  readonly groupBy?: GroupSettings;
  /** Absent: by samples. */
  readonly stratify?: Stratify;
  /** Copies of one picture are looked for, and stay in one split; absent: they are not. */
  readonly duplicates?: DuplicateSettings;
  /** Models read poor versions of the images, and answer with the images; absent: they answer with classes. */
  readonly degradation?: DegradationSettings;
  /** Names of the classes, label 0 first; absent: counted from the training labels, or the class folders. */
  readonly classes?: readonly string[];
} & (
  | { readonly format: 'idx'; readonly train: IdxFiles; readonly test: IdxFiles | TestShare }
  | {
      readonly format: 'image-folder';
      readonly train: ImageFolder;
      readonly test: ImageFolder | TestShare;
      /** Height and width every image is resized to; null: all images must share one size. */
      readonly size: readonly [number, number] | null;
      readonly channels: 1 | 3;
    }
);

/** A share of the training files, in place of files of its own. */
export interface TestShare {
  readonly fraction: number;
}

export interface ImageFolder {
  readonly folder: string;
}

export type GroupSettings =
  | {
      readonly by: 'stem';
      /** Ends of a file name that tell a copy from its original: `*` is any text, `#` digits. */
      readonly marks: readonly string[];
    }
  | {
      readonly by: 'table';
      /** Absolute path of a table with a head. */
      readonly file: string;
      /** Columns with the name of the file, and with that of the group. */
      readonly name: string;
      readonly group: string;
    };

export interface DuplicateSettings {
  /** What becomes of training samples that are copies of test samples. */
  readonly across: 'report' | 'drop' | 'refuse';
  /** Least correlation of two pictures that count as the same. */
  readonly likeness: number;
}

export interface IdxFiles {
  readonly inputs: string;
  readonly labels: string;
}

/** Mixes the samples of a batch with one another; `probability` of a batch. */
export interface MixingSettings {
  readonly kind: 'mixup' | 'cutmix';
  /** Of the Beta distribution that shares are drawn from. */
  readonly alpha: number;
  readonly probability: number;
}

export type AugmentSettings =
  | { readonly kind: 'randomCrop'; readonly padding: number }
  | { readonly kind: 'randomFlip'; readonly probability: number };
