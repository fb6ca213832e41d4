import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { catalogue } from '../../src/methods/index.ts';
import { counts } from '../support/counts.ts';
import { configOf } from './catalogue-config.ts';
import { train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
/** Enough for a teacher that knows more than its student. */
const ENOUGH = {
  limit: { train: 600, test: 100 },
  teacherEpochs: 6,
  training: 'epochs: 2, batchSize: 32, optimizer: { adam: { learningRate: 2.0e-3 } }',
};

/** Each method alone by its defaults, first those that most people use. */
const first = ['kd', 'fitnet', 'crd'];
const ordered = [...catalogue].sort((a, b) => place(a.name) - place(b.name));
function place(name: string): number {
  const at = first.indexOf(name);
  return at < 0 ? first.length : at;
}

describe('a healthy run', () => {
  it.each(
    ordered
      .slice(0, counts({ test: 3, soak: catalogue.length }))
      .map((method) => [method.name, method] as const),
  )('with %s by its defaults raises nothing', async (_, method) => {
    const text = configOf([method], ENOUGH);
    const { experiment, diagnostics } = loadExperiment({
      file: join('/', 'healthy.kd.yaml'),
      text,
      root: '/',
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (experiment === null) throw new Error('no experiment');
    const dataset = await loadDataset(experiment.data, { root: '/', seed: 1, cacheFolder: null });
    const { writer } = await train({ experiment, dataset }, { executor });
    expect(writer.events.filter(({ kind }) => kind === 'guard' || kind === 'warning')).toEqual([]);
  });
});
