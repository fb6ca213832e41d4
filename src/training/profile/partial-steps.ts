import type { Learner, PhasePlan } from '../plan.ts';
import { join } from '../flat.ts';
import { hardLabelSpecs } from '../hard-labels.ts';
import { chanceSpecs, lessonScalars, lossSpecs, scalarSpecs } from '../specs.ts';
import { withPrefix } from '../step-function.ts';
import { learnerSpecs, learnerTensors, withWeights, type Step } from '../steps.ts';
import { differentiated, forwardPass, newStatistics } from '../train-step.ts';
import { trainedVectors } from '../weight-average.ts';

const asTrained = ({ instance }: Learner) => trainedVectors(instance);

/** A training step that ends with the loss: the forward pass, and the statistics that it renews. */
export function forwardStep(plan: PhasePlan, batch: number): Step {
  return {
    step: (ops, given) => {
      const inputs = withWeights(ops, plan, given);
      const { loss, aside } = forwardPass(ops, plan, learnerTensors(ops, plan, inputs, asTrained), inputs);
      return { loss, ...newStatistics(ops, plan, inputs, aside) };
    },
    specs: partialSpecs(plan, batch),
  };
}

/** A training step that ends with the gradients: no weight moves. */
export function gradientStep(plan: PhasePlan, batch: number): Step {
  return {
    step: (ops, given) => {
      const inputs = withWeights(ops, plan, given);
      const { loss, aside, gradients, kept } = differentiated(ops, plan, inputs);
      for (const tensor of kept) tensor.dispose();
      const flat = plan.learners.map(
        ({ instance, parameters }) =>
          [`gradient/${instance}`, join(ops, withPrefix(gradients, `${instance}/`), parameters)] as const,
      );
      return { loss, ...Object.fromEntries(flat), ...newStatistics(ops, plan, inputs, aside) };
    },
    specs: partialSpecs(plan, batch),
  };
}

/** What the loss reads: of a whole step all but what moves the weights. */
function partialSpecs(plan: PhasePlan, batch: number): Step['specs'] {
  return {
    ...learnerSpecs(plan, asTrained),
    ...lossSpecs(plan, batch),
    ...hardLabelSpecs(plan, batch),
    ...(plan.phase.loss === 'task' ? {} : scalarSpecs(['hardLabelWeight', ...lessonScalars(plan, true)])),
    ...chanceSpecs(plan, batch),
  };
}
