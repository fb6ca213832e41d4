import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MatchedPair } from '../../src/protocol/layer-matching/match-layers.ts';
import type { MatchReport } from '../../src/protocol/records.ts';
import { Workplace } from '../cli/kd-process.ts';
import { bundleProduct } from './build.ts';
import { writeTinyData } from './tiny-data.ts';

const CONFIG = `name: Tiny
data:
  format: idx
  train: { inputs: data/train-images, labels: data/train-labels }
  test: { inputs: data/test-images, labels: data/test-labels }
  validation: { fraction: 0.6 }
models:
  teacher: { architecture: { convnet: { filters: [6, 8], hidden: [8] } }, train: { epochs: 1 } }
  student: { architecture: { convnet: { filters: [2, 4], hidden: [8] } } }
distill:
  match: [{ fitnet: { pairs: [[stage1, stage1]] } }]
train: { epochs: 2, batchSize: 8 }
compare: { baseline: false, seeds: [3] }
engine: { device: cpu, threads: 1 }
`;

type Printed = MatchReport & {
  readonly pairs: readonly (MatchedPair & { readonly words: string })[];
  readonly yaml: string;
};

let bundles = '';
let place: Workplace;
beforeAll(async () => {
  bundles = await bundleProduct();
  place = new Workplace(bundles);
  writeTinyData(join(place.folder, 'data'));
  writeFileSync(join(place.folder, 'tiny.kd.yaml'), CONFIG);
  const { code, stderr } = await place.kd(['run', 'tiny.kd.yaml']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});
afterAll(async () => {
  await place.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

async function match(...args: string[]): Promise<Printed> {
  const { code, stdout, stderr } = await place.kd(['match', ...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Printed;
}

describe('kd match', () => {
  it('compares the layers of a finished run by the weights it kept, and adds that to its record', async () => {
    const run = place.store.open('latest');
    const before = run.layers()?.meetings[0];
    expect(before).toMatchObject({
      phase: 'student',
      method: 'fitnet',
      matched: [{ teacher: 'stage1', student: 'stage1' }],
    });
    expect(before?.cost?.comparisons).toBeGreaterThan(0);
    expect(before?.kept).toBeUndefined();
    const report = await match('latest', '--pairs', '2');
    expect(report.weights).toEqual({ teacher: 'teacher-1', student: 'student-3' });
    expect(report.measured).toMatchObject({ seed: 3, samples: 32, batches: 1 });
    expect(report.measured.tables.map(({ measure }) => measure)).toEqual([
      'linearCka',
      'rbfCka',
      'distanceCorrelation',
    ]);
    expect(report.pairs).toHaveLength(2);
    for (const pair of report.pairs) {
      expect(pair.similarity).toBeGreaterThan(0);
      expect(pair.adapter.parameters).toBeGreaterThan(0);
      expect(pair.words).not.toBe('');
    }
    expect(report.yaml).toMatch(/^- fitnet: \{ weight: 100, pairs: \[\[\w+, \w+\], \[\w+, \w+\]\] \}$/);
    expect(run.layers()?.meetings[0]).toMatchObject({ cost: before?.cost, kept: report.measured });
  });

  it('ranks by another measure and sizes the adapters of another method', async () => {
    const report = await match('latest', '--method', 'at', '--similarity', 'rbf', '--pairs', '1');
    expect(report.meeting.method).toBe('at');
    const [pair] = report.pairs;
    const { layers } = report.meeting.teacher;
    const row = layers.findIndex(({ name }) => name === pair?.teacher.name);
    const column = report.meeting.student.layers.findIndex(({ name }) => name === pair?.student.name);
    const table = report.measured.tables.find(({ measure }) => measure === 'rbfCka');
    expect(pair?.similarity).toBe(table?.values[row]?.[column]);
    expect(pair?.adapter).toEqual({ parameters: 0, multiplyAdds: 0, kernels: [] });
  });

  it('says of an experiment that has not run that its weights are untrained, and takes a teacher that is given', async () => {
    const words = await place.kd(['match', 'tiny.kd.yaml']);
    expect(words.code).toBe(0);
    expect(words.stdout).toContain('untrained weights say little');
    expect(words.stdout).toMatch(/ {2}- fitnet: \{ weight: 100, pairs: \[\[/);
    const given = await match('tiny.kd.yaml', '--teacher', 'latest');
    expect(given.weights).toEqual({ teacher: 'latest/teacher', student: 'untrained' });
    const [fresh, kept] = [await match('tiny.kd.yaml'), await match('latest')];
    expect(given.measured.tables).not.toEqual(fresh.measured.tables);
    expect(given.measured.tables).not.toEqual(kept.measured.tables);
  });

  it.each([
    [['latest', '--method', 'nonsense'], 'KD7003'],
    [['latest', '--method', 'kd'], 'KD7002'],
    [['latest', '--pairs', '0'], 'KD7002'],
    [['nowhere'], 'KD5001'],
    [['nowhere.kd.yaml'], 'KD7001'],
  ])('refuses %j', async (args, code) => {
    const { code: exit, stdout, stderr } = await place.kd(['match', ...args]);
    expect(exit).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(code);
  });

  it('says where nothing meets', async () => {
    writeFileSync(
      join(place.folder, 'alone.kd.yaml'),
      CONFIG.replace(/distill:\n.*\n/, 'distill: { scheme: { online: { peers: 2 } }, match: [dml] }\n'),
    );
    const { stderr } = await place.kd(['match', 'alone.kd.yaml']);
    expect(stderr).toContain('KD5045');
  });
});
