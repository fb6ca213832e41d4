import type * as tf from '@tensorflow/tfjs-core';
import type { Member, Ops, Side } from '../methods/method.ts';
import { join, split } from './flat.ts';
import { withGradients } from './gradients.ts';
import type { Opponent } from './opponents.ts';
import { required, withPrefix, type Tensors } from './step-function.ts';
import type { Context } from './terms.ts';
import { trainedVectors } from './weight-average.ts';

/**
 * One step of a network beside a learner, by the gradient of its own loss (of several speakers the mean of its losses towards
 * each); what teacher and student said are constants.
 * Outputs: `opponent/<lesson>` (its loss) and its new state.
 */
export function opponentStep(
  ops: Ops,
  opponent: Opponent,
  said: readonly Context[],
  inputs: Tensors,
): Record<string, tf.Tensor> {
  const { instance, lesson, term, parameters, statistics, optimizer } = opponent;
  const names = trainedVectors(instance);
  const flat = required(inputs, names.parameters);
  const renewed: Record<string, tf.Tensor> = {};
  const weights = split(ops, flat, parameters);
  const still = split(ops, inputs[names.statistics], statistics);
  const { loss, gradients, aside } = withGradients(ops, weights, () => {
    const losses = said.map((context) => {
      const value = term.method.opponent?.loss(ops, {
        ...context,
        variables: { ...context.variables, ...still, ...weights },
        update: (variable, renewedValue) => (renewed[variable] = renewedValue),
      });
      if (value === undefined) throw new Error(`${term.method.name} has nothing beside it`);
      return value;
    });
    const loss =
      losses.length === 1 ? (losses[0] as tf.Scalar) : ops.div<tf.Scalar>(ops.addN(losses), losses.length);
    return { loss, aside: renewed };
  });
  const { parameters: moved, slots } = optimizer.update(ops, {
    parameters: flat,
    gradient: join(ops, gradients, parameters),
    layout: parameters,
    state: withPrefix(inputs, `${instance}/`),
  });
  const outputs: Record<string, tf.Tensor> = { [`opponent/${lesson}`]: loss, [names.parameters]: moved };
  for (const [slot, value] of Object.entries(slots)) outputs[`${instance}/${slot}`] = value;
  if (statistics.size > 0) outputs[names.statistics] = join(ops, { ...still, ...aside }, statistics);
  return outputs;
}

/** A context whose tensors outlive the gradient scope that made them. */
export function keptContext(context: Context, keep: (tensor: tf.Tensor) => tf.Tensor): Context {
  const side = ({ logits, maps, layers }: Side): Side => ({
    logits: keep(logits) as tf.Tensor2D,
    maps: maps.map(keep),
    layers,
  });
  const member = ({ logits, embedding }: Member): Member => ({
    logits: keep(logits) as tf.Tensor2D,
    embedding: keep(embedding) as tf.Tensor2D,
  });
  const { strong } = context;
  return {
    ...context,
    student: side(context.student),
    teacher: side(context.teacher),
    strong: strong === null ? null : { student: side(strong.student), teacher: side(strong.teacher) },
    group: context.group.map(member),
    trunk: context.trunk === null ? null : (keep(context.trunk) as tf.Tensor4D),
  };
}
