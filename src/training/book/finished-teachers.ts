import type { WantedBook } from '../../config/books.ts';
import type { Experiment } from '../../config/experiment.ts';
import { widthsOfTensors, withWidths } from '../../models/pruning.ts';
import { graphOf } from '../plan.ts';
import { planModel } from '../planned-model.ts';
import { wholeWeights, type EarlierModel } from '../teaching.ts';
import type { BookTeacher } from './open-book.ts';

/**
 * Who answers into a book, with the weights of earlier runs; null where the run itself trains one of them.
 * @throws UserError KD4003 weights that are missing or not finite
 */
export function finishedTeachers(
  { teachers }: Pick<WantedBook, 'teachers'>,
  experiment: Experiment,
  earlierModel: EarlierModel,
): readonly BookTeacher[] | null {
  const found = teachers.map((name): BookTeacher | null => {
    const settings = experiment.models[name];
    if (settings?.source !== 'run') return null;
    const graph = graphOf(experiment, name);
    const weights = earlierModel(settings.run, settings.model);
    const model = planModel(name, name, withWidths(graph, widthsOfTensors(graph, weights)));
    return { model, weights: wholeWeights(model, { name, load: () => weights }) };
  });
  return found.every((one) => one !== null) ? found : null;
}
