import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import { leavePhase, readyPhase, setupOf, trainEpochs, wholeBook } from './epochs.ts';
import { executorNamed } from './executors.ts';
import { readWorkload } from './workload-file.ts';

/**
 * Writes a book with a view of every sample for each epoch, trains from it, and trains the same with the live teacher. Prints one
 * line of JSON: what the book took, and of both ways the milliseconds of each epoch but the first and the loss of each step.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    executor: { type: 'string', default: 'onnx' },
    /** Layers whose maps are stored beside the logits, with commas between. */
    maps: { type: 'string', default: '' },
    /** The live teacher before the book. */
    'live-first': { type: 'boolean', default: false },
  },
});
const [folder = ''] = positionals;
const books = join(folder, '.kd');
const executor = await executorNamed(options.executor, false);
const maps = options.maps === '' ? [] : options.maps.split(',');
const views = readWorkload(folder).tensors['order']?.shape[0] ?? 0;

const first = options['live-first'] ? await live() : null;
const fromBook = await book();
const other = first ?? (await live());
console.log(JSON.stringify({ executor: executor.description, views, book: fromBook, live: other }));

async function live() {
  const ready = await readyPhase(setupOf(folder, executor, { maps, book: null }));
  const trained = await train(ready);
  await leavePhase(ready);
  return trained;
}

/** The build is what it takes until the teacher speaks: its graph is compiled, answers are written, checked and compared. */
async function book() {
  rmSync(books, { recursive: true, force: true });
  try {
    const setup = setupOf(folder, executor, { maps, book: wholeBook(views) });
    const ready = await readyPhase(setup);
    const [stored] = new Bookshelf(folder).list();
    if (stored?.state !== 'complete') throw new Error('no whole book was written');
    const trained = await train(ready);
    await leavePhase(ready);
    return { ...trained, bytes: stored.bytes, buildMilliseconds: ready.teachingMilliseconds };
  } finally {
    rmSync(books, { recursive: true, force: true });
  }
}

async function train(ready: Awaited<ReturnType<typeof readyPhase>>) {
  const losses: number[] = [];
  const milliseconds = await trainEpochs(ready, views, (loss) => losses.push(loss));
  const waited = ready.teaching.book?.waited() ?? 0;
  const all = milliseconds.reduce((sum, one) => sum + one, 0);
  return { milliseconds: milliseconds.slice(1), losses, waitShare: waited / all };
}
