import { describe, expect, it } from 'vitest';
import type { DataSplit, Dataset } from '../../src/data/dataset.ts';
import { measureNormalization } from '../../src/data/normalization.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import type { ModelSettings } from '../../src/config/experiment.ts';
import { smallExperiment, term, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });

interface Odd {
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly counts: Readonly<Record<'train' | 'validation' | 'test', number>>;
  /** The value of every pixel; left out: they differ. */
  readonly pixel?: number;
}

function oddDataset({ shape, classes, counts, pixel }: Odd): Dataset {
  const count = counts.train + counts.validation + counts.test;
  const size = shape[0] * shape[1] * shape[2];
  const labels = Int32Array.from({ length: count }, (_, n) => n % classes);
  const pixels = Uint8Array.from({ length: count * size }, (_, at) => pixel ?? (at * 37) % 251);
  const samples = { count, shape, pixels, labels, digest: '' };
  let from = 0;
  const split = (name: DataSplit['name']): DataSplit => {
    const positions = Int32Array.from({ length: counts[name] }, (_, n) => from + n);
    from += counts[name];
    return {
      name,
      samples,
      count: positions.length,
      positions,
      labels: Int32Array.from(positions, (n) => labels[n] ?? 0),
    };
  };
  const splits = { train: split('train'), validation: split('validation'), test: split('test') };
  return {
    classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
    shape,
    splits,
    normalization: measureNormalization(samples, splits.train.positions),
    hash: '',
    validationHash: '',
  };
}

/** Teacher and student of an architecture that fits the data. */
async function oddRun(odd: Odd, architecture: string, settings: Readonly<Record<string, unknown>> = {}) {
  const dataset = oddDataset(odd);
  const { experiment } = await smallExperiment({
    epochs: 2,
    batchSize: 4,
    terms: [term('kd'), term('dkd'), term('dist')],
  });
  const graph = buildArchitecture(architecture, [...odd.shape], odd.classes, settings);
  const model = (name: string): ModelSettings => ({
    name,
    source: 'architecture',
    architecture,
    graph,
    train: null,
  });
  const models = { ...experiment.models, teacher: model('teacher'), student: model('student') };
  return train({ experiment: { ...experiment, models }, dataset }, { executor });
}

/** Every loss and accuracy that a run recorded is a number. */
function expectFinite({ writer }: Awaited<ReturnType<typeof oddRun>>): void {
  expect(writer.metricsLog.length).toBeGreaterThan(0);
  for (const { values } of writer.metricsLog)
    for (const [name, value] of Object.entries(values)) expect(value, name).toSatisfy(Number.isFinite);
}

const SOME = { train: 9, validation: 3, test: 3 };

describe('data at the edge of what there is', () => {
  it('of one training sample trains, in batches of one', async () => {
    const run = await oddRun(
      { shape: [8, 8, 1], classes: 2, counts: { train: 1, validation: 2, test: 2 } },
      'mlp',
    );
    expect(run.outcome.status).toBe('completed');
    expectFinite(run);
  });

  it('whose last batch has one sample trains', async () => {
    expectFinite(await oddRun({ shape: [8, 8, 1], classes: 3, counts: SOME }, 'mlp'));
  });

  it('of images of one pixel trains', async () => {
    expectFinite(await oddRun({ shape: [1, 1, 3], classes: 3, counts: SOME }, 'resnet8', { width: 4 }));
  });

  it('of constant images trains: what does not vary is not divided by', async () => {
    expectFinite(await oddRun({ shape: [8, 8, 1], classes: 3, counts: SOME, pixel: 7 }, 'convnet'));
  });
});
