import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { RunDirectory } from '../../src/runs/directory.ts';
import { openWriter, type OpenedWriter } from '../../src/runs/directory-writer.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { RunStore, type NewRun } from '../../src/runs/store.ts';
import type { BestWeights, Checkpoint, CheckpointMeta } from '../../src/runs/writer.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is removed after the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kd-test-'));
  folders.push(folder);
  return folder;
}

export const NEW_RUN: NewRun = {
  name: 'Digits',
  config: '/somewhere/digits.kd.yaml',
  configText: 'name: Digits\n',
  overrides: [],
  seeds: [1],
};

export function newRun(store = new RunStore(scratchFolder())): RunDirectory {
  return store.create(NEW_RUN);
}

export function openRun(run: RunDirectory): OpenedWriter & { file: RecordFile } {
  const file = new RecordFile(run.path);
  return { file, ...openWriter(file) };
}

export function metricsOf(step: number) {
  return {
    phase: 'student',
    seed: 1,
    epoch: 0,
    step,
    split: 'train',
    values: { loss: 1 / (step + 1) },
  } as const;
}

export function checkpointAt(seq: number, values: readonly number[] = [seq, 2, 3]): Checkpoint {
  const meta: CheckpointMeta = {
    phase: 'student',
    seed: 1,
    job: 1,
    epoch: 0,
    stepInEpoch: seq,
    step: seq,
    seq,
    loop: { runningLoss: 0.5 },
  };
  return {
    meta,
    tensors: {
      'student/conv/kernel': { shape: [values.length], data: Float32Array.from(values) },
      'student/count': { shape: [], data: Int32Array.of(seq) },
    },
    best: {},
  };
}

/** Best weights of an epoch, told apart by it. */
export function bestAt(epoch: number): BestWeights {
  return {
    model: 'student-1',
    epoch,
    score: epoch / 100,
    values: { accuracy: epoch / 100, 'loss/ce': 'NaN' },
    tensors: { 'conv/kernel': { shape: [2], data: Float32Array.of(epoch, -0) } },
  };
}
