import type { Experiment, ImageLoss, ScheduledNumber, TrainSettings } from '../config/experiment.ts';
import { readsBook } from '../config/books.ts';
import { withCopies, withExits, type BranchedModel } from '../models/branches.ts';
import type { ModelGraph, Shape } from '../models/description.ts';
import { describe } from '../models/describe.ts';
import { ancestors } from '../models/ancestors.ts';
import { withGraft } from '../models/graft.ts';
import { resolveLayer } from '../models/names.ts';
import { withWidths, type Widths } from '../models/pruning.ts';
import { withTails } from '../models/tails.ts';
import { copyOf, modelOf } from '../schemes/lessons.ts';
import { MEASURED_BY_DEFAULT, measuredIn } from '../schemes/measured.ts';
import type { Phase, TrainedInstance } from '../schemes/phase.ts';
import { planGenerator, type Generator } from './generator.ts';
import { planLessons, type Lesson } from './lesson.ts';
import { createOptimizer, type Optimizer } from './optimizers/index.ts';
import type { Opponent } from './opponents.ts';
import { columnsFor } from './phase-data.ts';
import { planModel, type PlannedModel } from './planned-model.ts';
import { planSearchTurns, planTurns, type PlannedTurn, type SearchTurn } from './turns.ts';

export type { PlannedModel } from './planned-model.ts';

/** A model that learns in a phase. */
export interface Learner extends PlannedModel {
  /** Before the names of what it says in the records: empty for the first, `student-2/` for a peer. */
  readonly prefix: string;
  /** Instances of one model with the same number start alike. */
  readonly variant: number;
  /** The model without the branches that it has while it trains: what is kept, counted and exported. */
  readonly kept: ModelGraph;
  readonly branches: LearnerBranches | null;
  /** Kept weights that it goes on from, the best of several; empty: it starts afresh. */
  readonly continues: readonly string[];
  /** Beginnings of the names of its trainable tensors that learn; null: all. */
  readonly learns: readonly string[] | null;
  readonly lessons: readonly Lesson[];
  /** In place of the phase's; null: it has that. */
  readonly ownOptimizer: Optimizer | null;
}

/** Branches of a learner, and what of them counts and is kept. */
export interface LearnerBranches extends BranchedModel {
  /** Weight of the cross-entropy of each branch, in units of the hard labels' weight. */
  readonly labels: number;
  /** Weights that are kept apart: those whose names begin with `head`, as tensors of the model `of`. */
  readonly tails: { readonly head: string; readonly of: string } | null;
}

/** Everything a phase trains with, resolved from the experiment. */
export interface PhasePlan {
  readonly phase: Phase;
  /** The learner that the phase is about. */
  readonly learner: Learner;
  /** All that learn, the first one first. */
  readonly learners: readonly Learner[];
  /** Frozen models that answer. */
  readonly teachers: readonly PlannedModel[];
  /** Frozen copies of learners, by `copyOf` of their instance. */
  readonly copies: readonly PlannedModel[];
  /** The first of the teachers, with which the student is compared; null where nobody finished teaches. */
  readonly teacher: PlannedModel | null;
  readonly opponents: readonly Opponent[];
  /** Who moves in which step. */
  readonly turns: readonly PlannedTurn[];
  /** What is searched between them, on samples of the validation split. */
  readonly searches: readonly SearchTurn[];
  /** Makes the images in place of the training split; null: the split does. */
  readonly generator: Generator | null;
  readonly hardLabelWeight: ScheduledNumber;
  readonly settings: TrainSettings;
  readonly optimizer: Optimizer;
  readonly inputShape: Shape;
  /** Numbers in an answer: classes, or values of an image. */
  readonly classes: number;
  /** What learners are taught by images; null: they tell classes apart. */
  readonly imageLoss: ImageLoss | null;
  /** Of the training split. */
  readonly samples: number;
  /** Of what is drawn for frozen models, whoever learns from them. */
  readonly answerSeed: number;
  /** What the terms ask of each frozen model or copy, by instance. */
  readonly answers: ReadonlyMap<string, Answers>;
  readonly needsIndices: boolean;
  /** Whether the frozen models speak from a book: then no graph of the phase asks them. */
  readonly fromBook: boolean;
  /** Whether each sample is also seen through the stronger augmentation. */
  readonly strongView: boolean;
  /** Names of what is recorded of validation and test. */
  readonly measured: ReadonlySet<string>;
}

export interface Answers {
  readonly logits: boolean;
  readonly layers: readonly string[];
  /** Random passes of a Bayesian model; left out: none is asked for. */
  readonly passes?: number;
}

/** How wide the prunable layers of instances are by now; instances that are not named have all their neurons. */
export type WidthsByInstance = ReadonlyMap<string, Widths>;

/**
 * @param samples of the training split
 * @throws UserError KD4002 an unknown method, KD4008 a teacher without the layers that a term reads
 */
export function planPhase(
  experiment: Experiment,
  phase: Phase,
  samples: number,
  widths: WidthsByInstance = new Map(),
): PhasePlan {
  const settings = settingsOf(experiment, phase);
  const batch = Math.min(samples, settings.batchSize);
  const learners = phase.train.map((trained, index) =>
    planLearner(experiment, phase, trained, index, { samples, batch }, widths),
  );
  const [learner] = learners;
  if (learner === undefined) throw new Error(`phase "${phase.name}" trains nothing`);
  const lessons = learners.flatMap((one) => one.lessons);
  const heard = new Map(
    lessons.flatMap(({ speakers }) => speakers.map((speaker) => [speaker.instance, speaker] as const)),
  );
  const standing = (kind: 'frozen' | 'copy') => [...heard.values()].filter((one) => one.kind === kind);
  const frozen = (instance: string, model: string) =>
    planFrozen(experiment, instance, model, learner.model, widths);
  const teachers = standing('frozen').map(({ instance, model }) => frozen(instance, model));
  // Who says nothing to a term is still there to be compared with.
  const onlooker = phase.freeze.find((name) => !teachers.some(({ instance }) => instance === name));
  if (teachers.length === 0 && onlooker !== undefined && phase.loss === 'distill')
    teachers.push(frozen(onlooker, modelOf(experiment.phases, onlooker)));
  const { inputShape, classes } = describe(learner.kept);
  const needs = lessons.map(({ term }) => term.method.needs);
  const opponents = lessons.flatMap(({ opponent, searches }) => [
    ...(opponent === null ? [] : [opponent]),
    ...searches,
  ]);
  const copies = standing('copy').map(({ instance, model }) =>
    planModel(instance, model, graphOf(experiment, model)),
  );
  const standingModels = [...teachers, ...copies];
  return {
    phase,
    learner,
    learners,
    teachers,
    copies,
    teacher: teachers[0] ?? null,
    opponents,
    turns: planTurns(phase, learners, opponents),
    searches: planSearchTurns(phase, opponents),
    generator: phase.generator === undefined ? null : planGenerator(phase.generator, inputShape),
    hardLabelWeight: hardLabelWeightOf(experiment, phase),
    settings,
    optimizer: createOptimizer(settings.optimizer),
    inputShape,
    classes,
    imageLoss: experiment.task.kind === 'reconstruction' ? experiment.task.loss : null,
    samples,
    answerSeed: experiment.train.seed,
    answers: answersOf(lessons, (instance) => bayesianOf(standingModels, instance)),
    fromBook: readsBook(experiment, phase),
    needsIndices: needs.some(({ indices }) => indices === true),
    strongView: needs.some(({ strongView }) => strongView === true),
    measured: measuredIn(experiment.measure.metrics ?? MEASURED_BY_DEFAULT, settings, [
      ...[settings.optimizer, phase, experiment.distill.terms, experiment.distill.hardLabelWeight],
    ]),
  };
}

/** @param learner whose classes its logits are to be those of */
function planFrozen(
  experiment: Experiment,
  instance: string,
  model: string,
  learner: string,
  widths: WidthsByInstance,
): PlannedModel {
  const { models } = experiment;
  const columns = columnsFor(models[model]?.classes, models[learner]?.classes);
  const graph = withWidths(graphOf(experiment, model), widths.get(instance));
  return planModel(instance, model, graph, [], columns);
}

function hardLabelWeightOf({ distill }: Experiment, phase: Phase): ScheduledNumber {
  if (phase.loss === 'task') return 1;
  if (phase.hardLabelWeight !== undefined) return phase.hardLabelWeight;
  return phase.pairs === undefined && phase.generator === undefined ? distill.hardLabelWeight : 0;
}

function planLearner(
  experiment: Experiment,
  phase: Phase,
  trained: TrainedInstance,
  index: number,
  counts: { readonly samples: number; readonly batch: number },
  widths: WidthsByInstance,
): Learner {
  const { instance, model, variant = 0, continues = [], learns, optimizer } = trained;
  const kept = withWidths(graftedGraph(experiment, trained), widths.get(instance));
  const branches = branchesOf(experiment, kept, trained);
  const graph = branches?.graph ?? kept;
  const prefix = index === 0 ? '' : `${instance}/`;
  const lessons =
    phase.loss === 'task'
      ? []
      : planLessons(
          experiment,
          phase,
          { instance, graph, branches, prefix, first: index === 0 },
          { ...counts, widths },
        );
  return {
    ...planModel(
      instance,
      model,
      graph,
      lessons.flatMap(({ variables }) => variables),
    ),
    prefix,
    variant,
    kept,
    branches,
    continues,
    learns: learns === undefined ? null : learningNames(kept, learns),
    lessons,
    ownOptimizer: optimizer === undefined ? null : createOptimizer(optimizer),
  };
}

/** The model, or some blocks of it within another. */
function graftedGraph(experiment: Experiment, { model, graft }: TrainedInstance): ModelGraph {
  const own = graphOf(experiment, model);
  if (graft === undefined) return own;
  return withGraft(graphOf(experiment, graft.host), own, graft.blocks, graft.first, graft.last);
}

function branchesOf(
  experiment: Experiment,
  graph: ModelGraph,
  { branches }: TrainedInstance,
): LearnerBranches | null {
  switch (branches?.kind) {
    case undefined:
      return null;
    case 'copies':
      return { ...withCopies(graph, branches.count, branches.at), labels: 1, tails: null };
    case 'exits':
      return { ...withExits(graph, branches.at), labels: 1, tails: null };
    case 'tails': {
      const { of, at, shared, labels } = branches;
      const { shared: head, ...tailed } = withTails(graph, graphOf(experiment, of), at, shared);
      return { ...tailed, labels: labels / at.length, tails: head === null ? null : { head, of } };
    }
  }
}

/** Beginnings of the names of the tensors that may change: a layer is named with everything it is computed from. */
function learningNames(graph: ModelGraph, layers: readonly string[]): readonly string[] {
  const paths = layers.map((layer) => resolveLayer(graph, layer).path);
  return [...ancestors(graph, paths)].map((path) => `${path}/`);
}

/** Random passes of a model where it is Bayesian; 0 where it has one answer. */
function bayesianOf(models: readonly PlannedModel[], instance: string): number {
  return models.find((one) => one.instance === instance)?.graph.bayesian?.samples ?? 0;
}

/** @param passesOf how many random passes an instance has */
function answersOf(
  lessons: readonly Lesson[],
  passesOf: (instance: string) => number,
): ReadonlyMap<string, Answers> {
  const answers = new Map<string, { logits: boolean; layers: Set<string>; passes: number }>();
  for (const { term, speakers } of lessons) {
    for (const { instance, kind } of speakers) {
      if (kind === 'peer') continue;
      const asked = answers.get(instance) ?? { logits: false, layers: new Set<string>(), passes: 0 };
      asked.logits ||= term.method.needs.logits === true;
      if (term.method.needs.passes === true) asked.passes = passesOf(instance);
      for (const { teacher } of term.settings.pairs) asked.layers.add(teacher);
      answers.set(instance, asked);
    }
  }
  return new Map(
    [...answers].map(([instance, { logits, layers, passes }]) => [
      instance,
      { logits, layers: [...layers], ...(passes === 0 ? {} : { passes }) },
    ]),
  );
}

export function graphOf(experiment: Experiment, name: string): ModelGraph {
  const model = experiment.models[name];
  if (model === undefined) throw new Error(`the experiment has no model "${name}"`);
  return model.graph;
}

/** Training settings of a phase: the experiment's, or the model's own; with the phase's optimizer where it has one. */
export function settingsOf(
  experiment: Experiment,
  { settingsOf: source, optimizer, train }: Phase,
): TrainSettings {
  const model = 'model' in source ? experiment.models[source.model] : undefined;
  const own = (model?.source === 'architecture' ? model.train : null) ?? experiment.train;
  const settings = { ...own, ...weightsOfClasses(own, experiment.models[train[0]?.model ?? '']?.classes) };
  return optimizer === undefined ? settings : { ...settings, optimizer };
}

/** Weights are listed for the classes of the data; a model of some of them takes its own. */
function weightsOfClasses(
  { classWeights }: TrainSettings,
  classes: readonly number[] | undefined,
): Pick<TrainSettings, 'classWeights'> {
  if (classes === undefined || classWeights === undefined || typeof classWeights === 'string') return {};
  return { classWeights: classes.map((label) => classWeights[label] ?? 1) };
}

/** The learner of which `copies` holds a frozen copy. */
export function originalOf(plan: PhasePlan, copy: PlannedModel): Learner {
  const original = plan.learners.find(({ instance }) => copyOf(instance) === copy.instance);
  if (original === undefined) throw new Error(`"${copy.instance}" is a copy of no learner`);
  return original;
}
