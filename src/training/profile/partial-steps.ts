import type { PhasePlan } from '../plan.ts';
import { split, join } from '../flat.ts';
import { withGradients } from '../gradients.ts';
import { weightVectors } from '../learner-state.ts';
import { required } from '../step-function.ts';
import { batchSpecs, dropoutSpecs, scalarSpecs, stateSpecs, termScalarNames, type Step } from '../steps.ts';
import { objective, renewedStatistics } from '../train-step.ts';
import { trainedVectors } from '../weight-average.ts';

/** A training step that ends with the loss: the forward pass, and the statistics that it renews. */
export function forwardStep(plan: PhasePlan, batch: number): Step {
  const names = trainedVectors(plan.learner.instance);
  return {
    step: (ops, inputs) => {
      const parameters = split(ops, required(inputs, names.parameters), plan.learner.parameters);
      const { loss, aside } = objective(ops, plan, parameters, inputs);
      const statistics = renewedStatistics(ops, plan, inputs, aside);
      return { loss, ...(statistics === null ? {} : { [names.statistics]: statistics }) };
    },
    specs: lossSpecs(plan, batch),
  };
}

/** A training step that ends with the gradient: no weight moves. */
export function gradientStep(plan: PhasePlan, batch: number): Step {
  const names = trainedVectors(plan.learner.instance);
  return {
    step: (ops, inputs) => {
      const parameters = split(ops, required(inputs, names.parameters), plan.learner.parameters);
      const { loss, aside, gradients } = withGradients(ops, parameters, () =>
        objective(ops, plan, parameters, inputs),
      );
      const statistics = renewedStatistics(ops, plan, inputs, aside);
      const gradient = join(ops, gradients, plan.learner.parameters);
      return { loss, gradient, ...(statistics === null ? {} : { [names.statistics]: statistics }) };
    },
    specs: lossSpecs(plan, batch),
  };
}

/** What the loss reads: of a whole step all but what moves the weights. */
function lossSpecs(plan: PhasePlan, batch: number): Step['specs'] {
  const { learner } = plan;
  return {
    ...stateSpecs(weightVectors(learner, trainedVectors(learner.instance))),
    ...batchSpecs(plan, batch, true),
    ...(plan.teacher === null ? {} : scalarSpecs(['hardLabelWeight', ...termScalarNames(plan, true)])),
    ...dropoutSpecs(plan, batch),
  };
}
