import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { openWriter } from '../../src/runs/directory-writer.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { RunStore } from '../../src/runs/store.ts';
import type { RunWriter, StoredTensor } from '../../src/runs/writer.ts';
import { trainExperiment } from '../../src/training/train-experiment.ts';
import { executorNamed } from './executors.ts';

/**
 * Trains the sample under one seed again and again, with all that a run writes and without, and prints how long each took. All in one
 * process, since some processes are slow for their whole life. What a run does beside (its heartbeat, its socket) is in neither.
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

/** After the first, which is a run as it is in a process of its own: neither is always the first of two. */
const TURNS = [true, false, false, true];

/** Remembers the models that later phases ask for, and nothing else. */
class SilentWriter implements RunWriter {
  nextSeq = 0;
  readonly #models = new Map<string, Readonly<Record<string, StoredTensor>>>();

  saveModel(name: string, tensors: Readonly<Record<string, StoredTensor>>): void {
    this.#models.set(name, tensors);
  }
  loadModel(name: string): Readonly<Record<string, StoredTensor>> {
    return this.#models.get(name) ?? {};
  }
  metrics(): void {
    this.nextSeq += 1;
  }
  event(): void {}
  log(): void {}
  gap(): void {}
  similarity(): void {}
  layers(): void {}
  attention(): void {}
  gapReport(): void {}
  picture(): void {}
  checkpoint(): void {}
  progress(): void {}
  verdict(): void {}
  results(): void {}
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

/** @param writes with all that a run writes, or without */
async function train(writes: boolean) {
  const written = writes ? directoryWriter() : null;
  const never = { ...sample.engine.checkpoints, every: { epochs: 1e6, minutes: 1e6 } };
  const began = performance.now();
  const { status } = await trainExperiment({
    experiment: writes ? sample : { ...sample, engine: { ...sample.engine, checkpoints: never } },
    ...{ dataset, executor, writer: written?.writer ?? new SilentWriter(), resume: null },
    control: { request: 'none', untilResumed: () => Promise.resolve() },
    earlierModel: () => ({}),
  });
  written?.writer.close();
  const seconds = (performance.now() - began) / 1000;
  if (status !== 'completed') throw new Error(`the sample is ${status}`);
  const { spent } = written?.file.record.progress ?? {};
  const recordedShare =
    spent === undefined ? 0 : (spent.checkpointSeconds + spent.recordSeconds) / spent.seconds;
  return { seconds, recordedShare };
}

const { recordedShare } = await train(true);
const seconds = { with: 0, without: 0 };
for (const writes of TURNS) seconds[writes ? 'with' : 'without'] += (await train(writes)).seconds;
console.log(JSON.stringify({ seconds, recordedShare }));
