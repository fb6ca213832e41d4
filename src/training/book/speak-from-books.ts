import { wantedBooks } from '../../config/books.ts';
import type { Experiment } from '../../config/experiment.ts';
import { withWidths } from '../../models/pruning.ts';
import { modelOf } from '../../schemes/lessons.ts';
import type { PhaseProgram } from '../phase-program.ts';
import { graphOf, type PhasePlan, type PlannedModel, type WidthsByInstance } from '../plan.ts';
import { planModel } from '../planned-model.ts';
import { wholeWeights, type WeightsSource, type Teaching } from '../teaching.ts';
import { bookTeaching, type BookSpeaker } from './book-teaching.ts';
import { openBook, type BookContext } from './open-book.ts';

/**
 * The frozen models that are asked in a phase: those that speak, or those whose answers are merged to one book.
 * @param widths of those that lost neurons; of no account to who asks for names alone
 */
export function answeringModels(
  experiment: Experiment,
  { phase, teachers }: PhasePlan,
  widths: WidthsByInstance = new Map(),
): readonly PlannedModel[] {
  if (phase.book === undefined) return teachers;
  return phase.freeze.map((name) => {
    const model = modelOf(experiment.phases, name);
    return planModel(name, model, withWidths(graphOf(experiment, model), widths.get(name)));
  });
}

/**
 * Opens the books of a phase, writing what is not written yet, and lets their speakers speak from them. Weights go to the
 * program only where a graph reads them: a term that reuses the teacher's layers, a comparison of layers.
 */
export async function speakFromBooks(
  context: BookContext,
  program: PhaseProgram,
  sources: readonly { readonly teacher: PlannedModel; readonly source: WeightsSource }[],
): Promise<Teaching | 'stop'> {
  const teachers = sources.map(({ teacher, source }) => ({
    model: teacher,
    weights: wholeWeights(teacher, source),
  }));
  const speakers: BookSpeaker[] = [];
  for (const model of program.plan.teachers) {
    const wanted = wantedBooks(context.experiment).find(({ speaker }) => speaker === model.instance);
    if (wanted === undefined) throw new Error(`"${model.instance}" has no book`);
    const answering = wanted.teachers.flatMap((name) =>
      teachers.filter((teacher) => teacher.model.instance === name),
    );
    const [first] = answering;
    if (first !== undefined && program.holds(model)) await program.writeModel(model, first.weights);
    const reader = await openBook(context, program.plan, wanted, answering);
    if (reader === 'stop') {
      for (const speaker of speakers) await speaker.reader.close();
      return reader;
    }
    speakers.push({ wanted, reader });
  }
  return bookTeaching(program, speakers, context.dataset);
}
