import type { RunRecord, RunStatus, Verdict } from '../../src/protocol/records.ts';
import type { RunEntry } from '../../src/extension/runs/run-entry.ts';

export const BEATS: Verdict = {
  verdict: 'BEATS',
  metric: 'accuracy',
  difference: 0.8,
  unit: 'points',
  interval: [0.3, 1.3],
  level: 0.95,
  pairs: 3,
  test: 'paired t',
};

export function recordOf(id: string, change: Partial<RunRecord> = {}): RunRecord {
  return {
    formatVersion: 1,
    id,
    name: 'Digits',
    config: '/project/digits.kd.yaml',
    root: '/project',
    configHash: '0',
    overrides: [],
    seeds: [1, 2, 3],
    status: 'running',
    createdAt: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

export function entry(id: string, status: RunStatus, change: Partial<RunRecord> = {}): RunEntry {
  return { directory: `/project/.kd/runs/${id}`, record: recordOf(id, change), status };
}

export const HALF_WAY = {
  phase: 'student',
  seed: 2,
  epoch: 2,
  epochs: 30,
  step: 640,
  done: 0.425,
  secondsLeft: 130,
};
