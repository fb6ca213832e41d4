import type * as tf from '@tensorflow/tfjs-core';
import type { Field, ObjectField, ObjectValue } from '../schema/field.ts';
import type { FixtureMapping } from './fixture-mapping.ts';
import type { LossParameters, Method, MethodSizes, Ops, Side, VariableSpec } from './method.ts';

export interface RefineContext<S> {
  readonly student: Side;
  /** Constants: gradients never reach the teacher. */
  readonly teacher: Side;
  /** `[batch]`, int32 class indices. */
  readonly labels: tf.Tensor1D;
  readonly parameters: LossParameters<S>;
  /** The refiner's own variables by name. */
  readonly variables: Readonly<Record<string, tf.Tensor>>;
  /** What `draws` declares, anew in each step. */
  readonly draws: Readonly<Record<string, tf.Tensor>>;
  /** False while validating. */
  readonly training: boolean;
  /** True in a step of the search: what is drawn is relaxed, so that the gradient of the loss reaches what is searched. */
  readonly searching: boolean;
  /** Gives one of the refiner's own non-trainable variables its value after this step. */
  readonly update: (variable: string, value: tf.Tensor) => void;
}

/** Random numbers that a refiner reads: a function of seed, step and place alone. */
export interface RefinerDraw {
  readonly name: string;
  /** On `[0, 1)`; standard normal; or `order`, a permutation of as many as the only axis has, int32. */
  readonly kind: 'uniform' | 'normal' | 'order';
  readonly shape: readonly number[];
}

/** What both sides say after a refiner, and what it adds to the loss of the term behind it. */
export interface Refined {
  readonly student: Side;
  readonly teacher: Side;
  readonly loss?: tf.Scalar;
}

/**
 * Variables that are no part of the student's problem: they move in turns of their own, on samples of the validation split, by
 * the gradient of the loss of the terms behind the refiner.
 *
 * Whoever has them has the parameters `searchEvery` (steps of training between two of the search), `searchEpochs` (after which
 * they stay) and `searchLearningRate`; those that may look a step of the learner ahead, `searchOrder` and `innerLearningRate` (ξ).
 */
export interface Search<S> {
  readonly doc: string;
  /** Of the optimizer that moves them, Adam. */
  readonly adam: {
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
  };
  variables(sizes: MethodSizes, parameters: ObjectValue<S>): readonly VariableSpec[];
}

/** Where something that a picture shows lies in the image of each sample. */
export interface Regions {
  /** `[batch, regions, 4]`: top, left, bottom, right, as shares of the height and the width of the image. */
  readonly boxes: tf.Tensor3D;
  /** `[batch, regions]`, how sure it is of each: 0 to 1. */
  readonly scores: tf.Tensor2D;
}

/**
 * Changes what both sides say before it is matched: data plus one function. Refiners are applied in the order of the config,
 * to every term or to one; the cross-entropy with the hard labels always sees the student's own logits.
 */
export interface Refiner<S extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  /** The config key; the file carries the same name. */
  readonly name: string;
  readonly title: string;
  /** One line for completion. */
  readonly summary: string;
  /** Plain Unicode text, one equation a line. */
  readonly formula: string;
  readonly papers: Method['papers'];
  readonly parameters: ObjectField<ObjectValue<S>> & { readonly fields: S };
  /** What it changes; a term that reads nothing of it cannot be refined by it. */
  readonly changes: 'logits' | 'maps';
  /** The refiner's own variables, sized from the models' shapes. */
  variables?(sizes: MethodSizes, parameters: ObjectValue<S>): readonly VariableSpec[];
  /** What it draws at random in each step. */
  draws?(sizes: MethodSizes, parameters: ObjectValue<S>): readonly RefinerDraw[];
  readonly search?: Search<S>;
  /** Where tensors come from and go to, as plain text. */
  readonly figure?: string;
  readonly notes?: readonly string[];
  /** Golden fixtures of a term behind this refiner. */
  readonly fixtures: readonly (FixtureMapping & { readonly term: string })[];
  refine(ops: Ops, context: RefineContext<S>): Refined;
  /** What it looks at in each pair of maps, for the pictures of a run. */
  regions?(ops: Ops, context: RefineContext<S>): readonly Regions[];
}

/** Keeps the parameter types of one refiner while the list of refiners holds them all alike. */
export function defineRefiner<S extends Readonly<Record<string, Field>>>(refiner: Refiner<S>): Refiner<S> {
  return refiner;
}
