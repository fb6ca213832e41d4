import type * as tf from '@tensorflow/tfjs-core';
import { forward } from '../../models/build.ts';
import { split } from '../flat.ts';
import { weightVectors } from '../learner-state.ts';
import type { PhasePlan, PlannedModel } from '../plan.ts';
import { imageSpecs, stateSpecs } from '../specs.ts';
import { required, type StepFunction } from '../step-function.ts';
import type { Step } from '../steps.ts';
import { evaluatedVectors, trainedVectors } from '../weight-average.ts';

/**
 * Attention of named maps of one model, inside the graph: Σ_c F_hwc² of each, `[batch, height, width]`, by layer
 * (`measures/attention.ts`).
 */
export function attentionStep(
  plan: PhasePlan,
  model: PlannedModel,
  layers: readonly string[],
  batch: number,
): Step {
  const names =
    model === plan.learner ? evaluatedVectors(model.instance, plan.settings) : trainedVectors(model.instance);
  const step: StepFunction = (ops, inputs) => {
    const variables = {
      ...split(ops, required(inputs, names.parameters), model.parameters),
      ...split(ops, inputs[names.statistics], model.statistics),
    };
    const images = required(inputs, 'images') as tf.Tensor4D;
    const { outputs } = forward(ops, model.graph, variables, images, { training: false, wanted: layers });
    return Object.fromEntries(
      Object.entries(outputs).map(([layer, map]) => [layer, ops.sum(ops.square(map), 3)]),
    );
  };
  return { step, specs: { ...stateSpecs(weightVectors(model, names)), ...imageSpecs(plan, batch) } };
}
