import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { openWriter, type DirectoryWriter } from '../../src/runs/directory-writer.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { RunStore } from '../../src/runs/store.ts';
import type { RunWriter } from '../../src/runs/writer.ts';
import { trainExperiment } from '../../src/training/train-experiment.ts';
import { executorNamed } from './executors.ts';

/**
 * Trains the sample under one seed again and again and prints what the first run says that writing took, and the seconds of epochs
 * with all that a run writes and of the same epochs without: in turns, epoch by epoch, since minutes of a shared machine differ by
 * more than what is measured, and some processes are slow for their whole life. What a run does beside (its heartbeat, its socket) and
 * reading the state for a checkpoint are in both.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { executor: { type: 'string', default: 'onnx' } },
});
const [folder = ''] = positionals;
const root = join(process.cwd(), 'media', 'sample');
const { experiment, effective } = loadExperiment({
  ...{ file: join(root, 'mnist.kd.yaml'), root, overrides: ['compare.seeds=[1]'] },
});
if (experiment === null) throw new Error('the sample has an error');
const sample = experiment;
const dataset = await loadDataset(sample.data, { root, seed: sample.train.seed, cacheFolder: null });
const executor = await executorNamed(options.executor, false);

/** Of epochs whose number is even or odd: each epoch is written in one of two trainings and not in the other. */
const WRITTEN = [0, 1, 1, 0] as const;
/** What is dropped where nothing is written. */
const WRITING: readonly (string | symbol)[] = [
  ...['metrics', 'event', 'log', 'gap', 'similarity', 'layers', 'attention', 'gapReport', 'picture'],
  ...['checkpoint', 'progress'],
];

/** Seconds of the epochs that have another before them, from validation to validation. */
class Turns {
  readonly seconds = { with: 0, without: 0 };
  #parity = 0;
  #began = 0;
  writes = true;

  begin(parity: 0 | 1): void {
    this.#parity = parity;
  }

  /** At the first record of an epoch's validation. */
  validated(epoch: number): void {
    const now = performance.now();
    if (epoch > 0) this.seconds[this.writes ? 'with' : 'without'] += (now - this.#began) / 1000;
    this.#began = now;
    this.writes = (epoch + 1) % 2 === this.#parity;
  }
}

/** Writes while it is the turn of it. */
function inTurns(writer: DirectoryWriter, turns: Turns): RunWriter {
  return new Proxy(writer, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name, target);
      if (typeof own !== 'function') return own;
      return (...given: unknown[]): unknown => {
        const [first] = given;
        if (name === 'metrics' && isValidation(first)) turns.validated(first.epoch);
        return turns.writes || !WRITING.includes(name) ? own.apply(target, given) : undefined;
      };
    },
  });
}

function isValidation(record: unknown): record is { readonly epoch: number } {
  return typeof record === 'object' && record !== null && 'split' in record && record.split === 'validation';
}

function directoryWriter() {
  const run = new RunStore(folder).create({
    ...{ name: 'overhead', config: join(root, 'mnist.kd.yaml'), configText: effective },
    ...{ overrides: [], seeds: [1] },
  });
  const file = new RecordFile(run.path);
  file.become('running');
  return { file, writer: openWriter(file).writer };
}

/** @param turns left out: all is written */
async function train(turns?: Turns): Promise<number> {
  const { file, writer } = directoryWriter();
  const { status } = await trainExperiment({
    ...{ experiment: sample, dataset, executor, resume: null },
    writer: turns === undefined ? writer : inTurns(writer, turns),
    control: { request: 'none', untilResumed: () => Promise.resolve() },
    earlierModel: () => ({}),
  });
  writer.close();
  if (status !== 'completed') throw new Error(`the sample is ${status}`);
  const { spent } = file.record.progress ?? {};
  return spent === undefined ? NaN : (spent.checkpointSeconds + spent.recordSeconds) / spent.seconds;
}

const recordedShare = await train();
const turns = new Turns();
for (const parity of WRITTEN) {
  turns.begin(parity);
  await train(turns);
}
console.log(JSON.stringify({ seconds: turns.seconds, recordedShare }));
