import type { NumericArray } from '../compiler/graph.ts';
import type { Compilation, Executor, Fetches, Program } from '../executors/executor.ts';
import type { StoredTensor } from '../runs/writer.ts';
import { ACTIVITY, activityStep } from './activity.ts';
import { aheadStep } from './ahead.ts';
import type { AttentionPair } from '../protocol/gap-report.ts';
import { pack, unpack } from './flat.ts';
import { slotsBeside, slotsOf, weightVectors, type Slot } from './learner-state.ts';
import { conflictsStep } from './gates.ts';
import { generatorStep } from './generated.ts';
import { loadProgram, type FallBack } from './load-program.ts';
import type { Learner, PhasePlan, PlannedModel } from './plan.ts';
import { probeLayersOf, type ProbeLayers } from './probe-layers.ts';
import { answerSize } from './specs.ts';
import { withPrefix } from './step-function.ts';
import { attentionPairs, mapShape } from './gap/attention-pairs.ts';
import { attentionStep } from './gap/attention-step.ts';
import {
  answersStep,
  evaluateStep,
  passGraph,
  passStep,
  predictStep,
  probeStep,
  sharesStep,
  type Step,
} from './steps.ts';
import { targetsStep } from './refined-targets.ts';
import { regionsStep } from './regions.ts';
import { searchStep } from './search-step.ts';
import { trainStep } from './train-step.ts';
import { turnGraph } from './turns.ts';
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
  /** Whole batches of the comparison of layers. */
  readonly probe: number;
  /** On which it is looked where both look. */
  readonly attention: number;
  /** Of a step of a search, from the validation split; left out: nothing is searched. */
  readonly search?: number;
  /** Validation images on which it is looked where refiners look; left out: none look. */
  readonly regions?: number;
  /** Validation images on which targets are seen before and after refinement; left out: none are refined. */
  readonly targets?: number;
  /** Images on which the tasks of a mixture of experts are compared; left out: it is none. */
  readonly conflicts?: number;
}

/** All graphs of one phase, sharing state in one runtime program. */
export class PhaseProgram {
  readonly plan: PhasePlan;
  readonly sizes: BatchSizes;
  readonly probeLayers: ProbeLayers;
  /** Layers of both whose attention is compared; empty where there are none, or nobody looks. */
  readonly attentionPairs: readonly AttentionPair[];
  /** How long it took until the steps could run, in milliseconds. */
  readonly compileMilliseconds: number;
  readonly #program: Program;
  readonly #inputs: ReadonlyMap<string, readonly string[]>;
  readonly #state: ReadonlySet<string>;

  private constructor(
    plan: PhasePlan,
    sizes: BatchSizes,
    probeLayers: ProbeLayers,
    program: Program,
    inputs: ReadonlyMap<string, readonly string[]>,
    compileMilliseconds: number,
    state: ReadonlySet<string>,
  ) {
    this.plan = plan;
    this.sizes = sizes;
    this.probeLayers = probeLayers;
    this.attentionPairs = attentionPairsOf(plan, sizes);
    this.#program = program;
    this.#inputs = inputs;
    this.compileMilliseconds = compileMilliseconds;
    this.#state = state;
  }

  /** Every step of the phase on one executor; the state is all zeros until it is written. */
  static async load(
    plan: PhasePlan,
    sizes: BatchSizes,
    executor: Executor,
    fallBack?: FallBack,
  ): Promise<PhaseProgram> {
    const probeLayers = probeLayersOf(plan);
    const steps = stepsOf(plan, sizes, probeLayers);
    const inputs = new Map<string, readonly string[]>();
    const state = new Set<string>();
    for (const [graph, { specs }] of Object.entries(steps)) {
      const names = Object.keys(specs);
      for (const name of names) if (specs[name]?.role === 'state') state.add(name);
      inputs.set(
        graph,
        names.filter((name) => specs[name]?.role !== 'state'),
      );
    }
    const began = performance.now();
    const program = await loadProgram(plan.phase.name, steps, executor, fallBack);
    const compileMilliseconds = performance.now() - began;
    return new PhaseProgram(plan, sizes, probeLayers, program, inputs, compileMilliseconds, state);
  }

  /** Of how many graphs it consists, and how many of them were compiled before. */
  get compilation(): Compilation {
    return this.#program.compilation ?? { graphs: this.#inputs.size, reused: 0 };
  }

  /** Height and width of a map that `attention` or `attentionTeacher` tells of. */
  attentionShape(graph: string, layer: string): readonly [height: number, width: number] {
    const { teacher, learner } = this.plan;
    const model = graph === 'attention' ? learner.kept : teacher?.graph;
    if (model === undefined) throw new Error('nobody teaches');
    const [height, width] = mapShape(model, layer);
    return [height, width];
  }

  /** Whether any graph reads the weights of a model: those of one that speaks from a book mostly are not there. */
  holds({ instance }: Stateful): boolean {
    return this.#state.has(trainedVectors(instance).parameters);
  }

  /** Numbers in the answers of all frozen models to one sample. */
  get answerSize(): number {
    return this.plan.teachers.reduce((sum, teacher) => sum + answerSize(this.plan, teacher), 0);
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

  /**
   * All that the phase goes on from: weights, statistics and the vectors beside them of every learner, the networks beside
   * learners, and the copies that were taken. Tensors of the first learner have their own names, all others begin with `<instance>|`.
   */
  async readState(): Promise<Record<string, StoredTensor>> {
    const tensors: Record<string, StoredTensor> = {};
    for (const member of this.#members()) {
      for (const [name, tensor] of Object.entries(await this.#readMember(member)))
        tensors[member.head + name] = tensor;
    }
    return tensors;
  }

  /** What `readState` gave; vectors that are not among the tensors start afresh. */
  async writeState(tensors: NamedTensors): Promise<void> {
    for (const member of this.#members()) {
      const own = member.head === '' ? tensors : withPrefix(tensors, member.head);
      if (Object.keys(own).length > 0) await this.#writeMember(member, own);
    }
  }

  #members(): readonly Member[] {
    const { plan } = this;
    const head = (instance: string) => (instance === plan.learner.instance ? '' : `${instance}|`);
    // Nobody but the networks beside learners is there while these are trained ahead.
    const learners = plan.phase.loss === 'ahead' ? [] : plan.learners;
    return [
      ...learners.map((model) => ({ head: head(model.instance), model, slots: slotsOf(plan, model) })),
      ...plan.copies.map((model) => ({ head: head(model.instance), model, slots: [] })),
      ...[...plan.opponents, ...(plan.generator === null ? [] : [plan.generator])].map((model) => ({
        head: head(model.instance),
        model,
        slots: slotsBeside(model),
      })),
    ];
  }

  async #readMember({ model, slots }: Member): Promise<Record<string, StoredTensor>> {
    const tensors = await this.readModel(model);
    for (const { prefix, vector, layout } of slots) {
      const values = await this.#program.readState([vector]);
      for (const [name, tensor] of Object.entries(unpack(values[vector] as Float32Array, layout)))
        tensors[`${prefix}:${name}`] = tensor;
    }
    return tensors;
  }

  async #writeMember({ model, slots }: Member, tensors: NamedTensors): Promise<void> {
    await this.writeModel(model, tensors);
    for (const { prefix, vector, layout, startsAs } of slots) {
      const named = withPrefix(tensors, `${prefix}:`);
      const fresh = () => (startsAs === 'zeros' ? new Float32Array(layout.size) : pack(tensors, layout));
      const flat = Object.keys(named).length === 0 ? fresh() : pack(named, layout);
      await this.#program.writeState({ [vector]: flat });
    }
  }

  /** Weights and statistics of a model as it trains, and the variables of the terms that train with it. */
  readModel(model: Stateful): Promise<Record<string, StoredTensor>> {
    return this.#read(model, trainedVectors(model.instance));
  }

  /** Weights and statistics of a learner as it is validated: the running mean, where there is one. */
  readEvaluated(learner: Learner): Promise<Record<string, StoredTensor>> {
    return this.#read(learner, evaluatedVectors(learner.instance, this.plan.settings));
  }

  async #read(model: Stateful, names: WeightVectors): Promise<Record<string, StoredTensor>> {
    const vectors = weightVectors(model, names);
    const values = await this.#program.readState(vectors.map(([vector]) => vector));
    const parts = vectors.map(([vector, layout]) => unpack(values[vector] as Float32Array, layout));
    return Object.assign({}, ...parts) as Record<string, StoredTensor>;
  }

  writeModel(model: Stateful, tensors: NamedTensors): Promise<void> {
    return this.#write(model, trainedVectors(model.instance), tensors);
  }

  /** What `readEvaluated` gave. */
  writeEvaluated(learner: Learner, tensors: NamedTensors): Promise<void> {
    return this.#write(learner, evaluatedVectors(learner.instance, this.plan.settings), tensors);
  }

  async #write(model: Stateful, names: WeightVectors, tensors: NamedTensors): Promise<void> {
    const flat = weightVectors(model, names).map(
      ([vector, layout]) => [vector, pack(tensors, layout)] as const,
    );
    await this.#program.writeState(Object.fromEntries(flat));
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}

/** Something with state vectors: a learner, a copy, a network beside a learner. */
export type Stateful = Pick<PlannedModel, 'instance' | 'parameters' | 'statistics'>;

interface Member {
  /** Before the names of its tensors in a checkpoint. */
  readonly head: string;
  readonly model: Stateful;
  readonly slots: readonly Slot[];
}

/** Name of the graph by which a learner answers in inference. */
export function predictGraph({ learner: first }: PhasePlan, { instance }: Learner): string {
  return instance === first.instance ? 'predict' : `predict/${instance}`;
}

/** Name of the graph by which a frozen model or a copy answers. */
export function answersGraph({ instance }: PlannedModel): string {
  return `answers/${instance}`;
}

/** Graphs of a phase in which only networks beside learners move. */
function aheadStepsOf(plan: PhasePlan, sizes: BatchSizes): Record<string, Step> {
  const steps: Record<string, Step> = { train: aheadStep(plan, sizes.train) };
  if (sizes.trainLast > 0) steps['trainLast'] = aheadStep(plan, sizes.trainLast);
  for (const model of plan.teachers) steps[answersGraph(model)] = answersStep(plan, model, sizes.predict);
  return steps;
}

/** A merged book has no maps of its own. */
function attentionPairsOf(
  { phase, teacher, learner }: PhasePlan,
  { attention }: BatchSizes,
): readonly AttentionPair[] {
  if (attention === 0 || teacher === null || phase.loss !== 'distill' || phase.book !== undefined) return [];
  return attentionPairs(teacher.graph, learner.kept);
}

/** How a frozen model answers: once, and by a random pass where somebody asks for these. */
function answering(plan: PhasePlan, model: PlannedModel, batch: number): Record<string, Step> {
  const { passes = 0 } = plan.answers.get(model.instance) ?? {};
  return {
    [answersGraph(model)]: answersStep(plan, model, batch),
    ...(passes === 0
      ? {}
      : { [passGraph(model)]: passStep(plan, model, trainedVectors(model.instance), batch) }),
  };
}

/** Every graph of a phase as a function, not yet traced. */
export function stepsOf(plan: PhasePlan, sizes: BatchSizes, probe: ProbeLayers): Record<string, Step> {
  const { learner, teacher } = plan;
  if (plan.phase.loss === 'ahead') return aheadStepsOf(plan, sizes);
  const steps: Record<string, Step> = {};
  plan.turns.forEach((turn, index) => {
    if (turn.generator) return;
    const name = (kind: string) => turnGraph(plan.turns, index, kind);
    steps[name('train')] = trainStep(plan, sizes.train, 'update', turn);
    if (sizes.accumulate > 0)
      steps[name('accumulate')] = trainStep(plan, sizes.accumulate, 'accumulate', turn);
    if (sizes.trainLast > 0) steps[name('trainLast')] = trainStep(plan, sizes.trainLast, 'update', turn);
  });
  if (sizes.search !== undefined)
    for (const turn of plan.searches) steps[turn.graph] = searchStep(plan, sizes.search, turn);
  if (sizes.regions !== undefined) steps['regions'] = regionsStep(plan, sizes.regions);
  if (sizes.targets !== undefined) steps['targets'] = targetsStep(plan, sizes.targets);
  if (sizes.predict > 0) {
    for (const one of plan.learners) {
      steps[predictGraph(plan, one)] = predictStep(plan, one, sizes.predict);
      if (one.graph.bayesian !== undefined)
        steps[passGraph(one)] = passStep(
          plan,
          one,
          evaluatedVectors(one.instance, plan.settings),
          sizes.predict,
        );
    }
  }
  if ((learner.graph.pruning ?? []).length > 0 && sizes.predict > 0)
    steps[ACTIVITY] = activityStep(plan, learner, sizes.predict);
  if (sizes.conflicts !== undefined) steps['conflicts'] = conflictsStep(plan, sizes.conflicts);
  if (plan.phase.loss === 'task') return steps;
  if (plan.generator !== null) steps['generate'] = generatorStep(plan, plan.generator, sizes.train);
  else if (sizes.shares > 0) steps['shares'] = sharesStep(plan, sizes.shares);
  if (sizes.predict > 0) {
    for (const model of [...(plan.fromBook ? [] : plan.teachers), ...plan.copies])
      Object.assign(steps, answering(plan, model, sizes.predict));
  }
  if (sizes.evaluate > 0) steps['evaluate'] = evaluateStep(plan, sizes.evaluate);
  if (sizes.evaluateLast > 0) steps['evaluateLast'] = evaluateStep(plan, sizes.evaluateLast);
  if (sizes.probe > 0 && teacher !== null) {
    steps['probe'] = probeStep(plan, learner, probe.learner, sizes.probe);
    steps['probeTeacher'] = probeStep(plan, teacher, probe.teacher, sizes.probe);
  }
  const looked = attentionPairsOf(plan, sizes);
  if (looked.length > 0 && teacher !== null) {
    const own = [...new Set(looked.map((pair) => pair.student))];
    const others = [...new Set(looked.map((pair) => pair.teacher))];
    steps['attention'] = attentionStep(plan, learner, own, sizes.attention);
    steps['attentionTeacher'] = attentionStep(plan, teacher, others, sizes.attention);
  }
  return steps;
}
