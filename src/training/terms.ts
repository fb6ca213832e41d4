import type * as tf from '@tensorflow/tfjs-core';
import type { ScheduledNumber, TermSettings } from '../config/experiment.ts';
import { findMethod } from '../methods/index.ts';
import type {
  DrawSpec,
  LossContext,
  Member,
  Method,
  MethodSizes,
  Ops,
  Side,
  VariableSpec,
} from '../methods/method.ts';
import type { ModelGraph, Shape } from '../models/description.ts';
import { describe } from '../models/describe.ts';
import { resolveLayer } from '../models/names.ts';
import { UserError } from '../protocol/errors.ts';
import { parameterKinds } from './parameter-kinds.ts';
import { valueAt, type Moment } from './schedules.ts';
import { required, withPrefix, type Tensors } from './step-function.ts';
import { teacherWeights } from './teacher-weights.ts';

/** One loss term, resolved: its method, its plain and its scheduled parameters, its variables. */
export interface Term {
  readonly id: string;
  readonly settings: TermSettings;
  readonly method: Method;
  readonly plain: Readonly<Record<string, unknown>>;
  readonly scheduled: Readonly<Record<string, ScheduledNumber>>;
  readonly sizes: MethodSizes;
  /** Names begin with `term:<id>/`, so that they never meet those of a model. */
  readonly variables: readonly VariableSpec[];
  readonly draws: readonly DrawSpec[];
  /** Tensors of the teacher that the loss reads: its name for each to the teacher's. */
  readonly teacherWeights: Readonly<Record<string, string>>;
}

type Fields = Method['parameters']['fields'];
export type Context = LossContext<Fields>;

/** @throws UserError KD4002 where the term names a method that does not exist */
export function findTermMethod({ method: name, id }: TermSettings): Method {
  const method = findMethod(name);
  if (method !== undefined) return method;
  throw new UserError({
    code: 'KD4002',
    message: `There is no method "${name}".`,
    help: '`kd methods` lists the catalogue.',
    key: `distill.match.${id}`,
  });
}

/**
 * @param teacher whose layers the pairs name; null where the term hears nobody
 * @throws UserError KD4002 where the term names a method that does not exist
 */
export function resolveTerm(
  settings: TermSettings,
  teacher: ModelGraph | null,
  student: ModelGraph,
  { samples, batch, group }: Pick<MethodSizes, 'samples' | 'batch' | 'group'>,
): Term {
  const method = findTermMethod(settings);
  const { plain, scheduled } = parameterKinds(method.parameters.fields, settings.parameters);
  const [teacherShape, studentShape] = [teacher === null ? null : layerShapes(teacher), layerShapes(student)];
  const pairs = settings.pairs.map((pair) => ({
    teacher: teacherShape?.(pair.teacher) ?? [],
    student: studentShape(pair.student),
    layers: pair,
    ...(pair.adapter === undefined ? {} : { adapter: pair.adapter }),
  }));
  const sizes: MethodSizes = {
    pairs,
    layers: settings.layers.map(studentShape),
    group,
    classes: describe(student).classes,
    samples,
    batch,
  };
  const variables = (method.variables?.(sizes, plain) ?? []).map((variable) => ({
    ...variable,
    name: `term:${settings.id}/${variable.name}`,
  }));
  const draws = method.draws?.(plain) ?? [];
  const weights = teacher === null ? {} : teacherWeights(method, settings, teacher);
  return {
    id: settings.id,
    settings,
    method,
    plain,
    scheduled,
    sizes,
    variables,
    draws,
    teacherWeights: weights,
  };
}

/** The shapes of a model's layers by path or short name. */
export function layerShapes(graph: ModelGraph): (layer: string) => Shape {
  const shapes = new Map(describe(graph).layers.map((layer) => [layer.path, layer.shape]));
  return (layer) => shapes.get(resolveLayer(graph, layer).path) ?? [];
}

/** The weight of a term; 0 outside the epochs in which it counts. */
export function termWeight({ settings }: Term, moment: Moment): number {
  const epoch = Math.floor(moment.step / moment.stepsPerEpoch);
  const counts = epoch >= settings.start && (settings.end === null || epoch < settings.end);
  return counts ? valueAt(settings.weight, moment) : 0;
}

/** What one network said of a batch. */
export interface Speech {
  readonly logits: tf.Tensor2D;
  /** By the names under which they were asked for. */
  readonly outputs: Tensors;
}

/** What a batch says to a term. */
export interface TermInputs {
  readonly student: Side;
  readonly teacher: Side;
  readonly strong: { readonly student: Side; readonly teacher: Side } | null;
  readonly group: readonly Member[];
  readonly trunk: tf.Tensor4D | null;
  /** The teacher's own tensors; empty where no term reads them. */
  readonly teacherParameters: Tensors;
  readonly labels: tf.Tensor1D;
  readonly indices: tf.Tensor1D | undefined;
  /** All scalars and draws of the step, under the names that the lesson's id gives them. */
  readonly scalars: Tensors;
  /** The learner's tensors, and those of a network beside it under the term's names. */
  readonly variables: Tensors;
  readonly training: boolean;
  readonly update: (variable: string, value: tf.Tensor) => void;
}

/** What one side said, as a term with these settings reads it. */
export function sideOf(
  { logits, outputs }: Speech,
  { pairs, layers }: TermSettings,
  role: 'teacher' | 'student',
): Side {
  const names = [...pairs.map((pair) => pair[role]), ...(role === 'student' ? layers : [])];
  return { logits, maps: names.map((name) => required(outputs, name)), layers: names };
}

/** The context of a term's loss. @param id of the lesson */
export function termContext(ops: Ops, id: string, term: Term, inputs: TermInputs): Context {
  const prefix = `term:${term.id}/`;
  const { student, teacher, strong, group, trunk, labels, training } = inputs;
  return {
    student,
    teacher,
    strong,
    group,
    trunk,
    labels,
    training,
    indices: inputs.indices ?? ops.range(0, labels.size, 1, 'int32'),
    parameters: { ...term.plain, ...withPrefix(inputs.scalars, `parameter/${id}/`) },
    adapters: term.settings.pairs.map(({ adapter }) => adapter),
    variables: withPrefix(inputs.variables, prefix),
    teacherWeights: Object.fromEntries(
      Object.entries(term.teacherWeights).map(([name, of]) => [name, required(inputs.teacherParameters, of)]),
    ),
    draws: withPrefix(inputs.scalars, `draws/${id}/`) as Record<string, tf.Tensor2D>,
    update: (variable, value) => inputs.update(prefix + variable, value),
  };
}

/** An operation that cannot be compiled, or refuses its arguments, is easier to find with the method that asked for it. */
export function namingTerm<T>({ id, method }: Term, action: () => T): T {
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
