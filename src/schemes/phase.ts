import type { MergePlan } from '../book/merge.ts';
import type { ScheduledNumber } from '../schema/scheduled.ts';
import type { LayerPair, Source } from './source.ts';
import type { TermSettings } from './terms.ts';
import type { OptimizerSettings } from './train-settings.ts';

/**
 * The training loop knows only phases. A scheme is a named expansion into them; written out under `phases:` they say the same.
 */
export interface Phase {
  /** Unique within the experiment: `teacher`, `student`, `baseline`. */
  readonly name: string;
  /**
   * Instances of the config's models that learn, side by side in one step. The phase is about the first: it is chosen by
   * validation, kept under the phase's name and judged; the others are its peers, kept by their instance.
   */
  readonly train: readonly TrainedInstance[];
  /**
   * Who answers but does not learn, in inference mode: instances that an earlier phase trained, or models that come with
   * weights.
   */
  readonly freeze: readonly string[];
  /**
   * `task`: hard labels alone; `distill`: the terms and the weighted hard labels; `ahead`: nobody of `train` moves, only the
   * networks beside learners that read the teacher alone, before somebody learns from them.
   */
  readonly loss: 'task' | 'distill' | 'ahead';
  /** Who speaks to the terms that name no teacher of their own; left out: the frozen instances, averaged. */
  readonly source?: Source;
  /** Pairs in place of those of the terms: only terms with pairs count then, and hard labels do not. */
  readonly pairs?: readonly LayerPair[];
  /** Terms in place of those of the experiment. */
  readonly match?: readonly TermSettings[];
  /** In place of the experiment's. */
  readonly hardLabelWeight?: ScheduledNumber;
  /** Images made by a network in place of the training split. */
  readonly generator?: GeneratorPlan;
  /** The frozen instances are merged to one book, which speaks to all terms; left out: each speaks for itself. */
  readonly book?: MergePlan;
  /** Who moves in which step, over and over; left out: everybody in every step. */
  readonly alternate?: readonly Turn[];
  /** 0: nothing moves; the best of what `continues` names is validated and kept. */
  readonly epochs: number;
  /** The learning rate begins anew every so many epochs; left out: it runs through. */
  readonly cycleEpochs?: number;
  /** Where the training settings come from: the experiment's `train`, or a model's own. */
  readonly settingsOf: { readonly experiment: true } | { readonly model: string };
  /** In place of the optimizer of the settings. */
  readonly optimizer?: OptimizerSettings;
  /** True: once per entry of `compare.seeds`; false: once, with `train.seed`. */
  readonly perSeed: boolean;
  /** At most so many training samples of each class; left out: all. */
  readonly shots?: number;
  /** An `ahead` phase that trained networks beside these learners, which stand still here. */
  readonly beside?: string;
  /** The phase is left out for a seed unless one kept model did better on validation than another. */
  readonly onlyIf?: { readonly better: string; readonly than: string };
}

export interface TrainedInstance {
  /** Name of the trained weights: `student`, `baseline`, `student-2`. */
  readonly instance: string;
  /** Name of the model in the config that it is an instance of. */
  readonly model: string;
  /** Sets instances of one model apart that must not start alike; left out: 0. */
  readonly variant?: number;
  /**
   * Kept weights of earlier phases that it goes on from, by their names; of several that did best on validation. What they
   * lack (and everything, where this is left out) starts afresh.
   */
  readonly continues?: readonly string[];
  /** Layers (names or beginnings of paths) that learn; left out: all. */
  readonly learns?: readonly string[];
  /** In place of the phase's. */
  readonly optimizer?: OptimizerSettings;
  /** True: only terms that name it (`to`) teach it. */
  readonly named?: boolean;
  /** Parts that exist while it trains and are absent from what is kept. */
  readonly branches?: BranchPlan;
  /** It stands, with some of its blocks, within another network. */
  readonly graft?: GraftPlan;
  /** Grafts of two earlier phases, of neighbouring blocks, that it goes on from as one. */
  readonly joins?: JoinPlan;
}

/** Some blocks of a model in place of those of a frozen one; what is kept is both, the model's own tensors under their names. */
export interface GraftPlan {
  /** A model of the config with weights by then. */
  readonly host: string;
  /** Where both are cut, from the image to the answers. Block l lies before the l-th of them, one more after the last. */
  readonly blocks: readonly LayerPair[];
  /** Numbers of the first and of the last grafted block, from 1. */
  readonly first: number;
  readonly last: number;
}

export interface JoinPlan {
  /** Phases: of the lower blocks, and of the one after them. */
  readonly lower: string;
  readonly upper: string;
  /** The layer of the model between them. */
  readonly at: string;
}

/** Some steps in which only some move. */
export interface Turn {
  /** Instances of `train`, `generator`, or terms with a network beside the learner; on validation: refiners that search. */
  readonly update: readonly string[];
  readonly steps: number;
  /**
   * Left out: samples of the training split. Steps on validation come between those of training and are not counted among
   * them: neither an epoch nor a schedule is shorter for them.
   */
  readonly on?: 'validation';
  /** Of turns on validation: the first epochs only. Left out: all. */
  readonly epochs?: number;
}

/** Name of the generator in a turn. */
export const GENERATOR = 'generator';

/** Kept weights of shared tails: the layers of the model that they are made of. */
export function tailsOf(phase: string): string {
  return `${phase}-tails`;
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
    }
  | {
      /** Upper parts of another model, each after a layer of this one, through a 1x1 convolution. */
      readonly kind: 'tails';
      readonly of: string;
      /** `teacher`: where a tail is hung; `student`: the layer of the other model that it stands for. */
      readonly at: readonly LayerPair[];
      /** True: all tails are one set of weights, kept by `tailsOf` the phase. */
      readonly shared: boolean;
      /** Weight of the mean of the tails' cross-entropies, in units of the hard labels' weight. */
      readonly labels: number;
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
  readonly learningRate: number;
}
