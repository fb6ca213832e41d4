import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StepGraph } from '../../src/compiler/graph.ts';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import type { Executor } from '../../src/executors/executor.ts';
import type { RunResults } from '../../src/protocol/records.ts';
import { DirectoryWriter } from '../../src/runs/directory-writer.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { RunStore } from '../../src/runs/store.ts';
import { trainExperiment } from '../../src/training/train-experiment.ts';
import { executorNamed } from './executors.ts';

/**
 * Trains ResNet-8 from ResNet-20 on the sample's digits, everything at its defaults, and prints the seconds of the student's phase and
 * those that went into measuring: what the run itself says, the writing of both reports, and making the graphs that only
 * measure. All that is counted is within the phase.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { executor: { type: 'string', default: 'onnx' } },
});
const [folder = ''] = positionals;
const root = join(process.cwd(), 'media', 'sample');
const config = join(root, 'mnist.kd.yaml');
const { experiment, effective } = loadExperiment({
  ...{ file: config, root },
  overrides: [
    'models.teacher.architecture=resnet20',
    'models.student.architecture=resnet8',
    // What the teacher has learned changes no cost.
    'models.teacher.train.epochs=1',
    'train.epochs=6',
    'compare.seeds=[1]',
    'compare.baseline=false',
  ],
});
if (experiment === null) throw new Error('the experiment has an error');
const dataset = await loadDataset(experiment.data, { root, seed: experiment.train.seed, cacheFolder: null });

const spent = { gap: 0, similarity: 0 };
let began = 0;
let ended = 0;

/** The graphs of each measure that are compiled before the first step; those of the teacher are when they are first asked. */
const GRAPHS = { gap: ['attention'], similarity: ['probe'] } as const;

/** Makes what only measures first, for the time that takes; it is there when the others are made. */
function watched(executor: Executor): Executor {
  return {
    ...executor,
    async load(graphs, state) {
      if (!('probe' in graphs)) return executor.load(graphs, state);
      began = performance.now();
      for (const measure of ['gap', 'similarity'] as const) {
        const own = Object.fromEntries(
          GRAPHS[measure].map((name) => [name, graphs[name] as StepGraph] as const),
        );
        const from = performance.now();
        await executor.load(own, stateOf(own, state));
        spent[measure] += performance.now() - from;
      }
      return executor.load(graphs, state);
    },
  };
}

function stateOf(graphs: Readonly<Record<string, StepGraph>>, state: Parameters<Executor['load']>[1]) {
  const names = new Set(Object.values(graphs).flatMap(({ inputs }) => inputs.map(({ name }) => name)));
  return Object.fromEntries(Object.entries(state).filter(([name]) => names.has(name)));
}

class WatchedWriter extends DirectoryWriter {
  override gapReport(report: Parameters<DirectoryWriter['gapReport']>[0]): void {
    spent.gap += report.cost.milliseconds + timeOf(() => super.gapReport(report));
  }
  override layers(meeting: Parameters<DirectoryWriter['layers']>[0]): void {
    spent.similarity += (meeting.cost?.milliseconds ?? 0) + timeOf(() => super.layers(meeting));
  }
  override results(results: RunResults): void {
    ended = performance.now();
    super.results(results);
  }
}

function timeOf(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

const run = new RunStore(folder).create({
  ...{ name: 'measures', config, configText: effective, overrides: [], seeds: [1] },
});
const file = new RecordFile(run.path);
file.become('running');
const writer = new WatchedWriter(file);
writer.limitCheckpoints(experiment.engine.checkpoints);
const { status } = await trainExperiment({
  ...{ experiment, dataset, writer, resume: null },
  executor: watched(await executorNamed(options.executor, false)),
  control: { request: 'none', untilResumed: () => Promise.resolve() },
  earlierModel: () => ({}),
});
writer.close();
if (status !== 'completed') throw new Error(`the training is ${status}`);
if (began === 0 || spent.gap === 0 || spent.similarity === 0) throw new Error('nothing was measured');
const seconds = (milliseconds: number) => milliseconds / 1000;
console.log(
  JSON.stringify({
    ...{ phase: seconds(ended - began), gap: seconds(spent.gap), similarity: seconds(spent.similarity) },
  }),
);
