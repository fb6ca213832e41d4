import type * as tf from '@tensorflow/tfjs-core';
import type { RefinerSettings, ScheduledNumber } from '../config/experiment.ts';
import type { Method, MethodSizes, Ops, Side, VariableSpec } from '../methods/method.ts';
import { findRefiner } from '../methods/refine/index.ts';
import type { Refiner } from '../methods/refiner.ts';
import { UserError } from '../protocol/errors.ts';
import { parameterKinds } from './parameter-kinds.ts';
import { withPrefix, type Tensors } from './step-function.ts';

/** A refiner before a term: its plain and its scheduled parameters, its variables. */
export interface PlannedRefiner {
  readonly id: string;
  readonly refiner: Refiner;
  readonly plain: Readonly<Record<string, unknown>>;
  readonly scheduled: Readonly<Record<string, ScheduledNumber>>;
  /** Names begin with `term:refine/<id>/`. */
  readonly variables: readonly VariableSpec[];
}

/**
 * The refiner, or nothing where the term reads nothing of what it changes.
 * @throws UserError KD4002 where there is no such refiner
 */
export function resolveRefiner(
  { id, refiner: name, parameters }: RefinerSettings,
  method: Method,
  sizes: MethodSizes,
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
  const { plain, scheduled } = parameterKinds(refiner.parameters.fields, parameters);
  const variables = (refiner.variables?.(sizes, plain) ?? []).map((variable) => ({
    ...variable,
    name: prefixOf(id) + variable.name,
  }));
  return [{ id, refiner, plain, scheduled, variables }];
}

function prefixOf(id: string): string {
  return `term:refine/${id}/`;
}

/** What both sides say after one refiner. */
export function refined(
  ops: Ops,
  { id, refiner, plain }: PlannedRefiner,
  sides: { readonly student: Side; readonly teacher: Side },
  given: {
    readonly labels: tf.Tensor1D;
    readonly scalars: Tensors;
    readonly variables: Tensors;
    readonly training: boolean;
    readonly update: (variable: string, value: tf.Tensor) => void;
  },
): { readonly student: Side; readonly teacher: Side } {
  return refiner.refine(ops, {
    ...sides,
    labels: given.labels,
    parameters: { ...plain, ...withPrefix(given.scalars, `parameter/refine/${id}/`) },
    variables: withPrefix(given.variables, prefixOf(id)),
    training: given.training,
    update: (variable, value) => given.update(prefixOf(id) + variable, value),
  });
}
