import type { AdapterChoice } from '../methods/adapter-choice.ts';

/** How several teachers become one. */
export type Combine =
  /** Mean of their softened probabilities; a mean of maps. */
  | { readonly kind: 'average' }
  | { readonly kind: 'weights'; readonly weights: readonly number[] }
  /** One of them in each step, drawn by seed and step. */
  | { readonly kind: 'random' }
  /** For each sample in proportion to the probability that they give the true label. */
  | { readonly kind: 'byQuality' }
  /** In proportion to a power of their accuracy on validation. */
  | { readonly kind: 'byScore'; readonly power: number };

/** Who speaks to a term. */
export type Source =
  /** Frozen instances of the phase. */
  | { readonly kind: 'frozen'; readonly combine: Combine }
  /** The other learners of the phase, as they are in this step: each by itself, or their mean. */
  | { readonly kind: 'peers'; readonly combine: 'each' | 'average' }
  /** Earlier states of learners: the term is silent until the first copy is taken. */
  | { readonly kind: 'copies'; readonly of: 'itself' | 'peers'; readonly refresh: Refresh }
  /** Nobody but the learner: its labels, its own layers, its group. */
  | { readonly kind: 'itself' };

/** When copies are taken anew. */
export type Refresh =
  | { readonly kind: 'steps'; readonly steps: number }
  | { readonly kind: 'epochs'; readonly epochs: number }
  /** Whenever the learner does better on validation than ever before. */
  | { readonly kind: 'improvement' };

/** Names of a layer on both sides. */
export interface LayerPair {
  readonly teacher: string;
  readonly student: string;
  /** Which adapter stands between them, where the pair of a term chose one. */
  readonly adapter?: AdapterChoice;
}
