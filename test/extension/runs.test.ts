import { describe, expect, it } from 'vitest';
import { endingText } from '../../src/extension/runs/ending-text.ts';
import { currentRun, entryOf, expected, newestRunOf, sortRuns } from '../../src/extension/runs/run-entry.ts';
import { plainText } from '../../src/extension/plain-text.ts';
import { statusText } from '../../src/extension/runs/status-text.ts';
import { runRow } from '../../src/extension/runs/tree-model.ts';
import { RUN_STATUSES, type RunRecord } from '../../src/protocol/records.ts';
import { BEATS, entry, HALF_WAY, recordOf } from './records.ts';

describe('the list of runs', () => {
  it('has the newest first, and counts where the day is the same', () => {
    const early = entry('digits-2', 'completed', { createdAt: '2026-01-01T00:00:00.000Z' });
    const late = entry('digits-10', 'completed', { createdAt: '2026-01-01T00:00:00.000Z' });
    const later = entry('a', 'completed', { createdAt: '2026-01-02T00:00:00.000Z' });
    expect(sortRuns([early, later, late]).map(({ record }) => record.id)).toEqual([
      'a',
      'digits-10',
      'digits-2',
    ]);
  });

  it('finds the newest run of a config and the newest that works', () => {
    const runs = [
      entry('c', 'completed', { config: '/project/other.kd.yaml' }),
      entry('b', 'running'),
      entry('a', 'queued'),
    ];
    expect(newestRunOf(runs, '/project/digits.kd.yaml')?.record.id).toBe('b');
    expect(newestRunOf(runs, '/project/unknown.kd.yaml')).toBeNull();
    expect(currentRun(runs)?.record.id).toBe('b');
    expect(currentRun([entry('a', 'interrupted')])).toBeNull();
  });
});

describe('a run that was expected to end', () => {
  const directory = (id: string) => `/project/.kd/runs/${id}`;

  it('is announced once it has ended, and no other', () => {
    const runs = [entry('new', 'running'), entry('done', 'completed'), entry('old', 'completed')];
    const { ended, waiting } = expected([directory('done')], runs, () => true);
    expect(ended.map(({ record }) => record.id)).toEqual(['done']);
    expect(waiting).toEqual([directory('new')]);
  });

  it('is still expected while it only paused, or is not listed yet after a reload', () => {
    expect(expected([directory('a')], [entry('a', 'paused')], () => true).waiting).toEqual([directory('a')]);
    expect(expected([directory('a')], [], () => true).waiting).toEqual([directory('a')]);
    expect(expected([directory('a')], [], () => false)).toEqual({ ended: [], waiting: [] });
  });
});

describe('the status bar', () => {
  it('is empty while nothing works', () => {
    expect(statusText([])).toBeNull();
    expect(statusText([entry('a', 'completed')])).toBeNull();
  });

  it('shows where the current run stands, and that there are others', () => {
    const runs = [entry('b', 'running', { progress: HALF_WAY }), entry('a', 'queued', { waiting: true })];
    const status = statusText(runs);
    expect(status?.text).toBe('$(sync~spin) KD student 3/30 · 42 % +1');
    expect(status?.tooltip).toContain('2 min left\n1 more, 1 of them in the queue\n');
    expect(status?.directory).toBe('/project/.kd/runs/b');
  });

  it('draws no icon that a record has smuggled into a name', () => {
    const progress = { ...HALF_WAY, phase: '$(bug)' };
    expect(statusText([entry('a', 'running', { progress })])?.text).toBe(
      '$(sync~spin) KD $ (bug) 3/30 · 42 %',
    );
  });

  it('says that a run is starting before it has progress', () => {
    expect(statusText([entry('a', 'running')])?.text).toBe('$(sync~spin) KD starting');
    expect(statusText([entry('a', 'paused', { progress: HALF_WAY })])?.text).toBe(
      '$(debug-pause) KD paused 3/30 · 42 %',
    );
  });
});

describe('a row of the Runs view', () => {
  it('offers to stop what works, to resume what waits or can go on, and neither for what is complete', () => {
    const items = Object.fromEntries(RUN_STATUSES.map((status) => [status, runRow(entry('a', status)).item]));
    expect(items).toEqual({
      queued: 'kd.run.active',
      running: 'kd.run.active',
      pausing: 'kd.run.paused',
      paused: 'kd.run.paused',
      stopping: 'kd.run.active',
      stopped: 'kd.run.resumable',
      completed: 'kd.run.done',
      failed: 'kd.run.resumable',
      interrupted: 'kd.run.resumable',
    });
  });

  it('that waits in the queue says so, and can be taken out', () => {
    const row = runRow(entry('a', 'queued', { waiting: true }));
    expect(row).toMatchObject({ item: 'kd.run.waiting', description: 'in the queue' });
    expect(currentRun([entry('a', 'queued', { waiting: true })])).toBeNull();
  });

  it('has an icon of its own for each verdict, and words beside every icon', () => {
    const icons = (['BEATS', 'NO BEATS', 'INCONCLUSIVE'] as const).map((verdict) => {
      const row = runRow(
        entry('a', 'completed', { results: { phases: [], verdict: { ...BEATS, verdict } } }),
      );
      expect(row.description).toBe(verdict);
      expect(row.spoken).toContain(verdict);
      return row.icon.name;
    });
    expect(new Set(icons).size).toBe(3);
  });

  it('stays in the list when its record holds nonsense', () => {
    const broken = {
      ...recordOf('a'),
      progress: { phase: 3 },
      results: { phases: 'none', verdict: { verdict: 'BEATS' } },
      failure: [],
    } as unknown as RunRecord;
    for (const status of RUN_STATUSES) {
      expect(runRow(entryOf('/r', broken, status)).label).toBe('a');
      expect(endingText(entryOf('/r', broken, status)).message).toContain('Digits');
    }
  });
});

describe('the notification at the end', () => {
  it('carries the verdict, the failure with its next step, or the way to go on', () => {
    const completed = entry('a', 'completed', { results: { phases: [], verdict: BEATS } });
    expect(endingText(completed)).toEqual({
      severity: 'information',
      message: 'Digits: BEATS the baseline: +0.8 points accuracy [+0.3, +1.3]',
    });
    const failed = entry('a', 'failed', {
      failure: { code: 'KD4001', message: 'loss is NaN', help: 'lower the rate' },
    });
    expect(endingText(failed)).toEqual({
      severity: 'error',
      message: 'Digits failed: loss is NaN. Next: lower the rate',
    });
    expect(endingText(entry('a', 'interrupted'))).toEqual({
      severity: 'warning',
      message: 'Digits was interrupted: its process is gone. Resume goes on from the last checkpoint.',
    });
    expect(endingText(entry('a', 'stopped')).message).toContain('Resume');
  });

  it('says why a run was interrupted where that was seen, and never at the cost of the next step', () => {
    const help = 'close other programs; go on from the last checkpoint with `kd resume a`';
    const crashed = (message: string) =>
      endingText(entry('a', 'interrupted', { failure: { code: 'KD5021', message, help } })).message;
    expect(crashed('the engine ended (signal SIGKILL)')).toBe(
      `Digits was interrupted: the engine ended (signal SIGKILL). Next: ${help}`,
    );
    const long = plainText(crashed('x'.repeat(10_000)));
    expect(long).toContain(`x…. Next: ${help}`);
    expect(long).not.toMatch(/…$/);
  });
});
