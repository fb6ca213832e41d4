/** Where the data lies and how it is split and prepared; paths absolute, every default filled in. */
export type DataSettings = {
  readonly validation: { readonly fraction: number };
  /** Per-channel mean and standard deviation of the training split; `none` keeps 0..1. */
  readonly normalize: 'trainingSplit' | 'none';
  readonly augment: readonly AugmentSettings[];
  /** Of the second view of each sample, for methods that compare two; absent: there is none. */
  readonly strongAugment?: readonly AugmentSettings[];
  /** Use only the first `limit` samples of each split after a seeded shuffle; null: all. */
  readonly limit: { readonly train: number | null; readonly test: number | null };
  /** Names of the classes, label 0 first; absent: counted from the training labels, or the class folders. */
  readonly classes?: readonly string[];
} & (
  | { readonly format: 'idx'; readonly train: IdxFiles; readonly test: IdxFiles }
  | {
      readonly format: 'image-folder';
      readonly train: { readonly folder: string };
      readonly test: { readonly folder: string };
      /** Height and width every image is resized to; null: all images must share one size. */
      readonly size: readonly [number, number] | null;
      readonly channels: 1 | 3;
    }
);

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
