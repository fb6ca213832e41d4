import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { catalogue } from '../../src/methods/index.ts';
import { counts } from '../support/counts.ts';
import { catalogueRun } from './catalogue-config.ts';
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
    const { diagnostics, ...made } = await catalogueRun([method], ENOUGH);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const { writer } = await train(made, { executor });
    expect(writer.events.filter(({ kind }) => kind === 'guard' || kind === 'warning')).toEqual([]);
  });
});
