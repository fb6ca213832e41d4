import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunChange, RunDirectory } from '../../src/runs/index.ts';
import { thisProcess } from '../../src/runs/processes.ts';
import { checkpointAt, metricsOf, newRun, openRun } from './scratch.ts';

/** Follows in the background; `seen` is what an obedient reader holds. */
function reader(run: RunDirectory, options = {}) {
  const abort = new AbortController();
  const changes: RunChange[] = [];
  const seqs: number[] = [];
  const done = (async () => {
    for await (const change of run.follow({ signal: abort.signal, pollMilliseconds: 10, ...options })) {
      changes.push(change);
      if (change.type === 'cut' && change.stream === 'metrics') seqs.length = change.from;
      if (change.type === 'metrics') seqs.push(...change.records.map(({ seq }) => seq));
    }
  })();
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { changes, seqs, done, until, stop: () => abort.abort() };
}

describe('following a run', () => {
  it('tells what is there, then what comes, and ends with the record that says that it has ended', async () => {
    const run = newRun();
    const { file, writer } = openRun(run);
    file.become('running', { process: { ...thisProcess(), socket: '', token: '' } });
    writer.metrics(metricsOf(0));
    const { changes, seqs, done, until } = reader(run, { untilFinal: true });
    await until(() => seqs.length === 1);
    writer.metrics(metricsOf(1));
    writer.verdict({
      verdict: 'INCONCLUSIVE',
      metric: 'accuracy',
      difference: 0,
      unit: 'points',
      interval: null,
      level: 0.95,
      pairs: 1,
      test: 't',
    });
    file.become('completed');
    await done;
    expect(changes[0]).toMatchObject({ type: 'record' });
    expect(seqs).toEqual([0, 1]);
    expect(changes.some(({ type }) => type === 'verdict')).toBe(true);
    expect(changes.at(-1)).toMatchObject({ type: 'record', status: 'completed' });
  });

  it('announces that a resumed run was cut back', async () => {
    const run = newRun();
    const { writer } = openRun(run);
    for (let step = 0; step < 3; step += 1) writer.metrics(metricsOf(step));
    writer.checkpoint(checkpointAt(3));
    for (let step = 3; step < 6; step += 1) writer.metrics(metricsOf(step));
    const { changes, seqs, done, until, stop } = reader(run, { streams: ['metrics'] });
    await until(() => seqs.length === 6);
    const resumed = openRun(run).writer;
    for (let step = 3; step < 12; step += 1) resumed.metrics(metricsOf(step));
    await until(() => seqs.length === 12);
    stop();
    await done;
    expect(seqs).toEqual(Array.from({ length: 12 }, (_, i) => i));
    const cut = changes.find(({ type }) => type === 'cut');
    expect(cut).toMatchObject({ stream: 'metrics' });
    expect((cut as { from: number }).from).toBeLessThanOrEqual(3);
  });

  it('says once when it has caught up, after the history and before anything new', async () => {
    const run = newRun();
    const { writer } = openRun(run);
    writer.metrics(metricsOf(0));
    let caughtUpAt = -1;
    const { seqs, done, until, stop } = reader(run, { onCaughtUp: () => (caughtUpAt = seqs.length) });
    await until(() => caughtUpAt !== -1);
    expect(caughtUpAt).toBe(1);
    stop();
    await done;
  });

  it('does not yield a line before it is whole', async () => {
    const run = newRun();
    openRun(run);
    const path = join(run.path, 'metrics.jsonl');
    const line = JSON.stringify({ seq: 0, time: 1, ...metricsOf(0) });
    const { changes, seqs, done, until, stop } = reader(run);
    await until(() => changes.length > 0);
    appendFileSync(path, line.slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seqs).toEqual([]);
    appendFileSync(path, `${line.slice(20)}\n`);
    await until(() => seqs.length === 1);
    stop();
    await done;
  });

  it('ends when it is told to', async () => {
    const { changes, done, until, stop } = reader(newRun());
    await until(() => changes.length > 0);
    stop();
    await expect(done).resolves.toBeUndefined();
  });
});
