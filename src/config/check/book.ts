import { join } from 'node:path';
import { differences, differenceText } from '../../book/fingerprint.ts';
import {
  BOOK_NAME,
  LARGEST_MANIFEST_BYTES,
  MANIFEST_FILE,
  parseManifest,
  planOf,
  type BookManifest,
} from '../../book/manifest.ts';
import { bookSize, bytesText, planBook } from '../../book/plan.ts';
import { findMethod } from '../../methods/index.ts';
import { wantedBooks, type WantedBook } from '../books.ts';
import type { Experiment } from '../experiment.ts';
import { chosen, isRecord, type LooseConfig } from '../loose.ts';
import { mergedBooks } from '../roles.ts';
import { nearestNode, type Path } from '../syntax/node.ts';
import type { Code } from '../codes.ts';
import type { CheckContext } from './context.ts';
import { isUnanswered } from './unanswered.ts';
import type { DataFacts } from './data.ts';
import { schemeOf } from './meetings.ts';

/** What a book of an experiment will take. */
export interface BookForecast {
  readonly teachers: readonly string[];
  /** Whose fingerprint is the same as far as a config can tell; null: none yet. */
  readonly like: string | null;
  readonly bytes: number;
  /** How often teachers answer a sample. */
  readonly rows: number;
}

const AT: Path = ['distill', 'book'];
const BOOKS = join('.kd', 'books');
const MOST_BOOKS = 1000;

/** Whether the scheme and the terms can be served from a book. */
export function checkBook(value: LooseConfig, data: DataFacts | null, context: CheckContext): void {
  const { book } = value.distill ?? {};
  const { word } = schemeOf(value);
  const [merged] = mergedBooks(value);
  if (merged !== undefined) checkPages(merged, value, context);
  if (merged !== undefined && book === false)
    fault(
      context,
      'KD2230',
      AT,
      'the scheme book learns from a book alone',
      'Remove `book: false`, or use `scheme: offline`.',
    );
  const reads = merged !== undefined || (book !== undefined && book !== false);
  if (reads && (value.data?.teacherView ?? 'joint') !== 'joint')
    fault(
      context,
      'KD2230',
      ['data', 'teacherView'],
      'a book holds what teachers say of the views that the student sees',
      'Remove `teacherView`, or the book.',
    );
  if (book === undefined || book === false) return;
  if (word === 'dataFree' && value.phases === undefined)
    fault(
      context,
      'KD2230',
      AT,
      'images that are made anew in every step have no stored answers',
      'Remove `book`; the teacher answers live.',
    );
  for (const key of ['mixup', 'cutmix'] as const) {
    if ((value.train?.[key] ?? 'none') === 'none') continue;
    fault(
      context,
      'KD2230',
      AT,
      `with \`train.${key}\` samples are mixed anew in every step, so no answers to them are stored`,
      `Remove \`book\`, or \`train.${key}\`.`,
    );
  }
  if (!isRecord(book)) return;
  const { name, topK } = book;
  if (name !== undefined && !BOOK_NAME.test(name))
    fault(
      context,
      'KD2231',
      [...AT, 'name'],
      `"${name}" cannot name a book`,
      'Use letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
    );
  if (topK !== undefined && data !== null && topK >= data.classes)
    fault(
      context,
      'KD2233',
      [...AT, 'topK'],
      `there are ${data.classes} classes, so ${topK} are all of them`,
      `Leave it out, or keep fewer than ${data.classes}.`,
    );
  const drawn = (value.data?.augment ?? []).length > 0 || (value.data?.strongAugment ?? []).length > 0;
  const written = nearestNode(context.tree, [...AT, 'views']) !== nearestNode(context.tree, AT);
  if (written && !drawn)
    fault(
      context,
      'KD2233',
      [...AT, 'views'],
      'without augmentation every view of a sample is the same, and one is stored',
      'Leave it out, or give `data.augment`.',
    );
}

/** Pages of merged teachers hold answers alone, of all of them together. */
function checkPages(
  settings: Readonly<Record<string, unknown>>,
  value: LooseConfig,
  context: CheckContext,
): void {
  (value.distill?.match ?? []).forEach((term, index) => {
    const { word, settings: own } = chosen(term) ?? { word: '', settings: {} };
    const method = findMethod(word);
    if (method === undefined) return;
    const { pairs, teacherWeights, strongView } = method.needs;
    const at: Path = ['distill', 'match', index, word];
    if (pairs !== undefined || teacherWeights !== undefined || strongView === true)
      fault(
        context,
        'KD2230',
        at,
        `${word} reads more than answers, and the pages of the scheme book hold answers alone`,
        'Use a term that compares answers, or `scheme: offline` with `book: true`, which stores layers too.',
      );
    else if (own['from'] !== undefined)
      fault(
        context,
        'KD2230',
        [...at, 'from'],
        'the teachers of the scheme book speak together, not one by one',
        'Remove `from`, or use `scheme: multiTeacher` with `book: true`.',
      );
    const { temperature } = own;
    const merged = settings['temperature'];
    if (typeof temperature === 'number' && typeof merged === 'number' && temperature !== merged)
      fault(
        context,
        'KD2233',
        [...at, 'temperature'],
        `the pages are merged at temperature ${merged}, so at ${temperature} they are not what was merged`,
        `Say ${merged} in both places.`,
      );
  });
}

/**
 * What the books of an experiment without other faults will take, and whether a named one can be theirs.
 * @param samples of the training files, validation included; null where unknown
 */
export function checkStoredBooks(
  experiment: Experiment,
  data: DataFacts | null,
  context: CheckContext,
): readonly BookForecast[] {
  const { book } = experiment.distill;
  if (book === null) return [];
  const wanted = wantedBooks(experiment);
  if (wanted.length === 0) {
    const help = 'Remove `book`, or choose a scheme with a finished teacher.';
    fault(context, 'KD2230', AT, 'no finished teacher speaks here whose answers could be stored', help);
    return [];
  }
  if (book.name !== null && wanted.length > 1) {
    const help = 'Leave the name out: each teacher gets a book of its own.';
    const message = `${wanted.length} teachers have ${wanted.length} books, which cannot all be "${book.name}"`;
    fault(context, 'KD2231', [...AT, 'name'], message, help);
    return [];
  }
  const manifests = readManifests(context);
  if (book.name !== null) checkNamed(book.name, wanted[0], manifests, context);
  const forecasts = wanted.map((one) => forecast(one, experiment, data, manifests));
  checkRoom(forecasts, context);
  return forecasts;
}

function checkNamed(
  name: string,
  wanted: WantedBook | undefined,
  manifests: ReadonlyMap<string, BookManifest | null>,
  context: CheckContext,
): void {
  const manifest = manifests.get(name);
  if (manifest === undefined || wanted === undefined) return;
  const [first] = manifest === null ? [] : differences(wanted.known, manifest.fingerprint);
  if (manifest !== null && first === undefined) return;
  const message =
    first === undefined
      ? `the book "${name}" cannot be read`
      : `the book "${name}" does not belong to this experiment: ${differenceText(first)}`;
  const help = `Write it anew (\`kd book prune ${name}\`), or choose another name.`;
  fault(context, 'KD2231', [...AT, 'name'], message, help);
}

function forecast(
  { known, teachers, tensors, views }: WantedBook,
  { distill, data: { validation } }: Experiment,
  data: DataFacts | null,
  manifests: ReadonlyMap<string, BookManifest | null>,
): BookForecast {
  const like = [...manifests].find(
    ([, manifest]) => manifest !== null && differences(known, manifest.fingerprint).length === 0,
  );
  const all = data?.trainCount ?? 0;
  const aside = Math.round(all * validation.fraction);
  const settings = distill.book ?? { precision: 'float32' as const, topK: null };
  const plan =
    like?.[1] !== undefined && like[1] !== null
      ? planOf(like[1])
      : planBook(tensors, settings, { train: all - aside, validation: aside }, views);
  return { teachers, like: like?.[0] ?? null, ...bookSize(plan) };
}

function checkRoom(forecasts: readonly BookForecast[], context: CheckContext): void {
  const needed = forecasts.reduce((sum, { like, bytes }) => sum + (like === null ? bytes : 0), 0);
  const free = needed === 0 ? null : context.files.freeBytes(join(context.root, BOOKS));
  if (free === null || free >= needed) return;
  fault(
    context,
    'KD2232',
    AT,
    `the book will take ${bytesText(needed)}, and ${bytesText(free)} are free`,
    'Store `precision: float16`, fewer `views` or `topK` classes, or make room: `kd book prune`.',
  );
}

/** Of every book below the root; null where a manifest cannot be read. */
function readManifests(context: CheckContext): ReadonlyMap<string, BookManifest | null> {
  const { files, root, tree } = context;
  const folder = join(root, BOOKS);
  const names = files.list(folder, MOST_BOOKS).filter((name) => name.endsWith('/'));
  if (isUnanswered(folder, 'the folder of books', nearestNode(tree, AT).place, context)) return new Map();
  return new Map(
    names.flatMap((entry) => {
      const name = entry.slice(0, -1);
      const text = files.readText(join(folder, name, MANIFEST_FILE), LARGEST_MANIFEST_BYTES);
      return text === null || !BOOK_NAME.test(name) ? [] : [[name, parseManifest(text)] as const];
    }),
  );
}

function fault({ tree, report }: CheckContext, code: Code, path: Path, message: string, help: string): void {
  report.add(code, nearestNode(tree, path).place, { message, help });
}
