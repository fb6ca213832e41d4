import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDataset, type Dataset } from '../../src/data/dataset.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { withModule } from '../../src/models/modules/index.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const FOLDER = join(import.meta.dirname, '../../media/sample/data');

/** Words of the same digits in another order: only who reads from left to right tells them apart. */
const WORDS = ['01', '10', '07', '70', '17', '71'];

const ADAM: NonNullable<SmallRun['optimizer']> = {
  kind: 'adam',
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
};
const CONS_KD = term('consKdCtc', {
  pairs: [{ teacher: 'frames', student: 'frames' }],
  parameters: { distance: 'l2', labels: 1, teacher: 1, consistency: 1, detachTarget: false },
});

/** A teacher and a student that read the sample project's words. */
async function wordRun(limit: number, run: SmallRun = {}) {
  const made = await smallExperiment({
    baseline: false,
    hardLabelWeight: 0,
    terms: [CONS_KD],
    optimizer: ADAM,
    strongAugment: [{ kind: 'randomCrop', padding: 1 }],
    ...run,
  });
  const file = (name: string) => join(FOLDER, `${name}-ubyte.gz`);
  const data = {
    ...made.experiment.data,
    format: 'idx' as const,
    train: { inputs: file('train-words-idx3'), labels: file('train-word-labels-idx1') },
    test: { inputs: file('t10k-words-idx3'), labels: file('t10k-word-labels-idx1') },
    classes: WORDS,
    limit: { train: limit, test: Math.round(limit / 4) },
  };
  const dataset: Dataset = await loadDataset(data, { root: FOLDER, seed: 1, cacheFolder: null });
  const graph = (filters: readonly number[]) =>
    withModule(
      buildArchitecture('convnet', dataset.shape, WORDS.length, { filters, hidden: [] }),
      { name: 'ctc', settings: {} },
      { classNames: WORDS },
    );
  const { teacher, student } = made.experiment.models;
  if (teacher === undefined || student === undefined) throw new Error('a model is missing');
  const models = {
    ...made.experiment.models,
    teacher: { ...teacher, graph: graph([8, 12]) },
    student: { ...student, graph: graph([4, 6]) },
  };
  return { experiment: { ...made.experiment, data, models }, dataset };
}

describe('words read frame by frame', () => {
  it('are learned from words alone, and by a student from its teacher’s frames', async () => {
    const made = await wordRun(900, { epochs: 8, teacherEpochs: 8, batchSize: 16 });
    const { writer } = await train(made, { executor });
    const results = writer.lastResults?.phases ?? [];
    expect(results).toHaveLength(2);
    // Guessing is right for one of six.
    for (const { phase, test } of results) expect(Number(test['accuracy']), phase).toBeGreaterThan(0.6);
    const losses = writer.metricsLog.flatMap((one) =>
      one.phase === 'student' && one.split === 'validation' ? [Number(one.values['loss/consKdCtc'])] : [],
    );
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? NaN) / 2);
  });

  it('are learned compiled as kernel by kernel', async () => {
    const of = async (one: Executor) => {
      const made = await wordRun(24, { epochs: 1, teacherEpochs: 1, batchSize: 12 });
      const { writer } = await train(made, { executor: one });
      return writer.metricsLog.flatMap(({ values }) =>
        values['loss'] === undefined ? [] : [Number(values['loss'])],
      );
    };
    const [got, want] = [await of(executor), await of(interpreter)];
    expect(got.length).toBeGreaterThan(3);
    got.forEach((value, at) => expect(value).toBeCloseTo(want[at] ?? NaN, 3));
  });

  it('go on from a checkpoint bit for bit', async () => {
    const made = await wordRun(45, { epochs: 2, teacherEpochs: 1, batchSize: 12 });
    const whole = (await train(made, { executor })).writer;
    const writer = new MemoryWriter();
    let looks = 0;
    const control = {
      get request() {
        return looks++ >= 5 ? ('stop' as const) : ('none' as const);
      },
      untilResumed: () => Promise.resolve(),
    };
    await train(made, { executor, writer, control });
    const resume = writer.checkpoints.at(-1) as Checkpoint;
    await train(made, { executor, writer, resume });
    expect([...writer.models]).toEqual([...whole.models]);
  });
});
