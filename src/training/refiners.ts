import type * as tf from '@tensorflow/tfjs-core';
import type { RefinerSettings, ScheduledNumber } from '../config/experiment.ts';
import type { Method, MethodSizes, Ops, Side, VariableSpec } from '../methods/method.ts';
import { findRefiner } from '../methods/refine/index.ts';
import type { RefineContext, Refiner, RefinerDraw, Regions } from '../methods/refiner.ts';
import { UserError } from '../protocol/errors.ts';
import { parameterKinds } from './parameter-kinds.ts';
import { withPrefix, type Tensors } from './step-function.ts';

/** A refiner before a term: its plain and its scheduled parameters, its variables. */
export interface PlannedRefiner {
  readonly id: string;
  /** Its name in the experiment, by which turns speak of it. */
  readonly name: string;
  readonly refiner: Refiner;
  readonly plain: Readonly<Record<string, unknown>>;
  readonly scheduled: Readonly<Record<string, ScheduledNumber>>;
  /** Names begin with `term:refine/<id>/`. */
  readonly variables: readonly VariableSpec[];
  readonly draws: readonly RefinerDraw[];
}

/**
 * The refiner, or nothing where the term reads nothing of what it changes.
 * @param ofAll the term behind it, where it stands before all terms: what is made for the maps of one is no other's
 * @throws UserError KD4002 where there is no such refiner
 */
export function resolveRefiner(
  { id: written, refiner: name, parameters }: RefinerSettings,
  method: Method,
  sizes: MethodSizes,
  ofAll: string | null,
): readonly PlannedRefiner[] {
  const refiner = findRefiner(name);
  if (refiner === undefined) {
    throw new UserError({
      code: 'KD4002',
      message: `There is no refiner "${name}".`,
      help: '`kd methods` lists the catalogue.',
      key: 'distill.refine',
    });
  }
  // A refiner changes one answer, and these methods hear many.
  if (method.needs.passes === true) return [];
  if (refiner.changes === 'logits' ? method.needs.logits !== true : method.needs.pairs === undefined)
    return [];
  const id = ofAll !== null && refiner.changes === 'maps' ? `${ofAll}/${written}` : written;
  const { plain, scheduled } = parameterKinds(refiner.parameters.fields, parameters);
  const variables = (refiner.variables?.(sizes, plain) ?? []).map((variable) => ({
    ...variable,
    name: prefixOf(id) + variable.name,
  }));
  const draws = refiner.draws?.(sizes, plain) ?? [];
  return [{ id, name: written, refiner, plain, scheduled, variables, draws }];
}

function prefixOf(id: string): string {
  return `term:refine/${id}/`;
}

/** Name under which a graph takes a draw of a refiner before a lesson. */
export function drawName(lesson: string, { id }: Pick<PlannedRefiner, 'id'>, draw: string): string {
  return `draws/${lesson}/refine/${id}/${draw}`;
}

/** Before the names of what a refiner searches, among the variables of what stands beside a learner. */
export function searchedPrefix({ id }: Pick<PlannedRefiner, 'id'>): string {
  return `refine/${id}/`;
}

/** What stands around a refiner in a step. */
export interface Surroundings {
  /** Of the lesson that it refines. */
  readonly lesson: string;
  readonly labels: tf.Tensor1D;
  /** All scalars and draws of the step, and what stands beside learners. */
  readonly scalars: Tensors;
  /** The learner's tensors. */
  readonly variables: Tensors;
  readonly training: boolean;
  readonly searching: boolean;
  readonly update: (variable: string, value: tf.Tensor) => void;
}

/** What both sides say after all refiners before a term, and what these add to its loss. */
export function refineAll(
  ops: Ops,
  refiners: readonly PlannedRefiner[],
  said: Sides,
  given: Surroundings,
): { readonly sides: Sides; readonly losses: readonly tf.Scalar[] } {
  const losses: tf.Scalar[] = [];
  const sides = refiners.reduce<Sides>((now, planned) => {
    const { student, teacher, loss } = planned.refiner.refine(ops, contextOf(planned, now, given));
    if (loss !== undefined) losses.push(loss);
    return { student, teacher };
  }, said);
  return { sides, losses };
}

/** What the refiners before a term look at, by their ids, for each pair of maps; those that show nothing are left out. */
export function regionsOf(
  ops: Ops,
  refiners: readonly PlannedRefiner[],
  said: Sides,
  given: Surroundings,
): ReadonlyMap<string, readonly Regions[]> {
  const regions = refiners.flatMap((planned, index) => {
    const { refiner } = planned;
    if (refiner.regions === undefined) return [];
    const { sides } = refineAll(ops, refiners.slice(0, index), said, given);
    return [[planned.id, refiner.regions(ops, contextOf(planned, sides, given))] as const];
  });
  return new Map(regions);
}

/** What both say, before a refiner or behind it. */
export interface Sides {
  readonly student: Side;
  readonly teacher: Side;
}

function contextOf(
  { id, plain }: PlannedRefiner,
  sides: Sides,
  given: Surroundings,
): RefineContext<Refiner['parameters']['fields']> {
  const { lesson, labels, scalars, training, searching } = given;
  return {
    student: sides.student,
    teacher: sides.teacher,
    labels,
    parameters: { ...plain, ...withPrefix(scalars, `parameter/refine/${id}/`) },
    variables: {
      ...withPrefix(given.variables, prefixOf(id)),
      ...withPrefix(scalars, `beside/${lesson}/${searchedPrefix({ id })}`),
    },
    draws: withPrefix(scalars, drawName(lesson, { id }, '')),
    training,
    searching,
    update: (variable, value) => given.update(prefixOf(id) + variable, value),
  };
}
