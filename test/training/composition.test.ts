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
import { configOf } from './catalogue-config.ts';
import { train } from './small-run.ts';

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

/** Small enough for every pair. */
const config = (pair: readonly Method[]) =>
  configOf(pair, {
    limit: { train: 40, test: 20 },
    teacherEpochs: 1,
    training: 'epochs: 1, batchSize: 16, optimizer: { sgd: { learningRate: 0.001 } }',
  });

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
