import type * as tf from '@tensorflow/tfjs-core';
import type { NumericArray } from '../compiler/graph.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import { compareAll } from '../measures/compare-layers.ts';
import { layerGrams, probeBatches, type ProbeBatches } from '../measures/layer-grams.ts';
import { layerKernels, type LayerKernels } from '../measures/layer-similarity.ts';
import { forward } from '../models/build.ts';
import type { ModelGraph } from '../models/description.ts';
import { parameterSpecs } from '../models/parameters.ts';
import type { KeptSimilarity, Split } from '../protocol/records.ts';
import { inOrder } from './data.ts';
import { loadProgram } from './load-program.ts';
import type { NamedTensors } from './phase-program.ts';
import type { Step } from './steps.ts';

/** Samples on which finished models are compared, at most: the cost is a few seconds, and not a training's. */
const MOST_SAMPLES = 512;

/** A model with its weights, and the paths of the layers to compare. */
export interface ComparedModel {
  readonly graph: ModelGraph;
  readonly tensors: NamedTensors;
  readonly layers: readonly string[];
}

/**
 * How alike the layers of two models with these weights are, on the first samples of the validation split, or of the training
 * split where there is no validation.
 */
export async function compareModels(
  teacher: ComparedModel,
  student: ComparedModel,
  dataset: Dataset,
  executor: Executor,
): Promise<Omit<KeptSimilarity, 'seed'>> {
  const split: Split =
    probeBatches(dataset.splits.validation.count, MOST_SAMPLES).batches > 0 ? 'validation' : 'train';
  const probe = probeBatches(dataset.splits[split].count, MOST_SAMPLES);
  const one = { batches: 1, size: probe.size };
  const steps = {
    teacher: gramsStep(teacher, one, dataset.shape),
    student: gramsStep(student, one, dataset.shape),
  };
  const program = await loadProgram('match', steps, executor);
  try {
    const kernels = async (name: 'teacher' | 'student', model: ComparedModel): Promise<LayerKernels[]> => {
      const weights = Object.fromEntries(
        parameterSpecs(model.graph).map((spec) => [
          spec.name,
          model.tensors[spec.name]?.data ?? new Float32Array(),
        ]),
      );
      const grams = model.layers.map(() => new Float32Array(probe.batches * probe.size ** 2));
      let at = 0;
      for (const { inputs } of inOrder(dataset, split, probe.size)) {
        if (at === probe.batches) break;
        const fetched = await program.run(name, { ...weights, images: inputs });
        model.layers.forEach((layer, index) =>
          grams[index]?.set(fetched[layer] as NumericArray, at * probe.size ** 2),
        );
        at++;
      }
      return grams.map((all) => layerKernels(all, probe.size));
    };
    const tables = compareAll(await kernels('teacher', teacher), await kernels('student', student));
    return { samples: probe.batches * probe.size, batches: probe.batches, tables };
  } finally {
    await program.dispose();
  }
}

/** Gram matrices of the layers of a model, every tensor of it an input under its own name. */
function gramsStep({ graph, layers }: ComparedModel, batches: ProbeBatches, shape: readonly number[]): Step {
  const weights = parameterSpecs(graph).map(
    ({ name, shape: own }) => [name, { shape: own, dtype: 'float32', role: 'batch' }] as const,
  );
  return {
    step: (ops, inputs) => {
      const images = inputs['images'] as tf.Tensor4D;
      const { outputs } = forward(ops, graph, inputs, images, { training: false, wanted: layers });
      return Object.fromEntries(
        layers.map((layer) => [layer, layerGrams(ops, outputs[layer] as tf.Tensor, batches)]),
      );
    },
    specs: {
      images: { shape: [batches.size, ...shape], dtype: 'float32', role: 'batch' },
      ...Object.fromEntries(weights),
    },
  };
}
