import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { train } from './small-run.ts';

const DATA = join(import.meta.dirname, '../../media/sample/data');
const executor = onnxCpu({ threads: 1, spinning: false });

/** Trains with a simplifier before every term that it can refine; what it and the student's variables came to. */
async function trained(terms: readonly string[]) {
  const file = (name: string) => join(DATA, `${name}-ubyte.gz`);
  const text = [
    'data:',
    '  format: idx',
    `  train: { inputs: ${file('train-images-idx3')}, labels: ${file('train-labels-idx1')} }`,
    `  test: { inputs: ${file('t10k-images-idx3')}, labels: ${file('t10k-labels-idx1')} }`,
    '  limit: { train: 80, test: 20 }',
    'models:',
    '  teacher: { architecture: { convnet: { filters: [4, 8], hidden: [8] } }, train: { epochs: 1 } }',
    '  student: { architecture: { convnet: { filters: [4, 8], hidden: [8] } } }',
    'distill:',
    '  refine: [simplifier]',
    '  match:',
    ...terms.map((term) => `    - ${term}`),
    '  hardLabelWeight: 1',
    'train: { epochs: 1, batchSize: 16, optimizer: { sgd: { learningRate: 0.05, weightDecay: 0 } } }',
    'compare: { baseline: false }',
    'measure: { gap: false, similarity: false }',
    '',
  ].join('\n');
  const { experiment, diagnostics } = loadExperiment({
    file: join('/', 'simplifier.kd.yaml'),
    text,
    root: '/',
  });
  if (experiment === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const dataset = await loadDataset(experiment.data, { root: '/', seed: 1, cacheFolder: null });
  const { outcome, writer } = await train({ experiment, dataset }, { executor });
  expect(outcome.status).toBe('completed');
  const { tensors = {} } = writer.checkpoints.findLast(({ meta }) => meta.phase === 'student') ?? {};
  const own = Object.entries(tensors).filter(([name]) => name.startsWith('term:refine/'));
  return { values: writer.metricsLog.map(({ values }) => values), own };
}

/** W_O begins at 0. */
const outputs = ({ own }: Awaited<ReturnType<typeof trained>>) =>
  own.filter(([name]) => name.includes('output')).flatMap(([, { data }]) => Array.from(data, Number));

describe('a simplifier that learns with its student', () => {
  it('moves by the distillation loss alone', async () => {
    const unheard = await trained(['kd: { weight: 0 }', 'at: { pairs: [[stage2, stage2]] }']);
    expect(outputs(unheard).length).toBeGreaterThan(0);
    expect(outputs(unheard).every((value) => value === 0)).toBe(true);
    const heard = await trained(['kd: {}', 'at: { pairs: [[stage2, stage2]] }']);
    expect(outputs(heard).some((value) => value !== 0)).toBe(true);
  });

  it('refines dkd, and crd and at stand beside it as they are', async () => {
    const run = await trained([
      'dkd: {}',
      'crd: { pairs: [[hidden1, hidden1]], negatives: 4 }',
      'at: { pairs: [[stage2, stage2]] }',
    ]);
    // One alone, which therefore needs no name of a term.
    const ends = run.own.map(([name]) => name.split('/').slice(1).join('/'));
    expect(ends.sort()).toEqual(['key', 'output', 'query', 'value'].map((end) => `simplifier/${end}`));
    expect(outputs(run).some((value) => value !== 0)).toBe(true);
    for (const id of ['dkd', 'crd', 'at']) {
      const losses = run.values.flatMap((values) => values[`loss/${id}`] ?? []);
      expect(losses.length, id).toBeGreaterThan(0);
      expect(
        losses.every((loss) => typeof loss === 'number' && Number.isFinite(loss)),
        id,
      ).toBe(true);
    }
  });
});
