import { InvalidArgumentError, type Command } from 'commander';
import { fidelityText } from '../../book/fidelity.ts';
import { bytesText } from '../../book/plan.ts';
import { Bookshelf, type ListedBook } from '../../bookshelf/shelf.ts';
import type { BookReport } from '../../protocol/book-report.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { bookReportText } from '../book-text.ts';
import { storeHere, type CommandContext } from '../command-context.ts';
import { defineCommand, type CommandAction } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { usableFile } from '../experiment-file.ts';
import { tableText } from '../table.ts';

const UNUSED_DAYS = 30;
const DAY_MILLISECONDS = 86_400_000;
const SERVING = ['serves', 'unproven'];

/** `kd book build|check|list|prune` */
export function addBook(program: Command): void {
  const book = program.command('book').description('Stored answers of teachers: write, check, list, prune');
  addFileCommand(book, 'build', 'Write the books of an experiment whose teachers are finished');
  addFileCommand(book, 'check', 'Whether a book serves an experiment: fingerprint, checksums, spot check');
  defineCommand(book.command('list').description('The books of this folder'), list);
  const prune = book.command('prune').description('Delete books that no run used lately, or those named');
  prune.argument('[name...]', 'names of books; default: all that were not used for --unused days');
  prune.option('--unused <days>', 'days without a run that read it', days, UNUSED_DAYS);
  prune.option('--dry-run', 'only say which', false);
  defineCommand(prune, pruneBooks);
}

function addFileCommand(book: Command, task: 'build' | 'check', description: string): void {
  const command = book.command(task).description(description);
  command.argument('<file>', 'an experiment file (*.kd.yaml)');
  command.option('--set <path=value>', 'change one value of the config', collect, []);
  defineCommand(command, async ({ output, folder }, [name = ''], options) => {
    const overrides = options['set'] as readonly string[];
    const done = task === 'build' ? 'written' : 'compared';
    const checked = usableFile(name, folder, { overrides, output, done });
    if (checked === null) return EXIT_CODES.failure;
    const { file, root } = checked;
    const report = (await askEngine(['book', task, file, root, ...overrides], (words) =>
      output.complain(words),
    )) as BookReport;
    output.emit(report);
    if (!output.json) output.say(bookReportText(report));
    return report.books.every(({ state }) => SERVING.includes(state)) ? EXIT_CODES.done : EXIT_CODES.failure;
  });
}

function shelfHere(context: CommandContext): Bookshelf {
  return new Bookshelf(storeHere(context).root);
}

const list: CommandAction = (context) => {
  const { output } = context;
  const shelf = shelfHere(context);
  const books = shelf.list();
  output.emit({ folder: shelf.folder, books: books.map(entryOf) });
  if (output.json) return EXIT_CODES.done;
  if (books.length === 0) {
    output.say(`no books in ${shelf.folder}\n  next: kd book build FILE`);
    return EXIT_CODES.done;
  }
  const rows = books.map((book) => [
    book.name,
    (book.manifest?.teachers ?? []).join(', '),
    book.state === 'unfinished' || book.state === 'being written'
      ? `${book.state}, ${Math.floor((100 * book.bytes) / Math.max(1, book.wholeBytes))} %`
      : book.state,
    bytesText(book.bytes),
    fidelityText(book.fidelity),
    new Date(book.usedAt).toISOString().slice(0, 16).replace('T', ' '),
  ]);
  output.say(tableText(['book', 'of', 'state', 'size', 'precision', 'used (UTC)'], rows));
  return EXIT_CODES.done;
};

/** A book in `--json`. */
function entryOf({ manifest, fidelity, usedAt, ...book }: ListedBook): object {
  return {
    ...book,
    teachers: manifest?.teachers ?? [],
    settings: manifest?.settings ?? null,
    fingerprint: manifest?.fingerprint ?? null,
    fidelity: fidelityText(fidelity),
    usedAt: new Date(usedAt).toISOString(),
  };
}

const pruneBooks: CommandAction = (context, names, options) => {
  const { output } = context;
  const shelf = shelfHere(context);
  const before = Date.now() - Number(options['unused']) * DAY_MILLISECONDS;
  const isLeft = ({ readers, state, usedAt }: ListedBook) =>
    readers === 0 && state !== 'being written' && usedAt <= before;
  // All are found before the first is deleted: a typo deletes nothing.
  const books = names.length > 0 ? names.map((name) => shelf.book(name)) : shelf.list().filter(isLeft);
  const dry = options['dryRun'] === true;
  for (const { name, bytes } of books) {
    if (!dry) shelf.remove(name);
    output.emit({ book: name, bytes, removed: !dry });
    if (!output.json) output.say(`${dry ? 'would delete' : 'deleted'} ${name} (${bytesText(bytes)})`);
  }
  if (books.length === 0 && !output.json) output.say('nothing to delete');
  return EXIT_CODES.done;
};

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function days(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Give a number of days.');
}
