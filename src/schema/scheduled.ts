/** What weights are chosen by on validation; losses the smaller, all others the larger the better. */
export type Metric =
  | 'accuracy'
  | 'top5Accuracy'
  | 'balancedAccuracy'
  | 'macroF1'
  | 'quadraticKappa'
  | 'crossEntropy'
  | ImageMetric
  | 'loss';

/** Of images against the true ones. */
export type ImageMetric = 'psnr' | 'ssim';

/** When a metric counts as no longer improving. */
export interface Patience {
  readonly by: Metric;
  /** Epochs in a row that may pass without improvement. */
  readonly patience: number;
  /** What an improvement must exceed, in the metric's own unit. */
  readonly minimumGain: number;
}

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
