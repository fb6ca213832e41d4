import type * as tf from '@tensorflow/tfjs-core';
import type { Field, ObjectField, ObjectValue } from '../../schema/field.ts';
import type { LossParameters, Method, Ops } from '../method.ts';

/** What the two networks say about generated samples. */
export interface GeneratedSide {
  /** `[batch, classes]`, before softmax. */
  readonly logits: tf.Tensor2D;
  /** `[batch, features]`, what the classifier reads; only the teacher's is always there. */
  readonly embedding: tf.Tensor2D;
}

export interface GeneratorContext<S> {
  /** Gradients pass through both networks to the samples; neither is stepped. */
  readonly student: Pick<GeneratedSide, 'logits'>;
  readonly teacher: GeneratedSide;
  readonly parameters: LossParameters<S>;
}

/** How the names in a golden fixture map to a generator's context. */
export interface GeneratorFixture {
  readonly method: string;
  /** The student's logits. */
  readonly student: string;
  readonly teacher: { readonly logits: string; readonly embedding: string };
  /** Our parameter to the fixture's. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * What a generator of samples minimises where there is no data: data plus one function. The student learns from the samples by
 * a term of the catalogue.
 */
export interface GeneratorLoss<S extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  /** The config key; the file carries the same name. */
  readonly name: string;
  readonly title: string;
  /** One line for completion. */
  readonly summary: string;
  /** Plain Unicode text, one equation a line. */
  readonly formula: string;
  readonly papers: Method['papers'];
  readonly parameters: ObjectField<ObjectValue<S>> & { readonly fields: S };
  /** True: the loss reads the student, so that the two play against each other and the student takes several steps to one. */
  readonly readsStudent: boolean;
  /** The term by which the student learns from the samples in the paper. */
  readonly studentLoss: {
    readonly method: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly source: string;
  };
  /** The recipe's schedule of the two. */
  readonly recipe: {
    /** Size of the random vector that a sample is made of. */
    readonly latent: number;
    readonly studentSteps: number;
    readonly generatorSteps: number;
    readonly source: string;
  };
  readonly notes?: readonly string[];
  /** Golden fixtures of this loss and the student's together. */
  readonly fixtures: readonly GeneratorFixture[];
  loss(ops: Ops, context: GeneratorContext<S>): tf.Scalar;
}

/** Keeps the parameter types of one loss while the list holds them all alike. */
export function defineGeneratorLoss<S extends Readonly<Record<string, Field>>>(
  loss: GeneratorLoss<S>,
): GeneratorLoss<S> {
  return loss;
}
