import type * as tf from '@tensorflow/tfjs-core';
import type { ScheduledNumber, TermSettings } from '../config/experiment.ts';
import { findMethod } from '../methods/index.ts';
import {
  NO_GROUP_SIZES,
  ONE_STUDENT,
  type DrawSpec,
  type LossContext,
  type Method,
  type Ops,
  type VariableSpec,
} from '../methods/method.ts';
import type { ModelGraph, Shape } from '../models/description.ts';
import { describe } from '../models/describe.ts';
import { resolveLayer } from '../models/names.ts';
import { UserError } from '../protocol/errors.ts';
import { required, withPrefix, type Tensors } from './step-function.ts';
import { teacherWeights } from './teacher-weights.ts';
import { valueAt, type Moment } from './schedules.ts';

/** One loss term of a phase, resolved: its method, its plain and its scheduled parameters, its variables. */
export interface Term {
  readonly id: string;
  readonly settings: TermSettings;
  readonly method: Method;
  readonly plain: Readonly<Record<string, unknown>>;
  readonly scheduled: Readonly<Record<string, ScheduledNumber>>;
  /** Names begin with `term:<id>/`, so that they never meet those of a model. */
  readonly variables: readonly VariableSpec[];
  readonly draws: readonly DrawSpec[];
  /** Tensors of the teacher that the loss reads: its name for each to the teacher's. */
  readonly teacherWeights: Readonly<Record<string, string>>;
}

/** @throws UserError KD4002 where the term names a method that does not exist */
export function resolveTerm(
  settings: TermSettings,
  teacher: ModelGraph,
  student: ModelGraph,
  { samples, batch }: { readonly samples: number; readonly batch: number },
): Term {
  const method = findMethod(settings.method);
  if (method === undefined) {
    throw new UserError({
      code: 'KD4002',
      message: `There is no method "${settings.method}".`,
      help: '`kd methods` lists the catalogue.',
      key: `distill.match.${settings.id}`,
    });
  }
  const plain: Record<string, unknown> = {};
  const scheduled: Record<string, ScheduledNumber> = {};
  for (const [name, field] of Object.entries(method.parameters.fields)) {
    const value = settings.parameters[name] ?? field.default;
    if (field.kind === 'number' && field.schedulable) scheduled[name] = value as ScheduledNumber;
    else plain[name] = value;
  }
  const [teacherShape, studentShape] = [shapesOf(teacher), shapesOf(student)];
  const pairs = settings.pairs.map((pair) => ({
    teacher: teacherShape(pair.teacher),
    student: studentShape(pair.student),
    layers: pair,
  }));
  const sizes = {
    pairs,
    ...NO_GROUP_SIZES,
    classes: describe(student).classes,
    samples,
    batch,
  };
  const variables = (method.variables?.(sizes, plain) ?? []).map((variable) => ({
    ...variable,
    name: `term:${settings.id}/${variable.name}`,
  }));
  const draws = method.draws?.(plain) ?? [];
  const weights = teacherWeights(method, settings, teacher);
  return { id: settings.id, settings, method, plain, scheduled, variables, draws, teacherWeights: weights };
}

function shapesOf(graph: ModelGraph): (layer: string) => Shape {
  const shapes = new Map(describe(graph).layers.map((layer) => [layer.path, layer.shape]));
  return (layer) => shapes.get(resolveLayer(graph, layer).path) ?? [];
}

/** Scalars of a term that may change from step to step, by the names the step takes them under. */
export function termScalars(term: Term, moment: Moment): Record<string, number> {
  const scalars: Record<string, number> = { [`weight/${term.id}`]: termWeight(term, moment) };
  for (const [name, value] of Object.entries(term.scheduled)) {
    scalars[`parameter/${term.id}/${name}`] = valueAt(value, moment);
  }
  return scalars;
}

/** The weight of a term; 0 outside the epochs in which it counts. */
export function termWeight({ settings }: Term, moment: Moment): number {
  const epoch = Math.floor(moment.step / moment.stepsPerEpoch);
  const counts = epoch >= settings.start && (settings.end === null || epoch < settings.end);
  return counts ? valueAt(settings.weight, moment) : 0;
}

/** What a batch says to the terms. */
export interface TermInputs {
  readonly student: { readonly logits: tf.Tensor2D; readonly outputs: Tensors };
  readonly teacher: { readonly logits: tf.Tensor | undefined; readonly outputs: Tensors };
  /** The teacher's own tensors; empty where no term reads them. */
  readonly teacherParameters: Tensors;
  readonly labels: tf.Tensor1D;
  readonly indices: tf.Tensor1D | undefined;
  /** All scalars, draws and variables of the step, under the names above. */
  readonly scalars: Tensors;
  readonly variables: Tensors;
  readonly training: boolean;
  readonly update: (variable: string, value: tf.Tensor) => void;
}

/** The unweighted loss of one term. */
export function termLoss(ops: Ops, term: Term, inputs: TermInputs): tf.Scalar {
  const { pairs } = term.settings;
  const prefix = `term:${term.id}/`;
  const context: LossContext<Method['parameters']['fields']> = {
    student: {
      logits: inputs.student.logits,
      maps: pairs.map((pair) => required(inputs.student.outputs, pair.student)),
      layers: pairs.map((pair) => pair.student),
    },
    teacher: {
      logits: (inputs.teacher.logits ?? ops.zerosLike(inputs.student.logits)) as tf.Tensor2D,
      maps: pairs.map((pair) => required(inputs.teacher.outputs, pair.teacher)),
      layers: pairs.map((pair) => pair.teacher),
    },
    ...ONE_STUDENT,
    labels: inputs.labels,
    indices: inputs.indices ?? ops.range(0, inputs.labels.size, 1, 'int32'),
    parameters: { ...term.plain, ...withPrefix(inputs.scalars, `parameter/${term.id}/`) },
    variables: withPrefix(inputs.variables, prefix),
    teacherWeights: Object.fromEntries(
      Object.entries(term.teacherWeights).map(([name, of]) => [name, required(inputs.teacherParameters, of)]),
    ),
    draws: withPrefix(inputs.scalars, `draws/${term.id}/`) as Record<string, tf.Tensor2D>,
    training: inputs.training,
    update: (variable, value) => inputs.update(prefix + variable, value),
  };
  return namingTerm(term, () => term.method.loss(ops, context));
}

/** An operation that cannot be compiled, or refuses its arguments, is easier to find with the method that asked for it. */
function namingTerm<T>({ id, method }: Term, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = `${error.message}, in the term "${id}" (${method.title})`;
    if (error instanceof UserError)
      throw new UserError({ ...error.problem, message, key: `distill.match.${id}` }, { cause: error });
    error.message = message;
    throw error;
  }
}
