import { trainingKey } from '../../book/plan.ts';
import type { BookReader, Rows } from '../../bookshelf/book-reader.ts';
import type { WantedBook } from '../../config/books.ts';
import type { Batch } from '../../data/batches.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Feeds } from '../../executors/executor.ts';
import { resolveLayer } from '../../models/names.ts';
import { teacherScores, validationLogits } from '../measurements.ts';
import type { PhaseProgram } from '../phase-program.ts';
import type { PlannedModel } from '../plan.ts';
import { answerNames } from '../say.ts';
import { together, type TeacherAnswers } from '../teacher-answers.ts';
import type { Teaching } from '../teaching.ts';
import { decodeRows } from './write-book.ts';

/** One who speaks from a book. */
export interface BookSpeaker {
  readonly wanted: WantedBook;
  readonly reader: BookReader;
}

/** What speakers say to the learners of a phase, read from their books: nobody is asked. */
export async function bookTeaching(
  program: PhaseProgram,
  speakers: readonly BookSpeaker[],
  dataset: Dataset,
): Promise<Teaching> {
  let waited = 0;
  const answersFrom = (keyOf: (batch: Batch, wanted: WantedBook) => string): TeacherAnswers =>
    together(
      program.plan.teachers.map((model) => {
        const { wanted, reader } = speakerOf(speakers, model);
        return async (batch) => {
          const began = performance.now();
          const samples = batch.indices.subarray(0, batch.count);
          const rows = await reader.rows(keyOf(batch, wanted), samples);
          const said = feedsOf(program, model, rows, batch.count);
          waited += performance.now() - began;
          return said;
        };
      }),
    );
  const validation = answersFrom(() => 'validation');
  const plain = keyOfView('plain');
  const strong = keyOfView('strong');
  return {
    training: answersFrom(({ drawing }, wanted) => plain(wanted, drawing)),
    strong: answersFrom(({ drawing }, wanted) => strong(wanted, drawing)),
    validation,
    scores: await teacherScores(program, dataset, validation),
    validationLogits: await validationLogits(program, dataset, validation),
    book: {
      expect(samples, drawing) {
        for (const { wanted, reader } of speakers) {
          reader.expect(plain(wanted, drawing), samples);
          if (program.plan.strongView) reader.expect(strong(wanted, drawing), samples);
        }
      },
      waited: () => waited,
      async close() {
        for (const { reader } of speakers) await reader.close();
      },
    },
  };
}

/** Without augmentation there is one view, whatever the epoch. */
function keyOfView(kind: 'plain' | 'strong'): (wanted: WantedBook, drawing: number) => string {
  return ({ views }, drawing) => trainingKey(drawing % Math.max(1, views[kind]), kind === 'strong');
}

function speakerOf(speakers: readonly BookSpeaker[], { instance }: PlannedModel): BookSpeaker {
  const speaker = speakers.find(({ wanted }) => wanted.speaker === instance);
  if (speaker === undefined) throw new Error(`"${instance}" has no book`);
  return speaker;
}

/** What the graphs of the phase take of the rows, by their names for it. */
function feedsOf(program: PhaseProgram, model: PlannedModel, { layout, view }: Rows, count: number): Feeds {
  const { instance, graph } = model;
  const names = answerNames(instance);
  const asked = program.plan.answers.get(instance)?.layers ?? [];
  const fieldNamed = (name: string) => {
    const field = layout.fields.find((one) => one.name === name);
    if (field === undefined) throw new Error(`the book of "${instance}" holds no "${name}"`);
    return decodeRows(view, layout, field, count);
  };
  return {
    [names.logits]: fieldNamed('logits'),
    ...Object.fromEntries(
      asked.map((layer) => [names.layer(layer), fieldNamed(resolveLayer(graph, layer).path)]),
    ),
  };
}
