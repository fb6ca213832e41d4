import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { catalogue } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { randomStream, uniform } from '../../src/random/random.ts';
import { IS_SOAK } from '../support/counts.ts';
import { train } from './small-run.ts';

const SAMPLE = join(import.meta.dirname, '../../media/sample/data');
const executor = onnxCpu({ threads: 1, spinning: false });
/** Of all pairs of methods, drawn anew only where the catalogue grows. */
const DRAWN = 6;
const SEED = 20;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd-pairs-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const STAGES = ['stage1', 'stage2'];

/** A term of a method with what it needs, on two residual networks of equal widths. */
function termOf({ name, needs }: Method): string {
  const least = Math.max(1, needs.pairs?.minimum ?? needs.layers?.minimum ?? 1);
  const layers =
    needs.pairs?.rank === 'vector'
      ? ['embedding']
      : needs.teacherWeights === 'classifier'
        ? ['stage3']
        : STAGES.slice(-Math.min(least, 2));
  const teacher = (layer: string) => (needs.teacherWeights === 'batchNorm' ? `${layer}.block0.add` : layer);
  const settings = [
    ...(needs.pairs === undefined
      ? []
      : [`pairs: [${layers.map((layer) => `[${teacher(layer)}, ${layer}]`).join(', ')}]`]),
    ...(needs.layers === undefined ? [] : [`layers: [${layers.join(', ')}]`]),
    ...(name === 'ft' || name === 'ftOfficial' || name === 'mhgd' ? ['aheadEpochs: 1'] : []),
    ...(name === 'crd' ? ['negatives: 4'] : []),
    ...(name === 'kdexplainerHier' ? ['clusters: [[[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]]'] : []),
  ];
  return `    - ${name}: { ${settings.join(', ')} }`;
}

/** A scheme that has what both methods need, where one has. */
function schemeOf(pair: readonly Method[]): string {
  const group = pair.filter(({ needs }) => needs.group !== undefined);
  if (group.some(({ needs }) => needs.group?.trunk === true) || group.length > 1)
    return '{ branches: { copies: { count: 3, at: stage2 } } }';
  if (group.length > 0) return '{ online: { peers: 3 } }';
  return pair.some(({ opponent, needs }) => opponent !== undefined && needs.cycle === true)
    ? '{ online: { peers: 2 } }'
    : 'offline';
}

function config(pair: readonly Method[]): string {
  const scheme = schemeOf(pair);
  const file = (name: string) => join(SAMPLE, `${name}-ubyte.gz`);
  const teacher = scheme.includes('online')
    ? []
    : ['  teacher: { architecture: { resnet: { depth: 8, width: 4 } } }'];
  return [
    'data:',
    '  format: idx',
    `  train: { inputs: ${file('train-images-idx3')}, labels: ${file('train-labels-idx1')} }`,
    `  test: { inputs: ${file('t10k-images-idx3')}, labels: ${file('t10k-labels-idx1')} }`,
    '  validation: { fraction: 0.2 }',
    '  strongAugment: [{ randomCrop: { padding: 3 } }]',
    '  limit: { train: 40, test: 20 }',
    'models:',
    ...teacher,
    '  student: { architecture: { resnet: { depth: 8, width: 4 } } }',
    'distill:',
    `  scheme: ${scheme}`,
    ...(teacher.length === 0 ? [] : ['  from: teacher']),
    '  match:',
    ...pair.map(termOf),
    'train: { epochs: 1, batchSize: 16, optimizer: { sgd: { learningRate: 0.001 } } }',
    'compare: { baseline: false }',
    'measure: { gap: false, similarity: false }',
    '',
  ].join('\n');
}

/** Every pair of different methods in an order that the seed draws. */
function drawnPairs(): readonly (readonly [string, readonly Method[]])[] {
  const pairs = catalogue.flatMap((first, at) => catalogue.slice(at + 1).map((second) => [first, second]));
  const keys = uniform(randomStream(SEED, 'pairs'), 0, new Float32Array(pairs.length));
  return pairs
    .map((pair, at) => ({ pair, key: keys[at] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ pair }) => [pair.map(({ name }) => name).join(' and '), pair] as const);
}

const pairs = drawnPairs();

describe('two methods in one experiment', () => {
  it.each(pairs.slice(0, IS_SOAK ? pairs.length : DRAWN))(
    '%s train together, or a diagnostic says why not',
    async (_names, pair) => {
      const { experiment, diagnostics } = loadExperiment({
        file: join(folder, 'pair.kd.yaml'),
        text: config(pair),
        root: '/',
      });
      const faults = diagnostics.filter(({ severity }) => severity === 'error');
      if (experiment === null) {
        for (const fault of faults) expect(fault.message.length, fault.code).toBeGreaterThan(0);
        expect(faults).not.toEqual([]);
        return;
      }
      const dataset = await loadDataset(experiment.data, { root: '/', seed: 1, cacheFolder: null });
      const { outcome, writer } = await train({ experiment, dataset }, { executor });
      expect(outcome.status).toBe('completed');
      for (const { id } of experiment.distill.terms) {
        const values = writer.metricsLog
          .filter(({ split, phase }) => split === 'train' && phase === 'student')
          .map((record) => record.values[`loss/${id}`])
          .filter((value) => value !== undefined);
        expect(values.length, id).toBeGreaterThan(0);
        for (const value of values) expect(value, id).toSatisfy(Number.isFinite);
        expect(
          values.some((value) => value !== 0),
          id,
        ).toBe(true);
      }
    },
  );

  it('cannot be drawn so that all are refused', () => {
    const legal = pairs.slice(0, DRAWN).filter(([, pair]) => {
      const text = config(pair);
      return loadExperiment({ file: join(folder, 'pair.kd.yaml'), text, root: '/' }).experiment !== null;
    });
    expect(legal.length).toBeGreaterThanOrEqual(DRAWN / 2);
  });
});
