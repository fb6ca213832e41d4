import { fidelityText } from '../book/fidelity.ts';
import { differences, differenceText, type Fingerprint } from '../book/fingerprint.ts';
import { bookSize, planBook } from '../book/plan.ts';
import { BookReader } from '../bookshelf/book-reader.ts';
import { Bookshelf, type ListedBook } from '../bookshelf/shelf.ts';
import { readsBook, wantedBooks, type WantedBook } from '../config/books.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import type { BookCheck, BookReport } from '../protocol/book-report.ts';
import { UserError } from '../protocol/errors.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { finishedTeachers } from '../training/book/finished-teachers.ts';
import { fingerprintOf, openBook, type BookContext, type BookTeacher } from '../training/book/open-book.ts';
import { Pages } from '../training/book/pages.ts';
import { spotCheck } from '../training/book/spot-check.ts';
import { TeacherProgram } from '../training/book/teacher-program.ts';
import { settingsOf } from '../training/plan.ts';
import { earlierModel } from './earlier-model.ts';
import { openDataset, readExperiment, servingExecutor } from './open-experiment.ts';

/**
 * Writes the books of an experiment whose teachers are finished, or says what serves it, and prints a report as JSON.
 *
 * @param file the experiment file
 * @param root folder that nothing may escape
 * @param overrides `path=value`
 */
export async function book(
  task: 'build' | 'check',
  file: string,
  root: string,
  overrides: readonly string[],
): Promise<number> {
  const { experiment } = readExperiment(file, root, overrides);
  const dataset = await openDataset(experiment, root);
  const wanted = wantedBooks(experiment);
  if (wanted.length === 0) {
    throw new UserError({
      code: 'KD4033',
      message: 'this experiment reads no book',
      help: 'say `distill: { book: true }`',
      file,
      key: 'distill.book',
    });
  }
  const executor = await servingExecutor(experiment);
  const books: BookCheck[] = [];
  for (const one of wanted) {
    const teachers = finishedTeachers(one, experiment, (run, model) => earlierModel(root, run, model));
    const context = contextOf(one, experiment, dataset, executor, root);
    if (task === 'build') await build(context, one, teachers);
    books.push(await check(context, one, teachers));
  }
  const report: BookReport = { books };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

function contextOf(
  wanted: WantedBook,
  experiment: Experiment,
  dataset: Dataset,
  executor: Executor,
  root: string,
): BookContext {
  return {
    ...{ experiment, dataset },
    shelf: new Bookshelf(root),
    runtime: { executor },
    control: { request: 'none', untilResumed: () => Promise.resolve() },
    tell: (_, message) => process.stderr.write(`${message}\n`),
    batchSize: Math.min(
      settingsOf(experiment, phaseOf(wanted, experiment)).batchSize,
      dataset.splits.train.count,
    ),
  };
}

/** The first phase that reads the book. */
function phaseOf({ teachers }: WantedBook, experiment: Experiment) {
  const phase = experiment.phases.find(
    (one) => readsBook(experiment, one) && teachers.every((name) => one.freeze.includes(name)),
  );
  if (phase === undefined) throw new Error('no phase reads this book');
  return phase;
}

async function build(
  context: BookContext,
  wanted: WantedBook,
  teachers: readonly BookTeacher[] | null,
): Promise<void> {
  if (teachers === null) {
    throw new UserError({
      code: 'KD4036',
      message: `${wanted.teachers.join(' and ')} must be trained before there is anything to write`,
      help: 'start the run, which writes the book itself; or name a finished teacher: `--set "models.teacher={ run: RUN }"`',
      file: context.experiment.file,
      key: 'models',
    });
  }
  const phase = phaseOf(wanted, context.experiment);
  const reader = await openBook(context, { phase, inputShape: context.dataset.shape }, wanted, teachers);
  if (reader !== 'stop') await reader.close();
}

async function check(
  context: BookContext,
  wanted: WantedBook,
  teachers: readonly BookTeacher[] | null,
): Promise<BookCheck> {
  const { dataset, shelf, experiment } = context;
  const fingerprint: Partial<Fingerprint> =
    teachers === null ? { ...wanted.known, data: dataset.hash } : fingerprintOf(wanted, teachers, dataset);
  const { name } = experiment.distill.book ?? {};
  const books = shelf.list().filter((book) => typeof name !== 'string' || book.name === name);
  const serving = books.filter(
    ({ manifest }) => manifest !== null && differences(fingerprint, manifest.fingerprint).length === 0,
  );
  const found = serving.find(({ state }) => state === 'complete') ?? serving[0] ?? null;
  const unlike = shelf.unlike(fingerprint, wanted.teachers).map((other) => ({
    name: other.book.name,
    difference: differenceText(other.difference),
  }));
  const common = { teachers: wanted.teachers, unlike, cosine: null, damaged: [] };
  if (found === null) {
    const state = typeof name === 'string' && books.length > 0 ? 'differs' : 'missing';
    return { ...common, name: null, state, ...sizeOf(wanted, context), fidelity: null };
  }
  const held = {
    ...common,
    name: found.name,
    ...{ bytes: found.bytes, rows: rowsOf(found), fidelity: fidelityText(found.fidelity) },
  };
  if (found.state !== 'complete' || found.manifest === null) return { ...held, state: 'unfinished' };
  const reader = BookReader.open(found.folder, found.manifest, { residentBytes: 0 });
  if (!(reader instanceof BookReader)) return { ...held, state: 'damaged', damaged: reader };
  try {
    if (teachers === null) return { ...held, state: 'unproven' };
    return { ...held, state: 'serves', cosine: await cosineOf(reader, context, wanted, teachers) };
  } finally {
    await reader.close();
  }
}

function sizeOf(
  { tensors, views }: WantedBook,
  { experiment, dataset: { splits } }: BookContext,
): { readonly bytes: number; readonly rows: number } {
  const { precision = 'float32', topK = null } = experiment.distill.book ?? {};
  const samples = { train: splits.train.count, validation: splits.validation.count };
  return bookSize(planBook(tensors, { precision, topK }, samples, views));
}

function rowsOf({ manifest }: ListedBook): number {
  if (manifest === null) return 0;
  return bookSize(planBook(manifest.tensors, manifest.settings, manifest.samples, manifest.views)).rows;
}

/** @throws UserError KD4031 where stored and live answers differ */
async function cosineOf(
  reader: BookReader,
  { experiment, dataset, batchSize, runtime }: BookContext,
  wanted: WantedBook,
  teachers: readonly BookTeacher[],
): Promise<number> {
  const phase = phaseOf(wanted, experiment);
  const layers = reader.manifest.tensors.map(({ name }) => name).filter((name) => name !== 'logits');
  const programs: TeacherProgram[] = [];
  try {
    for (const { model, weights } of teachers)
      programs.push(
        await TeacherProgram.load(
          { phase, inputShape: dataset.shape },
          model,
          layers,
          weights,
          batchSize,
          runtime,
        ),
      );
    const pages = new Pages(wanted, programs, experiment, dataset);
    return (await spotCheck(reader, pages, experiment.train.seed)).cosine;
  } finally {
    for (const program of programs) await program.dispose();
  }
}
