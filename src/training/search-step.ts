import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';
import { join } from './flat.ts';
import { withGradients, type WithGradients } from './gradients.ts';
import { slotsBeside } from './learner-state.ts';
import { objective, type LearnerTensors } from './objective.ts';
import type { Opponent } from './opponents.ts';
import type { PhasePlan } from './plan.ts';
import { lessonScalars, lossSpecs, scalarSpecs, stateSpecs } from './specs.ts';
import { lookingAhead } from './search-gradients.ts';
import { required, withPrefix, type StepFunction, type Tensors } from './step-function.ts';
import { learnerSpecs, learnerTensors, withWeights, type Step } from './steps.ts';
import { opponentScalars } from './train-step.ts';
import type { SearchTurn } from './turns.ts';
import { trainedVectors } from './weight-average.ts';

/**
 * One step of a search on samples of the validation split: what refiners search follows the gradient of the learner's loss,
 * while the learner stands still.
 *
 *     χ ← Adam(χ, ∇_χ L_validation(θ, χ))                       first order
 *     χ ← Adam(χ, ∇_χ L_validation(θ − ξ ∇_θ L_validation, χ))   second order, see `lookingAhead`
 *
 * θ: the learner as the turn of training before left it, in inference mode. Source: the alternation of DARTS (Liu, Simonyan,
 * Yang 2019, section 2.3).
 *
 * Outputs: `search/<lesson>`, the loss of that learner, and the new state of what is searched.
 */
export function searchStep(plan: PhasePlan, batch: number, { opponents }: SearchTurn): Step {
  const names = ({ instance }: { readonly instance: string }) => trainedVectors(instance);
  const step: StepFunction = (ops, given) => {
    const inputs = withWeights(ops, plan, given);
    const tensors = learnerTensors(ops, plan, inputs, names);
    const outputs: Record<string, tf.Tensor> = {};
    for (const [rate, together] of byRate(opponents)) {
      const { aside, gradients } = searched(ops, plan, tensors, inputs, together, rate);
      Object.assign(outputs, aside);
      for (const opponent of together) {
        const own = withPrefix(gradients, `${opponent.instance}|`);
        Object.assign(outputs, moved(ops, opponent, inputs, own));
      }
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

/** What is searched alike, by the learning rate ξ of the step ahead; null: in first order. */
function byRate(opponents: readonly Opponent[]): ReadonlyMap<number | null, readonly Opponent[]> {
  const groups = new Map<number | null, Opponent[]>();
  for (const opponent of opponents) {
    const { searchOrder, innerLearningRate } = opponent.refiner?.plain ?? {};
    const rate = searchOrder === 'second' ? Number(innerLearningRate) : null;
    groups.set(rate, [...(groups.get(rate) ?? []), opponent]);
  }
  return groups;
}

/** Losses, and the gradient of their sum with respect to what these opponents search, by `<instance>|<variable>`. */
function searched(
  ops: Ops,
  plan: PhasePlan,
  tensors: LearnerTensors,
  inputs: Tensors,
  opponents: readonly Opponent[],
  rate: number | null,
): WithGradients {
  const variables = Object.fromEntries(
    opponents.flatMap(({ instance, lesson, variables: own }) =>
      own.map(({ name }) => [`${instance}|${name}`, required(inputs, `beside/${lesson}/${name}`)] as const),
    ),
  );
  const learners = new Set(opponents.map(({ learner }) => learner));
  const compute = (weights: Tensors) => {
    const { losses } = objective(ops, plan, replaced(tensors, weights), inputs, false, true);
    const own = [...learners].map((one) => required(losses, one));
    const each = opponents.map((one) => [`search/${one.lesson}`, required(losses, one.learner)] as const);
    return { loss: ops.addN(own), aside: Object.fromEntries(each) };
  };
  if (rate === null) return withGradients(ops, variables, () => compute({}));
  const weights = Object.fromEntries(
    plan.learners
      .filter(({ instance }) => learners.has(instance))
      .flatMap(({ instance, parameters }) =>
        parameters.parts.map(
          ({ name }) => [`${instance}/${name}`, required(required(tensors, instance), name)] as const,
        ),
      ),
  );
  return lookingAhead(ops, compute, weights, variables, rate);
}

/** Tensors of learners, with these in their places: `<instance>/<tensor>`. */
function replaced(tensors: LearnerTensors, weights: Tensors): LearnerTensors {
  return new Map(
    [...tensors].map(([instance, own]) => [instance, { ...own, ...withPrefix(weights, `${instance}/`) }]),
  );
}

/** The new state of what one refiner searches. */
function moved(
  ops: Ops,
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
