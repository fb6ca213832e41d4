import type * as tf from '@tensorflow/tfjs-core';
import type { Field, ObjectField, ObjectValue, ValueOf } from '../schema/field.ts';
import type { AdapterChoice } from './adapter-choice.ts';
import type { FixtureMapping } from './fixture-mapping.ts';

/** The TensorFlow.js operations, handed to every loss; method files import TensorFlow.js as types only. */
export type Ops = typeof tf;

/** A parameter that may follow a schedule reaches the loss as a scalar tensor; all others as plain values. */
type LossParameter<F> = F extends { readonly schedulable: true } ? tf.Scalar : ValueOf<F>;
export type LossParameters<S> = { readonly [K in keyof S]: LossParameter<S[K]> };

/** What one side (teacher or student) said about a batch. Maps are NHWC. */
export interface Side {
  /** `[batch, classes]`, before softmax. */
  readonly logits: tf.Tensor2D;
  /** Where `needs.passes` asks for it, of the teacher: what every pass of every speaker said, `[passes, batch, classes]`, before softmax. */
  readonly passes?: tf.Tensor3D;
  /** One tensor a matched pair, in the order of `pairs`: `[batch, height, width, channels]` or `[batch, features]`. */
  readonly maps: readonly tf.Tensor[];
  /** The name of the layer behind each map; a layer may stand in several pairs. */
  readonly layers: readonly string[];
}

/**
 * One of a group that learns together: a peer network, or a branch or exit of one network. The first of a group is the one
 * that is kept in the end.
 */
export interface Member {
  /** `[batch, classes]`, before softmax. */
  readonly logits: tf.Tensor2D;
  /** `[batch, features]`, what its classifier reads. */
  readonly embedding: tf.Tensor2D;
}

export interface LossContext<S> {
  readonly student: Side;
  /** Constants: gradients never reach the teacher. */
  readonly teacher: Side;
  /** All members of the group, where `needs.group` asks for it; else empty. Gradients reach every member. */
  readonly group: readonly Member[];
  /** The map that all members of the group grow from, `[batch, height, width, channels]`; null for separate networks. */
  readonly trunk: tf.Tensor4D | null;
  /** The same samples through the stronger augmentation, where `needs.strongView` asks for it; else null. */
  readonly strong: { readonly student: Side; readonly teacher: Side } | null;
  /** `[batch]`, int32 class indices. */
  readonly labels: tf.Tensor1D;
  /** `[batch]`, int32, position of each sample in the training split. */
  readonly indices: tf.Tensor1D;
  readonly parameters: LossParameters<S>;
  /** What each pair chose, of methods with `adapters`; left out: no pair chose any. */
  readonly adapters?: readonly (AdapterChoice | undefined)[];
  /** The method's own variables by name (adapters, embeddings, memory banks, ...). */
  readonly variables: Readonly<Record<string, tf.Tensor>>;
  /**
   * Frozen tensors of the teacher, as `needs.teacherWeights` asks for: `classifier/kernel` `[features, classes]` and
   * `classifier/bias`; or `pair<i>/scale` and `pair<i>/offset` of the batch norm that yields the teacher's layer.
   */
  readonly teacherWeights: Readonly<Record<string, tf.Tensor>>;
  /** What `draws` declares, anew in each step: `[batch, count]`, int32. */
  readonly draws: Readonly<Record<string, tf.Tensor2D>>;
  /** False while validating: batch statistics give way to the running ones, and nothing is updated. */
  readonly training: boolean;
  /** Gives one of the method's own non-trainable variables its value after this step. */
  readonly update: (variable: string, value: tf.Tensor) => void;
}

/** What a student with another classifier answers from; it has no teacher beside it, only what it keeps of one. */
export interface AnswerContext<S> extends Pick<
  LossContext<S>,
  'student' | 'parameters' | 'variables' | 'teacherWeights' | 'training' | 'update'
> {
  /** Shapes of the matched layers, in the order of `student.maps`. */
  readonly pairs: readonly PairShapes[];
}

/** Shapes without the batch: what an adapter is sized from. */
export interface PairShapes {
  readonly teacher: readonly number[];
  readonly student: readonly number[];
  /** Names of the two layers, where they are known. */
  readonly layers?: { readonly teacher: string; readonly student: string };
  /** What the pair chose, of methods with `adapters`. */
  readonly adapter?: AdapterChoice;
}

/** What a method's own variables are sized from. */
export interface MethodSizes {
  readonly pairs: readonly PairShapes[];
  /** Of `needs.layers`. */
  readonly layers: readonly (readonly number[])[];
  /** Features of each member of the group, and channels of what they grow from (0 where they share nothing). */
  readonly group: { readonly features: readonly number[]; readonly trunkChannels: number };
  readonly classes: number;
  /** Samples of the training split, for memories with one row a sample. */
  readonly samples: number;
  /** Samples of a full training batch; the last one of an epoch may be smaller. */
  readonly batch: number;
}

/** What a loss that looks at one student in one view sees of groups and views. */
export const ONE_STUDENT = { group: [], trunk: null, strong: null } as const;

/** The sizes of a method that matches neither layers of the student alone nor a group. */
export const NO_GROUP_SIZES = { layers: [], group: { features: [], trunkChannels: 0 } } as const;

/** Random numbers that a loss reads, `count` for each sample of a batch: a function of seed, step and place alone. */
export interface DrawSpec {
  readonly name: string;
  readonly count: number;
  /** Positions in the training split of samples with another label than the sample's own, with replacement. */
  readonly kind: 'otherClass';
}

export interface VariableSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** False for running statistics and memories, which the loss renews by `update`. */
  readonly trainable: boolean;
  readonly initial:
    | { readonly kind: 'constant'; readonly value: number }
    /** Uniform on `[-bound, bound)`. */
    | { readonly kind: 'uniform'; readonly bound: number }
    | { readonly kind: 'normal'; readonly deviation: number };
}

/** Why a pair (or a group) cannot be matched, in words, with the next step; null where it can. */
export type PairCheck = { readonly message: string; readonly help: string } | null;

/**
 * A distillation method: data plus one function. The data (docs, parameters, needs) loads in the editor without tensors.
 */
export interface Method<S extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  /** The config key; the file carries the same name. */
  readonly name: string;
  readonly title: string;
  readonly knowledge: 'response' | 'feature' | 'relation';
  /** One line for completion. */
  readonly summary: string;
  /** Plain Unicode text, one equation a line. */
  readonly formula: string;
  readonly papers: readonly {
    readonly title: string;
    readonly authors: string;
    readonly where: string;
    readonly arxiv?: string;
  }[];
  readonly parameters: ObjectField<ObjectValue<S>> & { readonly fields: S };
  readonly defaultWeight: { readonly value: number; readonly source: string };
  /** Weight of the cross-entropy with the labels in its recipe, for each learner, where it is not the usual one of its knowledge. */
  readonly hardLabelWeight?: { readonly value: number; readonly source: string };
  readonly needs: {
    /** The teacher's answers; the student's own are always there. */
    readonly logits?: boolean;
    readonly labels?: boolean;
    /** Position of each sample in the training split, for memories with one row a sample. */
    readonly indices?: boolean;
    /** Tensors of the teacher itself: its last dense layer, or the batch norms of the paired layers. */
    readonly teacherWeights?: 'classifier' | 'batchNorm';
    /** Pairs of layers; the numbers bound how many. */
    readonly pairs?: {
      readonly minimum: number;
      readonly maximum: number;
      readonly rank: 'map' | 'vector' | 'any';
    };
    /** Layers of the student alone, in its order; they arrive as `student.maps`. Excludes `pairs`. */
    readonly layers?: {
      readonly minimum: number;
      readonly maximum: number;
      readonly rank: 'map' | 'vector' | 'any';
    };
    /** Several networks, branches or exits that learn together (schemes `online` and `branches`); `trunk`: parts of one network; `map`: copies of its end, which share the map before them. */
    readonly group?: { readonly minimum: number; readonly trunk?: true | 'map' };
    /** Of several peers each learns from the one before it, in a cycle, instead of from all. */
    readonly cycle?: boolean;
    /** A second, stronger view of each sample. */
    readonly strongView?: boolean;
    /** Scores of words and frames as the module `ctc` gives them, on both sides. */
    readonly words?: boolean;
    /** Every answer of an ensemble, and every random pass of a Bayesian teacher; goes with `logits`. */
    readonly passes?: boolean;
  };
  /** Whether answers are to it numbers that may be anything, so that it also compares images; left out: what reads answers or labels is about classes. */
  readonly withoutClasses?: (parameters: Readonly<Record<string, unknown>>) => boolean;
  /** How spatial or channel mismatch is handled, for the hover. */
  readonly mismatch?: string;
  /** Whether the method can match layers of these shapes, given its adapters. */
  readonly checkPair?: (pair: PairShapes) => PairCheck;
  /** Whether the members of a group of these sizes can learn together. */
  readonly checkGroup?: (group: MethodSizes['group']) => PairCheck;
  /** True: a pair may choose the adapter that brings the student's map to the teacher's shape. */
  readonly adapters?: true;
  /** The method's own variables, sized from the models' shapes; those of pair `i` are named `pair<i>/...`. */
  variables?(sizes: MethodSizes, parameters: ObjectValue<S>): readonly VariableSpec[];
  /** What it draws at random in each step. */
  draws?(parameters: ObjectValue<S>): readonly DrawSpec[];
  /**
   * A network beside the student, with variables of its own, stepped by a loss of its own with an optimizer of its own: it
   * plays against the student (a discriminator), or learns from the teacher what the student is to match (a paraphraser). The
   * student's loss reads its variables, under the same names, as constants; its own loss reads the student as a constant and
   * gives its non-trainable variables new values by `update`.
   */
  readonly opponent?: {
    readonly doc: string;
    /** True: it reads the teacher alone, so that it may also be trained before the student learns, and then stay. */
    readonly ahead?: boolean;
    variables(sizes: MethodSizes, parameters: ObjectValue<S>): readonly VariableSpec[];
    loss(ops: Ops, context: LossContext<S>): tf.Scalar;
  };
  /** The student's answer `[batch, classes]` in place of its own logits, for methods that give it another classifier. */
  answer?(ops: Ops, context: AnswerContext<S>): tf.Tensor2D;
  /** What flows where, drawn in plain text. */
  readonly figure?: string;
  /** What differs from the paper or was left open by it. */
  readonly notes?: readonly string[];
  /** Golden fixtures that check it, and how their names map to the context of the loss. */
  readonly fixtures: readonly FixtureMapping[];
  /** Unweighted loss, a scalar. A method signature, so that the list of methods can hold them all alike. */
  loss(ops: Ops, context: LossContext<S>): tf.Scalar;
}

/** Whether a loss reads anything of a teacher; one that does not needs no source. */
export function readsTeacher({ needs }: Pick<Method, 'needs'>): boolean {
  return needs.logits === true || needs.pairs !== undefined || needs.teacherWeights !== undefined;
}

/** Whether a loss makes sense where the answers are images: it compares layers alone, or answers as plain numbers. */
export function worksWithoutClasses(
  { needs, withoutClasses }: Pick<Method, 'needs' | 'withoutClasses'>,
  parameters: Readonly<Record<string, unknown>>,
): boolean {
  if (withoutClasses !== undefined) return withoutClasses(parameters);
  const { logits, labels, indices, words, passes, group, teacherWeights } = needs;
  const reads = [logits, labels, indices, words, passes].includes(true) || group !== undefined;
  return !reads && teacherWeights !== 'classifier';
}

/** Keeps the parameter types of one method while the list of methods holds them all alike. */
export function defineMethod<S extends Readonly<Record<string, Field>>>(method: Method<S>): Method<S> {
  return method;
}
