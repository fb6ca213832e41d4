import type { LayerPair, Source } from './source.ts';

/**
 * The training loop knows only phases. A scheme is a named expansion into them.
 */
export interface Phase {
  /** Unique within the experiment: `teacher`, `student`, `baseline`. */
  readonly name: string;
  /**
   * Instances of the config's models that learn, side by side in one step. The phase is about the first: it is chosen by
   * validation, kept under the phase's name and judged; the others are its peers.
   */
  readonly train: readonly TrainedInstance[];
  /** Instances that answer but do not learn; they run in inference mode. */
  readonly freeze: readonly string[];
  /** `task`: hard labels alone; `distill`: the terms of `distill.match` and the weighted hard labels. */
  readonly loss: 'task' | 'distill';
  /** Who speaks to the terms that name no teacher of their own; left out: the frozen instances, averaged. */
  readonly source?: Source;
  /** Pairs in place of those of the terms: only terms with pairs count then, and hard labels do not. */
  readonly pairs?: readonly LayerPair[];
  /** Images made by a network in place of the training split. */
  readonly generator?: GeneratorPlan;
  readonly epochs: number;
  /** The learning rate begins anew every so many epochs; left out: it runs through. */
  readonly cycleEpochs?: number;
  /** Where the training settings come from: the experiment's `train`, or a model's own. */
  readonly settingsOf: { readonly experiment: true } | { readonly model: string };
  /** True: once per entry of `compare.seeds`; false: once, with `train.seed`. */
  readonly perSeed: boolean;
}

export interface TrainedInstance {
  /** Name of the trained weights: `student`, `baseline`, `student-2`. */
  readonly instance: string;
  /** Name of the model in the config that it is an instance of. */
  readonly model: string;
  /** Sets instances of one model apart that must not start alike; left out: 0. */
  readonly variant?: number;
  /** Name of an earlier phase whose kept weights it goes on from; left out: it starts afresh. */
  readonly continues?: string;
  /** Layers (names or beginnings of paths) that learn; left out: all. */
  readonly learns?: readonly string[];
  /** Parts that exist while it trains and are absent from what is kept. */
  readonly branches?: BranchPlan;
}

export type BranchPlan =
  | {
      /** Copies of everything after a layer, the model's own among them. */
      readonly kind: 'copies';
      readonly count: number;
      readonly at: string;
    }
  | {
      /** A bottleneck and a classifier of its own after each of these layers. */
      readonly kind: 'exits';
      readonly at: readonly string[];
    };

/** A network that makes images, and the loss by which it learns to. */
export interface GeneratorPlan {
  /** Name in the list of generator losses. */
  readonly loss: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Numbers of noise an image is made from. */
  readonly latent: number;
  /** Filters of its first convolution; the second has half of them. */
  readonly filters: number;
  /** Steps an epoch, since there is no split to go through. */
  readonly stepsPerEpoch: number;
  /** Steps of the students after so many steps of the generator. */
  readonly alternate: { readonly generator: number; readonly student: number };
  readonly learningRate: number;
}
