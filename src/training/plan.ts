import type { Experiment, ScheduledNumber, TrainSettings } from '../config/experiment.ts';
import type { ModelGraph, Shape } from '../models/description.ts';
import { describe } from '../models/describe.ts';
import { parameterSpecs } from '../models/parameters.ts';
import type { Phase } from '../schemes/phase.ts';
import { layoutOf, type FlatLayout } from './flat.ts';
import { createOptimizer, type Optimizer } from './optimizers/index.ts';
import { resolveTerm, type Term } from './terms.ts';

/** A model as it takes part in a phase, and where its tensors lie in its state vectors. */
export interface PlannedModel {
  /** Name of the trained weights: `student`, `baseline`, `teacher`. */
  readonly instance: string;
  /** Name in the config. */
  readonly model: string;
  readonly graph: ModelGraph;
  /** Trainable tensors; for the learner also those of the terms. */
  readonly parameters: FlatLayout;
  /** Running statistics, and whatever else the terms renew by themselves. */
  readonly statistics: FlatLayout;
}

/** Everything a phase trains with, resolved from the experiment. */
export interface PhasePlan {
  readonly phase: Phase;
  readonly learner: PlannedModel;
  /** Null where hard labels alone teach. */
  readonly teacher: PlannedModel | null;
  readonly terms: readonly Term[];
  readonly hardLabelWeight: ScheduledNumber;
  readonly settings: TrainSettings;
  readonly optimizer: Optimizer;
  readonly inputShape: Shape;
  readonly classes: number;
  /** What the terms ask of the teacher. */
  readonly answers: { readonly logits: boolean; readonly layers: readonly string[] };
  readonly needsIndices: boolean;
}

export function planPhase(experiment: Experiment, phase: Phase, samples: number): PhasePlan {
  const [trained] = phase.train;
  if (trained === undefined || phase.train.length > 1) {
    throw new Error(
      `phase "${phase.name}" trains ${phase.train.length} models at once; this loop trains one`,
    );
  }
  const graph = graphOf(experiment, trained.model);
  const teacherName = phase.loss === 'distill' ? experiment.distill.from : null;
  const teacherGraph = teacherName === null ? null : graphOf(experiment, teacherName);
  const settings = settingsOf(experiment, phase);
  const counts = { samples, batch: Math.min(samples, settings.batchSize) };
  const terms =
    teacherGraph === null
      ? []
      : experiment.distill.terms.map((term) => resolveTerm(term, teacherGraph, graph, counts));
  const { inputShape, classes } = describe(graph);
  return {
    phase,
    learner: planModel(trained.instance, trained.model, graph, terms),
    teacher:
      teacherName === null || teacherGraph === null
        ? null
        : planModel(teacherName, teacherName, teacherGraph, []),
    terms,
    hardLabelWeight: phase.loss === 'distill' ? experiment.distill.hardLabelWeight : 1,
    settings,
    optimizer: createOptimizer(settings.optimizer),
    inputShape,
    classes,
    answers: {
      logits: terms.some((term) => term.method.needs.logits === true),
      layers: [...new Set(terms.flatMap((term) => term.settings.pairs.map((pair) => pair.teacher)))],
    },
    needsIndices: terms.some((term) => term.method.needs.indices === true),
  };
}

function planModel(instance: string, model: string, graph: ModelGraph, terms: readonly Term[]): PlannedModel {
  const tensors = [...parameterSpecs(graph), ...terms.flatMap((term) => term.variables)];
  return {
    instance,
    model,
    graph,
    parameters: layoutOf(tensors.filter((tensor) => tensor.trainable)),
    statistics: layoutOf(tensors.filter((tensor) => !tensor.trainable)),
  };
}

function graphOf(experiment: Experiment, name: string): ModelGraph {
  const model = experiment.models[name];
  if (model === undefined) throw new Error(`the experiment has no model "${name}"`);
  return model.graph;
}

/** Training settings of a phase: the experiment's, or the model's own. */
export function settingsOf(experiment: Experiment, { settingsOf: source }: Phase): TrainSettings {
  if (!('model' in source)) return experiment.train;
  const model = experiment.models[source.model];
  return (model?.source === 'architecture' ? model.train : null) ?? experiment.train;
}
