import { setTimeout } from 'node:timers/promises';
import { fidelityText } from '../../book/fidelity.ts';
import { differenceText, weightsHash, type Fingerprint } from '../../book/fingerprint.ts';
import type { BookManifest } from '../../book/manifest.ts';
import { bookSize, bytesText, planBook } from '../../book/plan.ts';
import { BookReader, type ReaderOptions } from '../../bookshelf/book-reader.ts';
import { BookWriter } from '../../bookshelf/book-writer.ts';
import { automaticName, type Bookshelf, type ListedBook } from '../../bookshelf/shelf.ts';
import type { WantedBook } from '../../config/books.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Dataset } from '../../data/dataset.ts';
import { UserError } from '../../protocol/errors.ts';
import { lockHolder } from '../../runs/lock.ts';
import type { RunControl } from '../../runs/writer.ts';
import type { NamedTensors } from '../phase-program.ts';
import type { PhasePlan, PlannedModel } from '../plan.ts';
import { Pages } from './pages.ts';
import { spotCheck } from './spot-check.ts';
import { TeacherProgram, type TeacherRuntime } from './teacher-program.ts';
import { isStopped, writeBook } from './write-book.ts';

const LOOK_AGAIN_MILLISECONDS = 250;

/** What a book is opened with. */
export interface BookContext {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly shelf: Bookshelf;
  readonly runtime: TeacherRuntime;
  readonly control: RunControl;
  /** Where what happens is told. */
  readonly tell: (kind: 'note' | 'warning', message: string) => void;
  /** Samples that the teachers answer at once. */
  readonly batchSize: number;
  readonly reading?: ReaderOptions;
}

/** A frozen model with its weights. */
export interface BookTeacher {
  readonly model: PlannedModel;
  readonly weights: NamedTensors;
}

/**
 * A book that serves, whole and checked against the live teacher. It is found, or written: anew, or on from where a process
 * that wrote it ended. Where another process writes it, it is waited for.
 * @throws UserError KD4030 a named book that stands on something else, KD4031 answers that differ from live ones, KD4032 damage
 * that comes back, KD4035 no room
 */
export async function openBook(
  context: BookContext,
  plan: Pick<PhasePlan, 'inputShape' | 'phase'>,
  wanted: WantedBook,
  teachers: readonly BookTeacher[],
): Promise<BookReader | 'stop'> {
  const { experiment, dataset, shelf, runtime, batchSize, tell } = context;
  const fingerprint = fingerprintOf(wanted, teachers, dataset);
  const found = shelf.find(fingerprint, experiment.distill.book?.name ?? null);
  if (found === null) tellUnlike(context, wanted, fingerprint);
  const manifest = found?.manifest ?? newManifest(context, wanted, fingerprint);
  const folder = shelf.folderOf(manifest.name);
  // All that the book holds, which may be more than is wanted of it.
  const layers = manifest.tensors.map(({ name }) => name).filter((name) => name !== 'logits');
  const programs: TeacherProgram[] = [];
  try {
    for (const { model, weights } of teachers)
      programs.push(await TeacherProgram.load(plan, model, layers, weights, batchSize, runtime));
    const pages = new Pages(wanted, programs, experiment, dataset);
    if (found?.state !== 'complete') {
      if (await write(context, folder, manifest, pages, found)) return 'stop';
    }
    const reader = await readerOf(context, folder, manifest, pages);
    if (reader === 'stop') return reader;
    shelf.touch(manifest.name);
    const { samples, cosine } = await checked(reader, pages, experiment.train.seed);
    const { bytes, fidelity } = shelf.book(manifest.name);
    tell(
      'note',
      `${wanted.teachers.join(' and ')} ${wanted.teachers.length === 1 ? 'speaks' : 'speak'} from the book ${manifest.name} (${bytesText(bytes)}, ${fidelityText(fidelity)}). Of ${samples} samples, stored and live answers have a cosine of at least ${cosine.toFixed(6)}.`,
    );
    return reader;
  } finally {
    for (const program of programs) await program.dispose();
  }
}

async function checked(reader: BookReader, pages: Pages, seed: number) {
  try {
    return await spotCheck(reader, pages, seed);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** All that the answers of these teachers to this data depend on. */
export function fingerprintOf(
  { known }: WantedBook,
  teachers: readonly BookTeacher[],
  { hash }: Pick<Dataset, 'hash'>,
): Fingerprint {
  const weights = teachers.map((teacher) => weightsHash(teacher.model.graph, teacher.weights));
  return { ...known, weights: weights.join(' + '), data: hash };
}

function newManifest(
  { experiment, dataset }: BookContext,
  { teachers, tensors, views }: WantedBook,
  fingerprint: Fingerprint,
): BookManifest {
  const { book } = experiment.distill;
  if (book === null) throw new Error('the experiment has no book');
  const { precision, topK } = book;
  const { train, validation } = dataset.splits;
  return {
    formatVersion: 1,
    name: book.name ?? automaticName(teachers, fingerprint),
    teachers,
    fingerprint,
    tensors,
    settings: { precision, topK },
    samples: { train: train.count, validation: validation.count },
    views,
    createdAt: new Date().toISOString(),
  };
}

/** Says why a book of the same teacher is not used. */
function tellUnlike({ shelf, tell }: BookContext, { teachers }: WantedBook, fingerprint: Fingerprint): void {
  for (const { book, difference } of shelf.unlike(fingerprint, teachers))
    tell('note', `The book ${book.name} is not used: ${differenceText(difference)}.`);
}

/** Writes what is missing. True where somebody asked to stop before its end. */
async function write(
  context: BookContext,
  folder: string,
  manifest: BookManifest,
  pages: Pages,
  found: ListedBook | null,
): Promise<boolean> {
  const { control, shelf, tell } = context;
  const { bytes, rows } = bookSize(
    planBook(manifest.tensors, manifest.settings, manifest.samples, manifest.views),
  );
  const left = bytes - (found?.bytes ?? 0);
  requireRoom(shelf, left, manifest.name);
  const writer = await writerOf(context, folder, manifest);
  if (writer === 'stop') return true;
  try {
    if (writer.missing().length === 0) return false;
    const begun = await timeLeft(pages, rows * (left / bytes), control, writer);
    tell(
      'note',
      `${found === null || found.bytes === 0 ? 'Writes' : 'Goes on writing'} the book ${manifest.name}: ${rows.toLocaleString('en-US')} rows, ${bytesText(bytes)}${begun}.`,
    );
    return await writeBook(writer, pages, control);
  } finally {
    writer.close();
  }
}

/** Takes the book, as soon as no other process has it. */
async function writerOf(
  { control, tell }: BookContext,
  folder: string,
  manifest: BookManifest,
): Promise<BookWriter | 'stop'> {
  for (let told = false; ; told = true) {
    const writer = openWriter(folder, manifest);
    if (writer !== null) return writer;
    if (!told) tell('note', `Another run writes the book ${manifest.name}; it is waited for.`);
    await setTimeout(LOOK_AGAIN_MILLISECONDS);
    if (await isStopped(control)) return 'stop';
  }
}

/** Null where another process has it. */
function openWriter(folder: string, manifest: BookManifest): BookWriter | null {
  if (lockHolder(folder) !== null) return null;
  try {
    return BookWriter.open(folder, manifest);
  } catch (error) {
    if (error instanceof UserError && error.problem.code === 'KD5004') return null;
    throw error;
  }
}

/** `, about 12 s`, from one batch; nothing where the whole is hardly more than that. */
async function timeLeft(
  pages: Pages,
  rows: number,
  control: RunControl,
  writer: BookWriter,
): Promise<string> {
  const batches = Math.ceil(rows / pages.batchSize);
  const [shard] = writer.missing();
  if (batches <= BATCHES_WORTH_TIMING || shard === undefined || control.request !== 'none') return '';
  const count = Math.min(pages.batchSize, shard.rows);
  const samples = Int32Array.from({ length: count }, (_, i) => shard.first + i);
  // The first answer compiles.
  await pages.of(shard.set, samples);
  const began = performance.now();
  await pages.of(shard.set, samples);
  const seconds = ((performance.now() - began) * batches) / 1000;
  return `, about ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`}`;
}

const BATCHES_WORTH_TIMING = 20;

function requireRoom(shelf: Bookshelf, bytes: number, name: string): void {
  const free = shelf.freeBytes();
  if (free === null || free >= bytes) return;
  throw new UserError({
    code: 'KD4035',
    message: `the book "${name}" needs ${bytesText(bytes)}, and ${bytesText(free)} are free`,
    help: '`kd book prune` removes books that nobody used lately; `distill.book` with `precision: float16`, `topK` or fewer `views` makes this one smaller',
    file: shelf.folder,
    key: 'distill.book',
  });
}

/** Opens a complete book; damaged shards are told and written again, once. */
async function readerOf(
  context: BookContext,
  folder: string,
  manifest: BookManifest,
  pages: Pages,
): Promise<BookReader | 'stop'> {
  const { reading = {}, tell, control } = context;
  const opened = BookReader.open(folder, manifest, reading);
  if (opened instanceof BookReader) return opened;
  tell(
    'warning',
    `The book ${manifest.name} is damaged (${opened.join(', ')}); these parts are written again.`,
  );
  const writer = await writerOf(context, folder, manifest);
  if (writer === 'stop') return writer;
  try {
    // Another run may have mended it meanwhile.
    const damaged = BookReader.open(folder, manifest, reading);
    if (damaged instanceof BookReader) return damaged;
    writer.discard(damaged);
    if (await writeBook(writer, pages, control)) return 'stop';
  } finally {
    writer.close();
  }
  const again = BookReader.open(folder, manifest, reading);
  if (again instanceof BookReader) return again;
  throw new UserError({
    code: 'KD4032',
    message: `the book "${manifest.name}" is damaged (${again.join(', ')}), also after these parts were written again`,
    help: 'look after the disk; `kd book prune` removes the book',
    file: folder,
  });
}
