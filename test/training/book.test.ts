import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BookSettings } from '../../src/book/settings.ts';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import { isEager, type Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { MEASURED_VALUES } from '../../src/protocol/records.ts';
import { lockRun } from '../../src/runs/lock.ts';
import { scratchFolder } from '../runs/scratch.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type RunOptions, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const WHOLE: BookSettings = { precision: 'float32', topK: null, views: 3, name: null };
const STAGE = [{ teacher: 'stage2', student: 'stage2' }];

/** Answers and maps, with a last batch that is smaller. */
const RUN: SmallRun = {
  train: 90,
  epochs: 3,
  teacherEpochs: 1,
  batchSize: 32,
  baseline: false,
  terms: [term('kd'), term('fitnet', { pairs: STAGE })],
};
const AUGMENTED: SmallRun = { ...RUN, augment: [{ kind: 'randomCrop', padding: 2 }] };

let shelf: Bookshelf;
beforeEach(() => {
  shelf = new Bookshelf(scratchFolder());
});

async function run(small: SmallRun, options: Partial<RunOptions> = {}) {
  return train(await smallExperiment(small), { executor, bookshelf: shelf, ...options });
}

/** Metrics less what is measured on the machine. */
function numbers({ metricsLog }: MemoryWriter) {
  return metricsLog.map((record) => ({
    ...record,
    values: Object.fromEntries(
      Object.entries(record.values).filter(([name]) => !MEASURED_VALUES.includes(name)),
    ),
  }));
}

const told = ({ events }: MemoryWriter) => events.map(({ message }) => message).join('\n');

/** Counts how often graphs run, by name. */
function counting(runs: Map<string, number>): Executor {
  if (isEager(executor)) throw new Error('graphs are counted where they are compiled');
  return {
    ...executor,
    async load(graphs, state) {
      const program = await executor.load(graphs, state);
      return {
        readState: (names) => program.readState(names),
        writeState: (values) => program.writeState(values),
        dispose: () => program.dispose(),
        run(graph, feeds) {
          runs.set(graph, (runs.get(graph) ?? 0) + 1);
          return program.run(graph, feeds);
        },
      };
    },
  };
}

function problemOf(running: Promise<unknown>) {
  return running.then(
    () => expect.fail('it should have been refused'),
    (error: unknown) => (error instanceof UserError ? error.problem : Promise.reject(error as Error)),
  );
}

const onlyBook = () => {
  const [name = ''] = shelf.list().map((book) => book.name);
  return { name, rows: join(shelf.folderOf(name), 'shards') };
};

describe('a student that learns from a book', () => {
  it.each([
    ['of one view', RUN],
    ['of as many views as epochs', AUGMENTED],
    [
      'of two views of each sample',
      {
        ...AUGMENTED,
        strongAugment: [{ kind: 'randomCrop', padding: 4 }],
        terms: [term('mlkd', { parameters: { temperatures: [2, 3], batchWeight: 1, classWeight: 1 } })],
      } satisfies SmallRun,
    ],
  ])(
    '%s ends bit for bit as with the live teacher',
    async (_, small) => {
      const live = await run(small);
      const book = await run({ ...small, book: WHOLE });
      expect(numbers(book.writer)).toEqual(numbers(live.writer));
      expect(book.writer.models).toEqual(live.writer.models);
      expect(book.writer.gaps).toEqual(live.writer.gaps);
    },
    60_000,
  );

  it('reads the same from the disk as from memory, and waits little for it', async () => {
    const held = await run({ ...AUGMENTED, book: WHOLE });
    const streamed = await run({ ...AUGMENTED, book: WHOLE }, { bookReading: { residentBytes: 0 } });
    expect(numbers(streamed.writer)).toEqual(numbers(held.writer));
    const waits = streamed.writer.metricsLog.flatMap(({ values }) => values['bookWaitShare'] ?? []);
    expect(waits).toHaveLength(3);
    for (const wait of waits) expect(Number(wait)).toBeGreaterThan(0);
  }, 30_000);

  it('asks the teacher of a book that is there for nothing but the spot check', async () => {
    await run({ ...RUN, book: WHOLE });
    const runs = new Map<string, number>();
    const { writer } = await run({ ...RUN, seeds: [1, 2], book: WHOLE }, { executor: counting(runs) });
    expect(runs.get('book/teacher')).toBe(1);
    expect([...runs.keys()].filter((name) => name.startsWith('answers/'))).toEqual([]);
    expect(told(writer)).toMatch(/teacher speaks from the book .* \(.*, exact\)\. Of 32 samples/);
  }, 30_000);

  it('sees the same views as its baseline', async () => {
    const small: SmallRun = { ...AUGMENTED, baseline: true, seeds: [7], book: { ...WHOLE, views: 1 } };
    const nothing: SmallRun = { ...small, terms: [term('kd', { weight: 0 })], hardLabelWeight: 1 };
    const { writer } = await run(nothing);
    const accuracies = (phase: string) =>
      numbers(writer).flatMap(({ phase: own, split, values }) =>
        own === phase && split === 'validation' ? [values['accuracy'], values['loss/ce']] : [],
      );
    expect(accuracies('student')).toEqual(accuracies('baseline'));
  }, 30_000);

  it('goes on from every checkpoint exactly', async () => {
    const small: SmallRun = { ...AUGMENTED, seeds: [1, 2], book: { ...WHOLE, views: 2 } };
    const whole = await run(small, { checkpointMilliseconds: 0 });
    const { checkpoints } = whole.writer;
    const ofStudents = checkpoints.filter(({ meta }) => meta.phase === 'student');
    for (const at of [0, Math.floor(ofStudents.length / 3), ofStudents.length - 2]) {
      const checkpoint = ofStudents[at];
      if (checkpoint === undefined) throw new Error('there is no such checkpoint');
      const writer = new MemoryWriter();
      writer.metricsLog = structuredClone(whole.writer.metricsLog);
      for (const [name, tensors] of whole.writer.models) writer.models.set(name, tensors);
      writer.cutBackTo(checkpoint);
      await run(small, { writer, resume: checkpoint });
      expect(numbers(writer)).toEqual(numbers(whole.writer));
    }
  }, 60_000);
});

describe('the scheme book', () => {
  const plain = { ensemble: 'probabilities', temperature: 4, correct: 'none', blend: 0 } as const;
  const small: SmallRun = { ...RUN, terms: [term('kd', { parameters: { temperature: 4 } })] };

  it('with one teacher and pages as they are ends bit for bit as with the live teacher', async () => {
    const live = await run(small);
    const pages = await run({ ...small, scheme: ['book', plain], book: WHOLE });
    const learned = ({ writer }: typeof live) =>
      numbers(writer).map(({ values }) => [values['loss'], values['accuracy']]);
    expect(learned(pages)).toEqual(learned(live));
    expect(pages.writer.models.get('student-1')).toEqual(live.writer.models.get('student-1'));
  }, 30_000);

  it('learns from several teachers in one corrected book, resumed or not', async () => {
    const several: SmallRun = {
      ...small,
      from: ['teacher', 'middle'],
      scheme: ['book', { ...plain, correct: 'swap', blend: 0.1 }],
      terms: [term('bookKd', { parameters: { temperature: 4, adjust: 'page' } })],
      book: WHOLE,
    };
    const whole = await run(several, { checkpointMilliseconds: 0 });
    expect(whole.outcome.status).toBe('completed');
    expect(shelf.list()).toMatchObject([
      { state: 'complete', manifest: { teachers: ['teacher', 'middle'] } },
    ]);
    const checkpoint = whole.writer.checkpoints.filter(({ meta }) => meta.phase === 'student')[2];
    if (checkpoint === undefined) throw new Error('there is no such checkpoint');
    const writer = new MemoryWriter();
    writer.metricsLog = structuredClone(whole.writer.metricsLog);
    for (const [name, tensors] of whole.writer.models) writer.models.set(name, tensors);
    writer.cutBackTo(checkpoint);
    await run(several, { writer, resume: checkpoint });
    expect(numbers(writer)).toEqual(numbers(whole.writer));
  }, 60_000);
});

describe('writing a book', () => {
  it('can be stopped, and goes on with the shards that are missing', async () => {
    const small: SmallRun = { ...AUGMENTED, book: WHOLE };
    let asked = 0;
    // The teacher's own steps ask as often; the first shard has three batches.
    const control = {
      untilResumed: () => Promise.resolve(),
      get request() {
        asked += 1;
        return shelf.list().some(({ bytes }) => bytes > 0) ? ('stop' as const) : ('none' as const);
      },
    };
    const stopped = await run(small, { control });
    expect(stopped.outcome.status).toBe('stopped');
    expect(shelf.list()).toMatchObject([{ state: 'unfinished' }]);
    expect(asked).toBeGreaterThan(3);
    const before = readdirSync(onlyBook().rows);
    const checkpoint = stopped.writer.checkpoints.at(-1);
    if (checkpoint === undefined) throw new Error('it should have written a checkpoint');
    const { writer } = stopped;
    writer.cutBackTo(checkpoint);
    const gone = await run(small, { writer, resume: checkpoint });
    expect(gone.outcome.status).toBe('completed');
    expect(before).toHaveLength(1);
    expect(shelf.list()).toMatchObject([{ state: 'complete' }]);
    expect(told(writer)).toContain('Goes on writing the book');
    shelf = new Bookshelf(scratchFolder());
    expect(numbers(writer)).toEqual(numbers((await run(small)).writer));
  }, 60_000);

  it('is done once by two runs that need the same', async () => {
    const runs = new Map<string, number>();
    const both = await Promise.all(
      [1, 2].map(() => run({ ...AUGMENTED, book: WHOLE }, { executor: counting(runs) })),
    );
    expect(shelf.list()).toMatchObject([{ state: 'complete' }]);
    // Three views of three batches, one of validation, and a spot check in each run.
    expect(runs.get('book/teacher')).toBe(3 * 3 + 1 + 2);
    expect(both.map(({ writer }) => numbers(writer))[1]).toEqual(
      both.map(({ writer }) => numbers(writer))[0],
    );
  }, 60_000);

  it('says how far from the teacher what is stored is', async () => {
    const half = await run({ ...RUN, epochs: 1, book: { ...WHOLE, precision: 'float16', topK: 3 } });
    const message = told(half.writer);
    expect(message).toMatch(/probabilities moved by 0\.\d+ on average, 0\.\d+ at most; maps off by/);
    expect(message).toMatch(/cosine of at least (1\.0|0\.99)/);
    const [book] = shelf.list();
    expect(book?.fidelity.rows).toBe(72 + 18);
    expect(book?.fidelity.maps.largest).toBeLessThan(2 ** -10);
  }, 30_000);

  it('is refused before the first row where the disk has no room for all of them', async () => {
    shelf.freeBytes = () => 1000;
    const problem = await problemOf(run({ ...RUN, epochs: 1, book: WHOLE }));
    expect(problem).toMatchObject({ code: 'KD4035', key: 'distill.book', file: shelf.folder });
    expect(problem.message).toMatch(/^the book ".*" needs .* [kM]B, and 1 kB are free$/);
    expect(shelf.list()).toEqual([]);
  }, 30_000);

  it('mends damaged shards, and says so', async () => {
    const first = await run({ ...RUN, book: WHOLE });
    const { rows } = onlyBook();
    const path = join(rows, 'train-0-00000.bin');
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const again = await run({ ...RUN, book: WHOLE });
    expect(told(again.writer)).toMatch(/is damaged \(train-0-00000\.bin\); these parts are written again/);
    expect(numbers(again.writer)).toEqual(numbers(first.writer));
  }, 30_000);
});

describe('a damaged book that another run mends', () => {
  it('is waited for, and serves then', async () => {
    const first = await run({ ...RUN, book: WHOLE });
    const { name, rows } = onlyBook();
    const path = join(rows, 'train-0-00000.bin');
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(1));
    const find = shelf.find.bind(shelf);
    // The other run takes the book between the look at it and its opening.
    shelf.find = (...wanted) => {
      const found = find(...wanted);
      const lock = lockRun(shelf.folderOf(name));
      setTimeout(() => {
        writeFileSync(path, whole);
        lock.release();
      }, 600);
      return found;
    };
    const { writer } = await run({ ...RUN, book: WHOLE });
    expect(told(writer)).toMatch(/is damaged[^]*Another run writes the book .*; it is waited for\./);
    expect(numbers(writer)).toEqual(numbers(first.writer));
  }, 30_000);
});

it('tells how long a book of many batches takes, before it is written', async () => {
  const { writer } = await run({ ...AUGMENTED, epochs: 1, batchSize: 4, book: WHOLE });
  expect(told(writer)).toMatch(/Writes the book .*: 234 rows, .*, about \d+ s\./);
}, 30_000);

describe('a book of this name that stands on something else', () => {
  const named: SmallRun = { ...RUN, epochs: 1, book: { ...WHOLE, name: 'mine' } };
  let written: Bookshelf;
  beforeAll(async () => {
    written = new Bookshelf(mkdtempSync(join(tmpdir(), 'kd-test-')));
    await run(named, { bookshelf: written });
  }, 30_000);
  afterAll(() => rmSync(dirname(dirname(written.folder)), { recursive: true }));

  it.each<[string, SmallRun]>([
    ["the teacher's weights", { ...named, teacherEpochs: 2 }],
    ["the teacher's architecture", { ...named, teacher: 'mlp', terms: [term('kd')] }],
    ['the augmentation', { ...named, augment: [{ kind: 'randomCrop', padding: 1 }] }],
    ['the precision', { ...named, book: { ...WHOLE, name: 'mine', precision: 'float16' } }],
    ['how the data is split', { ...named, train: 80 }],
    ['the number of classes kept', { ...named, book: { ...WHOLE, name: 'mine', topK: 3 } }],
    ['the preprocessing', { ...named, normalize: 'none' }],
    [
      'the layers that are stored',
      { ...named, terms: [term('fitnet', { pairs: [{ teacher: 'stage1', student: 'stage1' }] })] },
    ],
  ])(
    'is refused: %s',
    async (field, other) => {
      const problem = await problemOf(run(other, { bookshelf: written }));
      expect(problem).toMatchObject({ code: 'KD4030', key: 'distill.book' });
      expect(problem.message).toContain(`it differs in ${field} (the book: `);
    },
    30_000,
  );

  it('is left alone without the name: another is written, and why is said', async () => {
    const { writer } = await run({ ...named, book: WHOLE, teacherEpochs: 2 }, { bookshelf: written });
    expect(told(writer)).toMatch(/The book mine is not used: it differs in the teacher's weights/);
    expect(written.list()).toHaveLength(2);
  }, 30_000);
});

describe('the spot check', () => {
  it('refuses answers that belong to other samples', async () => {
    await run({ ...RUN, book: WHOLE });
    const { name, rows } = onlyBook();
    const path = join(rows, 'train-0-00000.bin');
    const bytes = readFileSync(path);
    const row = bytes.length / 72;
    // As if the data had been shuffled after the book was written, by a writer that keeps its list.
    const shifted = Buffer.concat([bytes.subarray(row), bytes.subarray(0, row)]);
    writeFileSync(path, shifted);
    const list = join(shelf.folderOf(name), 'shards.jsonl');
    const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
    writeFileSync(list, readFileSync(list, 'utf8').replace(sha256(bytes), sha256(shifted)));
    const problem = await problemOf(run({ ...RUN, book: WHOLE }));
    expect(problem).toMatchObject({ code: 'KD4031' });
    expect(problem.message).toMatch(/of training sample \d+, ".*" has a cosine of/);
  }, 30_000);
});
