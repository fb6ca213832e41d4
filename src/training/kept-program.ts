import type * as tf from '@tensorflow/tfjs-core';
import type { NumericArray } from '../compiler/graph.ts';
import { Batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Executor, Feeds, Program } from '../executors/executor.ts';
import { forward } from '../models/build.ts';
import type { Split } from '../protocol/records.ts';
import { pack, split } from './flat.ts';
import { weightVectors } from './learner-state.ts';
import { loadProgram, type FallBack } from './load-program.ts';
import type { NamedTensors } from './phase-program.ts';
import type { PlannedModel } from './planned-model.ts';
import { imageSpecs, stateSpecs } from './specs.ts';
import { required, type StepFunction } from './step-function.ts';
import { ofColumns, type Step } from './steps.ts';
import type { WeightVectors } from './weight-average.ts';

/** A model with its weights, ready to be asked. */
export interface KeptModel {
  /** As a run keeps it (`student-1`); of another run `run/model`. */
  readonly name: string;
  /** Without branches and whatever else served training alone. */
  readonly planned: PlannedModel;
  readonly weights: NamedTensors;
  /** Names of its state vectors. */
  readonly vectors: WeightVectors;
  /** How it answers where that is not by its own classifier. */
  readonly answering?: {
    readonly step: (batch: number) => Step;
    /** State beside the model's own. */
    readonly state: Readonly<Record<string, Float32Array>>;
    readonly scalars: Feeds;
  };
}

/** What a model says to some samples, row-major. */
export interface Said {
  /** `[samples, classes]`; of a teacher of more classes those that its student knows, in the student's order. */
  readonly logits: Float32Array;
  /** Of each wanted layer by its name: `[samples, ...shape]` */
  readonly layers: Readonly<Record<string, Float32Array>>;
}

export interface Runtime {
  readonly executor: Executor;
  readonly fallBack?: FallBack;
}

/** A model alone, compiled for inference: logits, and the outputs of chosen layers. */
export class KeptProgram {
  readonly model: KeptModel;
  readonly #program: Program;
  readonly #layers: readonly string[];
  readonly #batch: number;

  private constructor(model: KeptModel, program: Program, layers: readonly string[], batch: number) {
    this.model = model;
    this.#program = program;
    this.#layers = layers;
    this.#batch = batch;
  }

  /**
   * @param layers short names or paths of layers whose outputs are wanted
   * @param batch samples asked about at once
   * @throws UserError an unknown layer; KD6xxx what the executor cannot run
   */
  static async load(
    model: KeptModel,
    layers: readonly string[],
    batch: number,
    { executor, fallBack }: Runtime,
  ): Promise<KeptProgram> {
    const steps: Record<string, Step> = {};
    if (model.answering !== undefined) steps['answer'] = model.answering.step(batch);
    if (model.answering === undefined || layers.length > 0) steps['look'] = lookStep(model, layers, batch);
    const program = await loadProgram(model.name, steps, executor, fallBack);
    const own = weightVectors(model.planned, model.vectors).map(
      ([vector, layout]) => [vector, pack(model.weights, layout)] as const,
    );
    await program.writeState({ ...Object.fromEntries(own), ...model.answering?.state });
    return new KeptProgram(model, program, layers, batch);
  }

  /** What it says to these samples of a split, as they are: not augmented. */
  async say(dataset: Dataset, name: Split, samples: Int32Array): Promise<Said> {
    const size = this.#batch;
    const batches = new Batches(dataset, name, { batchSize: size, seed: 0, shuffle: false, augment: [] });
    const outputs = ['logits', ...this.#layers.map(layerOutput)];
    const whole = new Map<string, Float32Array>();
    for (let at = 0; at < samples.length; at += size) {
      const shown = samples.subarray(at, at + size);
      const said = await this.#ask(batches.show(shown, 0).inputs);
      for (const output of outputs) {
        const rows = required(said, output);
        const width = rows.length / size;
        const all = whole.get(output) ?? new Float32Array(samples.length * width);
        whole.set(output, all);
        all.set(rows.subarray(0, shown.length * width), at * width);
      }
    }
    const got = (output: string) => whole.get(output) ?? new Float32Array();
    return {
      logits: got('logits'),
      layers: Object.fromEntries(this.#layers.map((layer) => [layer, got(layerOutput(layer))])),
    };
  }

  async #ask(images: Float32Array): Promise<Readonly<Record<string, NumericArray>>> {
    const { answering } = this.model;
    const looked =
      answering === undefined || this.#layers.length > 0 ? await this.#program.run('look', { images }) : {};
    if (answering === undefined) return looked;
    return { ...looked, ...(await this.#program.run('answer', { ...answering.scalars, images })) };
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}

function layerOutput(layer: string): string {
  return `layer/${layer}`;
}

/** Inference with the model's own classifier. Outputs: `logits`, and `layer/<name>` of each wanted layer. */
function lookStep({ planned, vectors }: KeptModel, wanted: readonly string[], batch: number): Step {
  const { graph, parameters, statistics } = planned;
  const step: StepFunction = (ops, inputs) => {
    const variables = {
      ...split(ops, required(inputs, vectors.parameters), parameters),
      ...split(ops, inputs[vectors.statistics], statistics),
    };
    const images = required(inputs, 'images') as tf.Tensor4D;
    const { logits, outputs } = forward(ops, graph, variables, images, { training: false, wanted });
    const maps = Object.entries(outputs).map(([layer, output]) => [layerOutput(layer), output] as const);
    return { logits: ofColumns(ops, logits, planned.columns), ...Object.fromEntries(maps) };
  };
  const input = graph.layers.find(({ path }) => path === graph.input)?.operation;
  if (input?.kind !== 'input') throw new Error(`${graph.architecture} has no input`);
  return {
    step,
    specs: {
      ...stateSpecs(weightVectors(planned, vectors)),
      ...imageSpecs({ inputShape: input.shape }, batch),
    },
  };
}
