import { forward } from '../models/build.ts';
import type { Pruning } from '../models/description.ts';
import type { Dataset } from '../data/dataset.ts';
import { inOrder } from './data.ts';
import { split } from './flat.ts';
import { weightVectors } from './learner-state.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { Learner, PhasePlan } from './plan.ts';
import { imageSpecs, stateSpecs } from './specs.ts';
import { required, type StepFunction } from './step-function.ts';
import type { Step } from './steps.ts';
import { evaluatedVectors, trainedVectors, type WeightVectors } from './weight-average.ts';
import type * as tf from '@tensorflow/tfjs-core';

/** Name of the graph. */
export const ACTIVITY = 'activity';

/**
 * What the neurons that may be removed say to a batch, in inference: `[batch, neurons]` of each layer, by `outputName`. With the weights
 * that learn, and with their running mean where there is one.
 */
export function activityStep(plan: PhasePlan, learner: Learner, batch: number): Step {
  const states = statesOf(plan, learner);
  const pruned = learner.graph.pruning ?? [];
  const step: StepFunction = (ops, inputs) => {
    const said = states.flatMap((names, at) => {
      const variables = {
        ...split(ops, required(inputs, names.parameters), learner.parameters),
        ...split(ops, inputs[names.statistics], learner.statistics),
      };
      const wanted = pruned.map(({ activation }) => activation);
      const images = required(inputs, 'images') as tf.Tensor4D;
      const { outputs } = forward(ops, learner.graph, variables, images, { training: false, wanted });
      return pruned.map(
        (layer) => [outputName(layer, at), ops.abs(required(outputs, layer.activation))] as const,
      );
    });
    return Object.fromEntries(said);
  };
  return {
    step,
    specs: {
      ...stateSpecs(states.flatMap((names) => weightVectors(learner, names))),
      ...imageSpecs(plan, batch),
    },
  };
}

/** The weights that learn; and those that are validated, where they differ. */
function statesOf({ settings }: PhasePlan, { instance }: Learner): readonly WeightVectors[] {
  const [trained, evaluated] = [trainedVectors(instance), evaluatedVectors(instance, settings)];
  return trained.parameters === evaluated.parameters ? [trained] : [trained, evaluated];
}

function outputName({ layer }: Pruning, state: number): string {
  return `${layer}/${state}`;
}

/**
 * The activity of every neuron of each layer over the training split as it is, by the layer's path: the largest value, or the mean; of two
 * sets of weights the larger one.
 */
export async function measureActivity(
  program: PhaseProgram,
  dataset: Dataset,
  pruned: readonly Pruning[],
): Promise<Readonly<Record<string, Float32Array>>> {
  const { learner } = program.plan;
  const states = statesOf(program.plan, learner).length;
  const found = new Map<string, Float32Array>();
  for (const batch of inOrder(dataset, 'train', program.sizes.predict)) {
    for (const [name, values] of Object.entries(await program.run(ACTIVITY, { images: batch.inputs }))) {
      const width = values.length / batch.labels.length;
      const sums = found.get(name) ?? new Float32Array(width);
      found.set(name, sums);
      const mean = pruned.some((one) => one.activity === 'mean' && name.startsWith(`${one.layer}/`));
      for (let at = 0; at < batch.count * width; at++) {
        const [neuron, value] = [at % width, values[at] ?? NaN];
        const before = sums[neuron] ?? 0;
        sums[neuron] = mean ? before + value / dataset.splits.train.count : Math.max(before, value);
      }
    }
  }
  return Object.fromEntries(
    pruned.map((one) => {
      const all = Array.from({ length: states }, (_, at) => found.get(outputName(one, at)) ?? []);
      const [first = []] = all;
      const largest = Float32Array.from(first, (_, neuron) =>
        Math.max(...all.map((values) => values[neuron] ?? 0)),
      );
      return [one.layer, largest];
    }),
  );
}
