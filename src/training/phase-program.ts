import type { NumericArray } from '../compiler/graph.ts';
import { trace } from '../compiler/trace.ts';
import type { Executor, Fetches, Program } from '../executors/executor.ts';
import type { StoredTensor } from '../runs/writer.ts';
import { pack, unpack } from './flat.ts';
import type { PhasePlan, PlannedModel } from './plan.ts';
import {
  answerSize,
  answersStep,
  evaluateStep,
  probeStep,
  sharesStep,
  trainStep,
  type Step,
} from './steps.ts';

/** Tensors of a model, of the terms and of the optimizer by name, as checkpoints hold them. */
export type NamedTensors = Readonly<Record<string, StoredTensor>>;

/** How many samples each graph of a phase takes; 0: there is no such graph. */
export interface BatchSizes {
  readonly train: number;
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

  /** Traces every graph and hands them to the executor; the state is all zeros until it is written. */
  static async load(plan: PhasePlan, sizes: BatchSizes, executor: Executor): Promise<PhaseProgram> {
    const probeLayers = {
      teacher: plan.teacher === null ? [] : Object.keys(plan.teacher.graph.aliases),
      learner: Object.keys(plan.learner.graph.aliases),
    };
    const steps = Object.entries(stepsOf(plan, sizes, probeLayers));
    const graphs = Object.fromEntries(
      steps.map(([name, { step, specs }]) => [name, trace(`${plan.phase.name}/${name}`, step, specs)]),
    );
    const state: Record<string, NumericArray> = {};
    const inputs = new Map<string, readonly string[]>();
    for (const [graph, { specs }] of steps) {
      for (const [name, { role, shape }] of Object.entries(specs)) {
        if (role === 'state') state[name] ??= new Float32Array(shape.reduce((a, b) => a * b, 1));
      }
      inputs.set(
        graph,
        Object.keys(specs).filter((name) => specs[name]?.role !== 'state'),
      );
    }
    return new PhaseProgram(plan, sizes, probeLayers, await executor.load(graphs, state), inputs);
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

  /** Weights, statistics and optimizer slots of the learner. */
  async readLearner(): Promise<Record<string, StoredTensor>> {
    const { learner, optimizer } = this.plan;
    const tensors = await this.readModel(learner);
    for (const slot of optimizer.slots) {
      const values = await this.#program.readState([`${learner.instance}/${slot}`]);
      const flat = values[`${learner.instance}/${slot}`] as Float32Array;
      for (const [name, tensor] of Object.entries(unpack(flat, learner.parameters)))
        tensors[`${slot}:${name}`] = tensor;
    }
    return tensors;
  }

  /** Weights and statistics of a model, and the variables of the terms that train with it. */
  async readModel(model: PlannedModel): Promise<Record<string, StoredTensor>> {
    const kinds = stateKinds(model);
    const values = await this.#program.readState(kinds.map(([kind]) => `${model.instance}/${kind}`));
    const parts = kinds.map(([kind, layout]) =>
      unpack(values[`${model.instance}/${kind}`] as Float32Array, layout),
    );
    return Object.assign({}, ...parts) as Record<string, StoredTensor>;
  }

  async writeModel(model: PlannedModel, tensors: NamedTensors): Promise<void> {
    const flat = stateKinds(model).map(
      ([kind, layout]) => [`${model.instance}/${kind}`, pack(tensors, layout)] as const,
    );
    await this.#program.writeState(Object.fromEntries(flat));
  }

  /** What `readLearner` gave; slots that are not among the tensors start at zero. */
  async writeLearner(tensors: NamedTensors): Promise<void> {
    const { learner, optimizer } = this.plan;
    await this.writeModel(learner, tensors);
    for (const slot of optimizer.slots) {
      const prefix = `${slot}:`;
      const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
      const named = Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
      const flat =
        own.length === 0 ? new Float32Array(learner.parameters.size) : pack(named, learner.parameters);
      await this.#program.writeState({ [`${learner.instance}/${slot}`]: flat });
    }
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}

function stateKinds(model: PlannedModel) {
  const kinds = [
    ['parameters', model.parameters],
    ['statistics', model.statistics],
  ] as const;
  return kinds.filter(([, layout]) => layout.size > 0);
}

function stepsOf(plan: PhasePlan, sizes: BatchSizes, probe: ProbeLayers): Record<string, Step> {
  const { learner, teacher } = plan;
  const steps: Record<string, Step> = {};
  steps['train'] = trainStep(plan, sizes.train);
  if (sizes.trainLast > 0) steps['trainLast'] = trainStep(plan, sizes.trainLast);
  steps['predict'] = evaluateStep(plan, sizes.predict, false);
  if (teacher === null) return steps;
  steps['shares'] = sharesStep(plan, sizes.shares);
  steps['answers'] = answersStep(plan, teacher, sizes.predict);
  if (sizes.evaluate > 0) steps['evaluate'] = evaluateStep(plan, sizes.evaluate, true);
  if (sizes.evaluateLast > 0) steps['evaluateLast'] = evaluateStep(plan, sizes.evaluateLast, true);
  if (sizes.probe > 0) {
    steps['probe'] = probeStep(plan, learner, probe.learner, sizes.probe);
    steps['probeTeacher'] = probeStep(plan, teacher, probe.teacher, sizes.probe);
  }
  return steps;
}
