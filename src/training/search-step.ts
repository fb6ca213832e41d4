import type * as tf from '@tensorflow/tfjs-core';
import { join } from './flat.ts';
import { withGradients } from './gradients.ts';
import { slotsBeside } from './learner-state.ts';
import { objective } from './objective.ts';
import type { Opponent } from './opponents.ts';
import type { PhasePlan } from './plan.ts';
import { lessonScalars, lossSpecs, scalarSpecs, stateSpecs } from './specs.ts';
import { required, withPrefix, type StepFunction } from './step-function.ts';
import { learnerSpecs, learnerTensors, withWeights, type Step } from './steps.ts';
import { opponentScalars } from './train-step.ts';
import type { SearchTurn } from './turns.ts';
import { trainedVectors } from './weight-average.ts';

/**
 * One step of a search on samples of the validation split: what refiners search follows the gradient of the learner's loss,
 * while the learner stands still.
 *
 *     χ ← Adam(χ, ∇_χ L_validation(θ, χ))
 *
 * θ: the learner as the turn of training before left it, in inference mode. Source: the alternation of DARTS (Liu, Simonyan,
 * Yang 2019, section 2.3) in its first-order form.
 *
 * Outputs: `search/<lesson>`, the loss of that learner, and the new state of what is searched.
 */
export function searchStep(plan: PhasePlan, batch: number, { opponents }: SearchTurn): Step {
  const names = ({ instance }: { readonly instance: string }) => trainedVectors(instance);
  const step: StepFunction = (ops, given) => {
    const inputs = withWeights(ops, plan, given);
    const tensors = learnerTensors(ops, plan, inputs, names);
    const searched: Record<string, tf.Tensor> = {};
    for (const { instance, lesson, variables } of opponents) {
      for (const { name } of variables)
        searched[`${instance}|${name}`] = required(inputs, `beside/${lesson}/${name}`);
    }
    const { aside, gradients } = withGradients(ops, searched, () => {
      const { losses } = objective(ops, plan, tensors, inputs, false, true);
      const own = [...new Set(opponents.map(({ learner }) => learner))].map((one) => required(losses, one));
      const each = opponents.map((one) => [`search/${one.lesson}`, required(losses, one.learner)] as const);
      return { loss: ops.addN(own), aside: Object.fromEntries(each) };
    });
    const outputs: Record<string, tf.Tensor> = { ...aside };
    for (const opponent of opponents) {
      const own = withPrefix(gradients, `${opponent.instance}|`);
      Object.assign(outputs, moved(ops, opponent, inputs, own));
    }
    return outputs;
  };
  return {
    step,
    specs: {
      ...learnerSpecs(plan, names),
      ...stateSpecs(opponents.flatMap(slotsBeside).map(({ vector, layout }) => [vector, layout])),
      ...lossSpecs(plan, batch),
      ...scalarSpecs(['hardLabelWeight', ...lessonScalars(plan, true)]),
      ...scalarSpecs(opponents.flatMap(opponentScalars)),
    },
  };
}

/** The new state of what one refiner searches. */
function moved(
  ops: Parameters<StepFunction>[0],
  { instance, parameters, optimizer }: Opponent,
  inputs: Readonly<Record<string, tf.Tensor>>,
  gradients: Readonly<Record<string, tf.Tensor>>,
): Record<string, tf.Tensor> {
  const vector = trainedVectors(instance).parameters;
  const { parameters: after, slots } = optimizer.update(ops, {
    parameters: required(inputs, vector),
    gradient: join(ops, gradients, parameters),
    layout: parameters,
    state: withPrefix(inputs, `${instance}/`),
  });
  const named = Object.entries(slots).map(([slot, value]) => [`${instance}/${slot}`, value] as const);
  return { [vector]: after, ...Object.fromEntries(named) };
}
