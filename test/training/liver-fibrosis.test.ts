import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { COPY_MARKS } from '../../src/data/copy-marks.ts';
import { stemOf } from '../../src/data/groups.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { randomStream, uniform } from '../../src/random/random.ts';
import { greyPng } from '../data/pictures.ts';
import { temporaryFolder, write } from '../data/fixtures.ts';
import { train } from './small-run.ts';

const STAGES = ['F0', 'F1', 'F2', 'F3', 'F4'];
/** Uneven, as such sets are. */
const SCANS = [30, 10, 14, 10, 16];

/** Coarser texture with each stage, and for some scans a copy with another brightness, for some one under another name. */
function writeScans(folder: string): void {
  STAGES.forEach((stage, s) => {
    for (let n = 0; n < (SCANS[s] ?? 0); n++) {
      const [a = 0, b = 0, c = 0] = uniform(randomStream(100 * s + n, 'scan'), 0, new Float32Array(3));
      const value = (gain: number) => (y: number, x: number) =>
        Math.round(
          gain * (110 + 50 * Math.sin((1.9 - 0.35 * s) * x + 6 * a) * Math.cos(1.3 * y * b + 6 * c) + 20 * a),
        );
      const name = `scans/${stage}/patient${stage}-${n}`;
      write(folder, `${name}.png`, greyPng(16, 16, value(1)));
      if (n % 3 === 0) write(folder, `${name}_aug1.png`, greyPng(16, 16, value(0.9)));
      if (n % 5 === 0) write(folder, `scans/${stage}/export-${stage}-${n}x.png`, greyPng(16, 16, value(0.8)));
    }
  });
}

describe('the leak-safe ultrasound pipeline', () => {
  it('is written down in one config, keeps copies in one split, and reports what rare classes reach', async () => {
    const folder = temporaryFolder();
    writeScans(folder);
    const file = join(folder, 'liver.kd.yaml');
    const text = readFileSync(join(import.meta.dirname, 'fixtures/liver-fibrosis.kd.yaml'), 'utf8');
    const { experiment, diagnostics } = loadExperiment({ file, text, root: folder });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (experiment === null) throw new Error('no experiment');
    const dataset = await loadDataset(experiment.data, { root: folder, seed: 1, cacheFolder: null });
    const { splits, report } = dataset;
    // A copy under another name is found by its looks, so stems and copies together make the groups.
    expect((report?.copies.near ?? 0) + (report?.copies.exact ?? 0)).toBeGreaterThan(20);
    const patients = (split: 'train' | 'validation' | 'test') =>
      new Set(
        Array.from(splits[split].positions, (n) =>
          stemOf(splits[split].samples.names?.[n] ?? '', COPY_MARKS)
            .replace('export-', 'patient')
            .replace(/x$/, ''),
        ),
      );
    for (const [one, other] of [
      ['train', 'validation'],
      ['train', 'test'],
      ['validation', 'test'],
    ] as const) {
      const seen = patients(other);
      expect([...patients(one)].filter((patient) => seen.has(patient))).toEqual([]);
    }
    const executor = onnxCpu({ threads: 1, spinning: false });
    const { outcome } = await train({ experiment, dataset }, { executor });
    expect(outcome.status).toBe('completed');
    expect(outcome.results.verdict?.pairs).toBe(3);
    for (const result of outcome.results.phases) {
      for (const name of ['balancedAccuracy', 'macroF1', 'calibrationError', 'quadraticKappa'])
        expect(Number.isFinite(Number(result.test[name]))).toBe(true);
      expect(result.confusion).toHaveLength(5);
    }
  });
});
