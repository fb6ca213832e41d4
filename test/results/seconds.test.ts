import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { secondsOfTraining, type RunRecord, type State } from '../../scripts/lib/results/trained.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kd-seconds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STATE = { key: '', asked: '', run: 'r', command: '', commit: '', machine: '' } as State;

/** A run with these phases: milliseconds a step, by phase and seed. */
function recordOf(phases: readonly (readonly [phase: string, milliseconds: number])[]): RunRecord {
  return {
    id: 'r',
    results: { phases: phases.map(([phase, millisecondsPerStep]) => ({ phase, millisecondsPerStep })) },
  } as unknown as RunRecord;
}

describe('the seconds of a training', () => {
  const directory = join(folder, '.kd', 'runs', 'r');
  mkdirSync(directory, { recursive: true });
  const lines = [
    { phase: 'teacher', step: 100 },
    { phase: 'student', step: 500 },
    { phase: 'student', step: 1000 },
  ];
  writeFileSync(join(directory, 'metrics.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

  it('are those of the longest phase, in the fastest of its seeds', () => {
    const record = recordOf([
      ['teacher', 12],
      ['student', 9],
      ['student', 4],
      ['student', 7],
    ]);
    expect(secondsOfTraining(folder, STATE, record)).toBe(4);
    expect(secondsOfTraining(folder, STATE, recordOf([['teacher', 60], ['student', 4]]))).toBe(6); // prettier-ignore
  });

  it('are those of the training that confirmed the row, where that was faster', () => {
    const record = recordOf([['student', 4]]);
    expect(secondsOfTraining(folder, { ...STATE, seconds: 3 }, record)).toBe(3);
    expect(secondsOfTraining(folder, { ...STATE, seconds: 5 }, record)).toBe(4);
  });

  it('are unknown of a run that came to no result', () => {
    expect(secondsOfTraining(folder, STATE, { id: 'r' } as RunRecord)).toBeNull();
  });
});
