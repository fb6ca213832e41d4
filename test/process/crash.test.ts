import { describe, expect, it } from 'vitest';
import { queueAgain, settleAfterExit } from '../../src/runs/index.ts';
import { type Harness, until, untilStatus } from './harness.ts';
import { eachWithStandIn } from './stand-in.ts';

let harness: Harness;
eachWithStandIn((made) => {
  harness = made;
});

describe('the report of an engine that vanished', () => {
  it.each([
    ['exit', { exitCode: 77, signal: null, cause: 'unknown' }, /exit code 77/, /kd resume/],
    [
      'memory',
      { exitCode: null, signal: 'SIGABRT', cause: 'memory' },
      /heap out of memory/,
      /batchSize.*kd resume/,
    ],
  ] as const)(
    'of fault "%s" says how it ended, its last lines, the likely cause and the next step',
    async (fault, crash, message, help) => {
      const run = harness.newRun();
      const { exited } = await harness.launch(run, { fault });
      settleAfterExit(run, await exited);
      const record = run.record();
      expect(record).toMatchObject({ status: 'interrupted', crash, failure: { code: 'KD5021' } });
      expect(record.failure?.message).toMatch(message);
      expect(record.failure?.help).toMatch(help);
      expect(record.crash?.lastLines.at(-1)).toContain('checkpoint at step');
      expect(Math.abs(Date.now() - Date.parse(record.crash?.lastSign ?? ''))).toBeLessThan(30_000);
      queueAgain(run);
      expect(run.record().crash).toBeUndefined();
    },
  );

  it('is there also where nobody saw it end', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, { fault: 'memory' });
    await exited;
    expect(run.record().status).toBe('running');
    expect(run.crash()).toMatchObject({ exitCode: null, signal: null, cause: 'memory' });
    expect((await harness.launch(harness.newRun())).pid).toBeGreaterThan(0);
  });

  it('is none for a run that works or has ended in words', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, { steps: 100_000 });
    await untilStatus(run, 'running');
    expect(run.crash()).toBeNull();
    process.kill(run.record().process?.pid ?? 0, 'SIGTERM');
    await exited;
    expect(run.crash()).toBeNull();
  });
});

it(
  'an engine that stands still is noticed within seconds, and so is its return',
  { timeout: 60_000 },
  async () => {
    const run = harness.newRun();
    const { pid } = await harness.launch(run, { steps: 100_000 });
    await until('records', () => run.metrics().length > 0);
    const seen: { silent: boolean; after: number }[] = [];
    const abort = new AbortController();
    const began = performance.now();
    process.kill(pid, 'SIGSTOP');
    let woken = false;
    for await (const change of run.follow({ streams: [], signal: abort.signal, pollMilliseconds: 100 })) {
      if (change.type !== 'record' || seen.at(-1)?.silent === change.silent) continue;
      seen.push({ silent: change.silent, after: performance.now() - began });
      if (change.silent) {
        expect(run.status()).toBe('running');
        process.kill(pid, 'SIGCONT');
        woken = true;
      } else if (woken) abort.abort();
    }
    expect(seen.map(({ silent }) => silent)).toEqual([false, true, false]);
    expect(seen[1]?.after).toBeLessThan(15_000);
  },
);
