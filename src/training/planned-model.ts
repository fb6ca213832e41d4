import type { VariableSpec } from '../methods/method.ts';
import type { ModelGraph } from '../models/description.ts';
import { parameterSpecs } from '../models/parameters.ts';
import { layoutOf, type FlatLayout } from './flat.ts';

/** A model as it takes part in a phase, and where its tensors lie in its state vectors. */
export interface PlannedModel {
  /** Name of the trained weights: `student`, `baseline`, `teacher`, `copy:student`. */
  readonly instance: string;
  /** Name in the config. */
  readonly model: string;
  readonly graph: ModelGraph;
  /** Trainable tensors; for a learner also those of its terms. */
  readonly parameters: FlatLayout;
  /** Running statistics, and whatever else the terms renew by themselves. */
  readonly statistics: FlatLayout;
  /** Of a frozen model: which of its logits stand for the classes of the learners, in their order; absent: all of them. */
  readonly columns?: readonly number[];
}

export function planModel(
  instance: string,
  model: string,
  graph: ModelGraph,
  extra: readonly VariableSpec[] = [],
  columns?: readonly number[],
): PlannedModel {
  // A refiner that stands before several terms has its variables once.
  const variables = [...new Map(extra.map((variable) => [variable.name, variable])).values()];
  const tensors = [...parameterSpecs(graph), ...variables];
  return {
    instance,
    model,
    graph,
    parameters: layoutOf(tensors.filter((tensor) => tensor.trainable)),
    statistics: layoutOf(tensors.filter((tensor) => !tensor.trainable)),
    ...(columns === undefined ? {} : { columns }),
  };
}
