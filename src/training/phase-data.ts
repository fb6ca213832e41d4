import type { Experiment } from '../config/experiment.ts';
import { ofClasses } from '../data/class-subset.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Phase } from '../schemes/phase.ts';

const remembered = new WeakMap<Dataset, Map<string, Dataset>>();

/**
 * The data that a phase trains, validates and tests on: all of it, or the samples of the classes that its learners know. The same object for
 * the same classes, however often it is asked for.
 */
export function dataOfPhase({ models }: Pick<Experiment, 'models'>, phase: Phase, dataset: Dataset): Dataset {
  const classes = models[phase.train[0]?.model ?? '']?.classes;
  if (classes === undefined) return dataset;
  const known = remembered.get(dataset) ?? new Map<string, Dataset>();
  remembered.set(dataset, known);
  const key = classes.join();
  const found = known.get(key) ?? ofClasses(dataset, classes);
  known.set(key, found);
  return found;
}

/**
 * Which logits of one model stand for the classes of another, in its order.
 * @param speaker, learner labels of the data that each knows; left out: all of them
 * @returns undefined where they know the same classes in the same order
 */
export function columnsFor(
  speaker: readonly number[] | undefined,
  learner: readonly number[] | undefined,
): readonly number[] | undefined {
  if (learner === undefined || speaker?.join() === learner.join()) return undefined;
  return speaker === undefined ? learner : learner.map((label) => speaker.indexOf(label));
}
