import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OverlaidRuns } from '../../../src/extension/panel/overlaid-runs.ts';
import type { RunModel } from '../../../src/extension/panel/run-model.ts';
import type { RunStatus } from '../../../src/protocol/records.ts';
import { RunDirectory } from '../../../src/runs/directory.ts';
import { FILES } from '../../../src/runs/layout.ts';
import { sampleRun } from '../../panel/sample-run.ts';

let folder: string;
let models: Map<string, RunModel | null>;
let changes: number;
let opened: string[];
let overlaid: OverlaidRuns;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd-overlays-'));
  models = new Map();
  changes = 0;
  opened = [];
  overlaid = new OverlaidRuns(
    (run) => {
      opened.push(run);
      return new RunDirectory(run);
    },
    {
      onModel: (run, model) => models.set(run, model),
      onChange: () => (changes += 1),
      onDrop: (run) => models.delete(run),
    },
  );
});
afterEach(() => {
  overlaid.dispose();
  rmSync(folder, { recursive: true });
});

function write(id: string, status: RunStatus = 'completed'): string {
  const run = sampleRun({ seeds: [1], epochs: 2, status, id });
  const directory = join(folder, id);
  const files: [string, string][] = [
    [FILES.record, JSON.stringify(run.record)],
    [FILES.metrics, run.metrics.map((one) => `${JSON.stringify(one)}\n`).join('')],
  ];
  for (const [name, content] of files) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

const metricsOf = (run: string) =>
  [
    ...new Set(
      models
        .get(run)
        ?.snapshot()
        .series.map(({ metric }) => metric),
    ),
  ].sort();

test('of each run the metrics asked for are read, by name or by the beginning of their names', async () => {
  const [a, b] = [write('a'), write('b')];
  overlaid.set([a, b], ['accuracy', 'loss/']);
  await vi.waitFor(() => expect(metricsOf(b)).toEqual(['accuracy', 'loss/ce', 'loss/kd']));
  expect(metricsOf(a)).toEqual(['accuracy', 'loss/ce', 'loss/kd']);
});

test('other metrics are read anew, the same are not', async () => {
  const a = write('a');
  overlaid.set([a], ['accuracy']);
  await vi.waitFor(() => expect(metricsOf(a)).toEqual(['accuracy']));
  overlaid.set([a], ['accuracy']);
  expect(opened).toEqual([a]);
  overlaid.set([a], ['learningRate']);
  await vi.waitFor(() => expect(metricsOf(a)).toEqual(['learningRate']));
});

test('a run that is no longer asked for is left, one that cannot be read is said to be gone', async () => {
  const [a, gone] = [write('a'), join(folder, 'gone')];
  overlaid.set([a, gone], ['loss']);
  await vi.waitFor(() => expect(models.get(gone)).toBeNull());
  await vi.waitFor(() => expect(metricsOf(a)).toEqual(['loss']));
  overlaid.set([], ['loss']);
  expect([...models.keys()]).toEqual([]);
});

test('a run that goes on after its end is followed again', async () => {
  const a = write('a', 'stopped');
  overlaid.set([a], ['loss']);
  await vi.waitFor(() => expect(metricsOf(a)).toEqual(['loss']));
  const points = () =>
    models
      .get(a)
      ?.snapshot()
      .series.find(({ phase, split }) => phase === 'student' && split === 'train')?.steps.length ?? 0;
  const before = points();
  overlaid.refresh(() => 'stopped');
  expect(opened).toEqual([a]);
  const more = {
    seq: 9_000,
    time: 1,
    phase: 'student',
    seed: 1,
    epoch: 9,
    step: 9_000,
    split: 'train',
    values: { loss: 1 },
  };
  appendFileSync(join(a, FILES.metrics), `${JSON.stringify(more)}\n`);
  await vi.waitFor(() => {
    if (opened.length === 1) overlaid.refresh(() => 'running');
    expect(points()).toBe(before + 1);
  });
});

test('a hundred runs are opened without holding up the process for long', async () => {
  const runs = Array.from({ length: 100 }, (_, index) => write(`r${index}`));
  let turns = 0;
  const turn = () => {
    turns += 1;
    if (models.size < runs.length) setImmediate(turn);
  };
  setImmediate(turn);
  overlaid.set(runs, ['loss']);
  await vi.waitFor(() => expect(models.size).toBe(runs.length), { timeout: 20_000 });
  expect(turns).toBeGreaterThan(runs.length / 2);
});
