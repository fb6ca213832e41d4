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
  /** False while validating. */
  readonly training: boolean;
  /** Gives one of the refiner's own non-trainable variables its value after this step. */
  readonly update: (variable: string, value: tf.Tensor) => void;
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
  readonly notes?: readonly string[];
  /** Golden fixtures of a term behind this refiner. */
  readonly fixtures: readonly (FixtureMapping & { readonly term: string })[];
  refine(ops: Ops, context: RefineContext<S>): { readonly student: Side; readonly teacher: Side };
}

/** Keeps the parameter types of one refiner while the list of refiners holds them all alike. */
export function defineRefiner<S extends Readonly<Record<string, Field>>>(refiner: Refiner<S>): Refiner<S> {
  return refiner;
}
