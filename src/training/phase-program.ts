import type { NumericArray } from '../compiler/graph.ts';
import type { Executor, Fetches, Program } from '../executors/executor.ts';
import type { StoredTensor } from '../runs/writer.ts';
import { pack, unpack } from './flat.ts';
import { slotsOf, weightVectors } from './learner-state.ts';
import { loadProgram, type FallBack } from './load-program.ts';
import type { PhasePlan, PlannedModel } from './plan.ts';
import { withPrefix } from './step-function.ts';
import { answerSize, answersStep, evaluateStep, probeStep, sharesStep, type Step } from './steps.ts';
import { trainStep } from './train-step.ts';
import { evaluatedVectors, trainedVectors, type WeightVectors } from './weight-average.ts';

/** Tensors of a model, of the terms and of the optimizer by name, as checkpoints hold them. */
export type NamedTensors = Readonly<Record<string, StoredTensor>>;

/** How many samples each graph of a phase takes; 0: there is no such graph. */
export interface BatchSizes {
  readonly train: number;
  /** A batch that adds up its gradient and moves no weights. */
  readonly accumulate: number;
  /** The last, smaller batch of an epoch has a graph of its own, so that batch statistics see real samples only. */
  readonly trainLast: number;
  /** One backward pass for every part of the loss: a few samples tell enough, and cost little memory. */
  readonly shares: number;
  /** Smaller batches are padded: samples do not touch one another in inference. */
  readonly predict: number;
  readonly evaluate: number;
  readonly evaluateLast: number;
  readonly probe: number;
}

export interface ProbeLayers {
  readonly teacher: readonly string[];
  readonly learner: readonly string[];
}

/** All graphs of one phase, sharing state in one runtime program. */
export class PhaseProgram {
  readonly plan: PhasePlan;
  readonly sizes: BatchSizes;
  readonly probeLayers: ProbeLayers;
  readonly #program: Program;
  readonly #inputs: ReadonlyMap<string, readonly string[]>;

  private constructor(
    plan: PhasePlan,
    sizes: BatchSizes,
    probeLayers: ProbeLayers,
    program: Program,
    inputs: ReadonlyMap<string, readonly string[]>,
  ) {
    this.plan = plan;
    this.sizes = sizes;
    this.probeLayers = probeLayers;
    this.#program = program;
    this.#inputs = inputs;
  }

  /** Every step of the phase on one executor; the state is all zeros until it is written. */
  static async load(
    plan: PhasePlan,
    sizes: BatchSizes,
    executor: Executor,
    fallBack?: FallBack,
  ): Promise<PhaseProgram> {
    const probeLayers = {
      teacher: plan.teacher === null ? [] : Object.keys(plan.teacher.graph.aliases),
      learner: Object.keys(plan.learner.graph.aliases),
    };
    const steps = stepsOf(plan, sizes, probeLayers);
    const inputs = new Map<string, readonly string[]>();
    for (const [graph, { specs }] of Object.entries(steps)) {
      const names = Object.keys(specs);
      inputs.set(
        graph,
        names.filter((name) => specs[name]?.role !== 'state'),
      );
    }
    const program = await loadProgram(plan.phase.name, steps, executor, fallBack);
    return new PhaseProgram(plan, sizes, probeLayers, program, inputs);
  }

  /** Numbers in the teacher's answers to one sample. */
  get answerSize(): number {
    const { teacher } = this.plan;
    return teacher === null ? 0 : answerSize(this.plan, teacher);
  }

  /** Runs a graph once; feeds that it does not take are left out. */
  run(graph: string, feeds: Readonly<Record<string, NumericArray>>): Promise<Fetches> {
    const names = this.#inputs.get(graph) ?? [];
    const taken = names.flatMap((name) => {
      const value = feeds[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return this.#program.run(graph, Object.fromEntries(taken));
  }

  /** All that the learner goes on from: weights, statistics, and the vectors beside them. */
  async readLearner(): Promise<Record<string, StoredTensor>> {
    const tensors = await this.readModel(this.plan.learner);
    for (const { prefix, vector, layout } of slotsOf(this.plan)) {
      const values = await this.#program.readState([vector]);
      for (const [name, tensor] of Object.entries(unpack(values[vector] as Float32Array, layout)))
        tensors[`${prefix}:${name}`] = tensor;
    }
    return tensors;
  }

  /** Weights and statistics of a model as it trains, and the variables of the terms that train with it. */
  readModel(model: PlannedModel): Promise<Record<string, StoredTensor>> {
    return this.#read(model, trainedVectors(model.instance));
  }

  /** Weights and statistics of the learner as it is validated: the running mean, where there is one. */
  readEvaluated(): Promise<Record<string, StoredTensor>> {
    return this.#read(this.plan.learner, evaluatedVectors(this.plan));
  }

  async #read(model: PlannedModel, names: WeightVectors): Promise<Record<string, StoredTensor>> {
    const vectors = weightVectors(model, names);
    const values = await this.#program.readState(vectors.map(([vector]) => vector));
    const parts = vectors.map(([vector, layout]) => unpack(values[vector] as Float32Array, layout));
    return Object.assign({}, ...parts) as Record<string, StoredTensor>;
  }

  writeModel(model: PlannedModel, tensors: NamedTensors): Promise<void> {
    return this.#write(model, trainedVectors(model.instance), tensors);
  }

  /** What `readEvaluated` gave. */
  writeEvaluated(tensors: NamedTensors): Promise<void> {
    return this.#write(this.plan.learner, evaluatedVectors(this.plan), tensors);
  }

  async #write(model: PlannedModel, names: WeightVectors, tensors: NamedTensors): Promise<void> {
    const flat = weightVectors(model, names).map(
      ([vector, layout]) => [vector, pack(tensors, layout)] as const,
    );
    await this.#program.writeState(Object.fromEntries(flat));
  }

  /** What `readLearner` gave; vectors that are not among the tensors start afresh. */
  async writeLearner(tensors: NamedTensors): Promise<void> {
    await this.writeModel(this.plan.learner, tensors);
    for (const { prefix, vector, layout, startsAs } of slotsOf(this.plan)) {
      const named = withPrefix(tensors, `${prefix}:`);
      const fresh = () => (startsAs === 'zeros' ? new Float32Array(layout.size) : pack(tensors, layout));
      const flat = Object.keys(named).length === 0 ? fresh() : pack(named, layout);
      await this.#program.writeState({ [vector]: flat });
    }
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}

/** Every graph of a phase as a function, not yet traced. */
export function stepsOf(plan: PhasePlan, sizes: BatchSizes, probe: ProbeLayers): Record<string, Step> {
  const { learner, teacher } = plan;
  const steps: Record<string, Step> = {};
  steps['train'] = trainStep(plan, sizes.train);
  if (sizes.accumulate > 0) steps['accumulate'] = trainStep(plan, sizes.accumulate, 'accumulate');
  if (sizes.trainLast > 0) steps['trainLast'] = trainStep(plan, sizes.trainLast);
  if (sizes.predict > 0) steps['predict'] = evaluateStep(plan, sizes.predict, false);
  if (teacher === null) return steps;
  if (sizes.shares > 0) steps['shares'] = sharesStep(plan, sizes.shares);
  if (sizes.predict > 0) steps['answers'] = answersStep(plan, teacher, sizes.predict);
  if (sizes.evaluate > 0) steps['evaluate'] = evaluateStep(plan, sizes.evaluate, true);
  if (sizes.evaluateLast > 0) steps['evaluateLast'] = evaluateStep(plan, sizes.evaluateLast, true);
  if (sizes.probe > 0) {
    steps['probe'] = probeStep(plan, learner, probe.learner, sizes.probe);
    steps['probeTeacher'] = probeStep(plan, teacher, probe.teacher, sizes.probe);
  }
  return steps;
}
