import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';
import { join, split } from './flat.ts';
import { clipGradient } from './gradient-clipping.ts';
import { withGradients } from './gradients.ts';
import { slotsOf } from './learner-state.ts';
import type { PhasePlan } from './plan.ts';
import { required, withPrefix, type StepFunction, type Tensors } from './step-function.ts';
import {
  batchSpecs,
  dropoutSpecs,
  lossParts,
  scalarSpecs,
  stateSpecs,
  termScalarNames,
  type Step,
} from './steps.ts';
import { averagedWeights, trainedVectors } from './weight-average.ts';

/** Whether the weights move after the batch, or its gradient is only added up. */
export type StepRole = 'update' | 'accumulate';

/**
 * One training step of a phase.
 *
 *     L = w_ce · CE(z_s, y) + Σ_i w_i · L_i
 *
 * With gradient accumulation over batches of n_b samples, the weights follow g = Σ_b n_b ∇L_b / Σ_b n_b.
 *
 * Outputs: `loss`, `loss/ce` and `loss/<term>` (unweighted), `correct` (samples named right), and the new state.
 */
export function trainStep(plan: PhasePlan, batch: number, role: StepRole = 'update'): Step {
  const { learner } = plan;
  const names = trainedVectors(learner.instance);
  const step: StepFunction = (ops, inputs) => {
    const flat = required(inputs, names.parameters);
    const parameters = split(ops, flat, learner.parameters);
    const { loss, aside, gradients } = withGradients(ops, parameters, () =>
      objective(ops, plan, parameters, inputs),
    );
    const outputs: Record<string, tf.Tensor> = { loss };
    for (const [name, value] of Object.entries(aside)) if (!name.startsWith('update/')) outputs[name] = value;
    const statistics = renewedStatistics(ops, plan, inputs, aside);
    const { gradient, sum } = accumulated(ops, plan, inputs, join(ops, gradients, learner.parameters), batch);
    if (role === 'update') Object.assign(outputs, moved(ops, plan, inputs, gradient, statistics));
    if (sum !== null) {
      outputs[`${learner.instance}/gradientSum`] = role === 'update' ? ops.zerosLike(sum) : sum;
    }
    if (statistics !== null) outputs[names.statistics] = statistics;
    return outputs;
  };
  return { step, specs: trainSpecs(plan, batch, role) };
}

function trainSpecs(plan: PhasePlan, batch: number, role: StepRole): Step['specs'] {
  const { learner, optimizer, settings } = plan;
  const names = trainedVectors(learner.instance);
  const slots = slotsOf(plan).filter(({ prefix }) => role === 'update' || prefix === 'gradientSum');
  const scalars =
    role === 'accumulate'
      ? []
      : [
          'learningRate',
          ...Object.keys(optimizer.scalars(0)),
          ...(settings.gradientAccumulation > 1 ? ['gradientSamples'] : []),
          ...(settings.ema === null ? [] : ['emaDecay']),
        ];
  return {
    ...stateSpecs([[names.parameters, learner.parameters]]),
    ...stateSpecs(slots.map(({ vector, layout }) => [vector, layout])),
    ...stateSpecs([[names.statistics, learner.statistics]]),
    ...batchSpecs(plan, batch, true),
    ...scalarSpecs(scalars),
    ...(plan.teacher === null ? {} : scalarSpecs(['hardLabelWeight', ...termScalarNames(plan, true)])),
    ...dropoutSpecs(plan, batch),
  };
}

/** The weighted sum of cross-entropy and terms, with every part aside. */
export function objective(ops: Ops, plan: PhasePlan, parameters: Tensors, inputs: Tensors) {
  const { ce, terms, aside } = lossParts(ops, plan, parameters, inputs, true);
  let loss = plan.teacher === null ? ce : ops.mul<tf.Scalar>(ce, required(inputs, 'hardLabelWeight'));
  for (const [id, term] of Object.entries(terms)) {
    loss = ops.add(loss, ops.mul<tf.Scalar>(term, required(inputs, `weight/${id}`)));
  }
  return { loss, aside };
}

/** Running statistics, and whatever else terms renewed, after the batch; null where there are none. */
export function renewedStatistics(
  ops: Ops,
  plan: PhasePlan,
  inputs: Tensors,
  aside: Tensors,
): tf.Tensor | null {
  const { instance, statistics } = plan.learner;
  if (statistics.size === 0) return null;
  const old = split(ops, inputs[`${instance}/statistics`], statistics);
  return join(ops, { ...old, ...withPrefix(aside, 'update/') }, statistics);
}

/** The gradient that the weights follow, and the sum that is carried on; null where nothing is. */
function accumulated(ops: Ops, plan: PhasePlan, inputs: Tensors, gradient: tf.Tensor, batch: number) {
  if (plan.settings.gradientAccumulation === 1) return { gradient, sum: null };
  const before = required(inputs, `${plan.learner.instance}/gradientSum`);
  const sum = ops.add(before, ops.mul(gradient, batch));
  const samples = inputs['gradientSamples'];
  return { gradient: samples === undefined ? sum : ops.div(sum, samples), sum };
}

/** Weights, slots and averages after the optimizer's step. */
function moved(
  ops: Ops,
  plan: PhasePlan,
  inputs: Tensors,
  gradient: tf.Tensor,
  statistics: tf.Tensor | null,
): Record<string, tf.Tensor> {
  const { learner, optimizer, settings } = plan;
  const { parameters, slots } = optimizer.update(ops, {
    parameters: required(inputs, `${learner.instance}/parameters`),
    gradient: clipGradient(ops, gradient, settings.gradientClipping),
    layout: learner.parameters,
    state: { ...inputs, ...withPrefix(inputs, `${learner.instance}/`) },
  });
  const named = Object.entries(slots).map(([slot, value]) => [`${learner.instance}/${slot}`, value] as const);
  return {
    [`${learner.instance}/parameters`]: parameters,
    ...Object.fromEntries(named),
    ...averagedWeights(ops, plan, inputs, { parameters, statistics }),
  };
}
