import type { MixingSettings } from '../data/settings.ts';
import type { Metric, Patience, ScheduledNumber } from '../schema/scheduled.ts';

export type { Metric, Patience } from '../schema/scheduled.ts';

/** How one model is trained. */
export interface TrainSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSettings;
  /** Null: the gradient is taken as it is. */
  readonly gradientClipping: GradientClipping | null;
  /** Batches whose gradients are averaged before the weights move; 1: each batch moves them. */
  readonly gradientAccumulation: number;
  /** Null: the weights themselves are validated and kept. */
  readonly ema: EmaSettings | null;
  /** Of initialisation, data order, augmentation and every draw. */
  readonly seed: number;
  /** By which the best weights are chosen on validation; left out: accuracy. */
  readonly selectBy?: Metric;
  /** Left out: all epochs are trained. */
  readonly earlyStopping?: Patience;
  /** At most one of them acts on a batch; left out: samples stay as they are. */
  readonly mixing?: readonly MixingSettings[];
  /** How the cross-entropy weighs classes; left out: alike. */
  readonly classWeights?: 'balanced' | readonly number[];
  /** Left out: hard labels are hard. */
  readonly labelSmoothing?: LabelSmoothing;
}

export interface LabelSmoothing {
  /** ε, the share of each label that is spread over all classes. */
  readonly amount: number;
  /** With class weights: `sample` weighs each sample by its class, `pytorch` each entry of the smoothed label by its own. */
  readonly weights: 'sample' | 'pytorch';
}

export interface GradientClipping {
  readonly by: 'norm' | 'value';
  readonly limit: number;
}

export interface EmaSettings {
  readonly decay: number;
  /** Whether the decay grows from near zero to its value in the first updates. */
  readonly warmUp: boolean;
}

/** What decays: all trained tensors, or only the kernels of layers (no offsets, scales and biases). */
export type DecayOf = 'all' | 'kernels';

interface Decay {
  readonly weightDecay: number;
  /** Left out: all. */
  readonly decayOf?: DecayOf;
  /** Whether the decay acts on the weights themselves instead of joining the gradient. */
  readonly decoupledDecay: boolean;
}

interface Moments<K extends string> {
  readonly kind: K;
  readonly learningRate: ScheduledNumber;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Left out: all. */
  readonly decayOf?: DecayOf;
}

interface Sgd extends Decay {
  readonly kind: 'sgd';
  readonly learningRate: ScheduledNumber;
  readonly momentum: number;
  readonly nesterov: boolean;
}

interface Rmsprop extends Decay {
  readonly kind: 'rmsprop';
  readonly learningRate: ScheduledNumber;
  /** Decay of the mean of squared gradients. */
  readonly alpha: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly centered: boolean;
}

interface Adagrad extends Decay {
  readonly kind: 'adagrad';
  readonly learningRate: ScheduledNumber;
  readonly epsilon: number;
  readonly initialAccumulator: number;
}

export type OptimizerSettings =
  Sgd | Moments<'adam'> | Moments<'adamW'> | Rmsprop | Adagrad | Moments<'lamb'>;

/** The settings of one optimizer. */
export type SettingsOf<K extends OptimizerSettings['kind']> = Extract<OptimizerSettings, { kind: K }>;
