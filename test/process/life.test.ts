import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  connectEngine,
  queueAgain,
  requestStop,
  RunStore,
  runsElsewhere,
  stopNow,
} from '../../src/runs/index.ts';
import { type Harness, untilStatus } from './harness.ts';
import { eachWithStandIn } from './stand-in.ts';

let bundles = '';
let harness: Harness;
eachWithStandIn((made, folder) => {
  harness = made;
  bundles = folder;
});

const LONG = { steps: 100_000 };

describe('an engine', () => {
  it('runs to the end by itself and says so', async () => {
    const run = harness.newRun();
    const { exited, pid } = await harness.launch(run);
    expect(await exited).toEqual({ code: 0, signal: null });
    const record = run.record();
    expect(record).toMatchObject({ status: 'completed', process: { pid } });
    expect(run.metrics().map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, i) => i));
    expect(run.models()).toEqual(['student-1', 'teacher-1']);
    expect(existsSync(record.process?.socket ?? '')).toBe(false);
    expect(run.isAlive()).toBe(false);
  });

  it('finishes the step and writes a checkpoint when it is asked to stop over the socket', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    expect(await requestStop(run)).toBe('socket');
    expect(await exited).toEqual({ code: 3, signal: null });
    expect(run.status()).toBe('stopped');
    expect(run.events().at(-1)).toMatchObject({ kind: 'checkpoint', seq: run.metrics().length });
  });

  it('stops through the file where there is no socket', async () => {
    const run = harness.newRun();
    // The place of the sockets is a file: no socket can be made there.
    const blocked = join(dirname(run.path), 'blocked');
    writeFileSync(blocked, '');
    const { exited } = await harness.launch(run, LONG, { XDG_RUNTIME_DIR: blocked });
    await untilStatus(run, 'running');
    expect(await requestStop(run)).toBe('file');
    expect((await exited).code).toBe(3);
    expect(run.events()[0]).toMatchObject({
      kind: 'warning',
      message: expect.stringContaining('no control socket') as string,
    });
  });

  it('tells other folders of itself while it works; where it cannot, its log says so', async () => {
    const elsewhere = new RunStore(dirname(dirname(harness.folder)));
    const seen = () => runsElsewhere(elsewhere, null).map(({ run, pid }) => [run.path, pid]);
    const run = harness.newRun();
    const { exited, pid } = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    expect(seen()).toEqual([[run.path, pid]]);
    await requestStop(run);
    await exited;
    expect(seen()).toEqual([]);
    expect(run.log()).not.toContain('KD_WORKING');
    // A file stands where the folder should be.
    const blocked = join(dirname(run.path), 'blocked');
    writeFileSync(blocked, '');
    const alone = harness.newRun();
    await (
      await harness.launch(alone, {}, { KD_WORKING: join(blocked, 'working') })
    ).exited;
    expect(alone.status()).toBe('completed');
    expect(alone.log()).toMatch(/do not see this one: .*blocked.*KD_WORKING/);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('takes %s for a request to stop', async (signal) => {
    const run = harness.newRun();
    const { exited, pid } = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    process.kill(pid, signal);
    expect(await exited).toEqual({ code: 3, signal: null });
    expect(run.status()).toBe('stopped');
  });

  it('is ended at once by stopping now, and the last checkpoint stays', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    await stopNow(run);
    expect((await exited).signal).toBe('SIGKILL');
    expect(run.status()).toBe('stopped');
    expect(run.record().finishedAt).toBeDefined();
  });

  it('that was asked to stop before it ran, stops with nothing done', async () => {
    const run = harness.newRun();
    await requestStop(run);
    const { exited } = await harness.launch(run, LONG);
    expect((await exited).code).toBe(3);
    expect(run.metrics().length).toBeLessThan(LONG.steps);
    queueAgain(run);
    expect(run.stopRequested).toBe(false);
  });

  it('says what went wrong inside it, keeps its stack in the log only, and can be resumed', async () => {
    const run = harness.newRun();
    expect((await (await harness.launch(run, { fault: 'defect' })).exited).code).toBe(1);
    expect(run.record()).toMatchObject({ status: 'failed', failure: { code: 'KD5000' } });
    expect(run.stderr()).not.toMatch(/^\s+at /m);
    expect(run.log()).toMatch(/TypeError: state is not iterable\n.*\n?.* +at /);
    queueAgain(run);
    expect(run.record().failure).toBeUndefined();
    expect((await (await harness.launch(run)).exited).code).toBe(0);
  });

  it('also ends in words where an error escapes from a callback', async () => {
    const run = harness.newRun();
    expect((await (await harness.launch(run, { fault: 'escape' })).exited).code).toBe(1);
    expect(run.record().failure?.message).toContain('thrown in a callback');
  });

  it('that vanished is seen as interrupted at once', async () => {
    const run = harness.newRun();
    expect((await (await harness.launch(run, { fault: 'exit' })).exited).code).toBe(77);
    expect(run.record().status).toBe('running');
    expect(run.status()).toBe('interrupted');
  });

  it('refuses a run that another engine works on, and leaves that one alone', async () => {
    const run = harness.newRun();
    const first = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    expect(() => queueAgain(run)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'KD5004' }) as unknown }),
    );
    const second = await harness.launch(run, LONG);
    expect((await second.exited).code).toBe(1);
    expect(run.stderr()).toContain('KD5004');
    expect(run.record().process?.pid).toBe(first.pid);
    expect(run.status()).toBe('running');
  });

  it('is only one where several are started in the same instant', async () => {
    const run = harness.newRun();
    const engines = await Promise.all([1, 2, 3].map(() => harness.launch(run)));
    const codes = await Promise.all(engines.map(({ exited }) => exited.then(({ code }) => code)));
    expect(codes.sort()).toEqual([0, 1, 1]);
    expect(run.metrics()).toHaveLength(80);
  });

  it('is not started without permission', async () => {
    const run = harness.newRun();
    const { launchEngine, thisNode } = await import('../../src/runs/index.ts');
    const launch = { directory: run.path, enginePath: join(bundles, 'engine.cjs'), node: thisNode() };
    await expect(launchEngine({ ...launch, permission: () => false })).rejects.toMatchObject({
      problem: { code: 'KD5018' },
    });
    expect(run.record().status).toBe('queued');
  });

  it('keeps its heartbeat fresh', async () => {
    const run = harness.newRun();
    await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    expect(Date.now() - statSync(join(run.path, 'heartbeat')).mtimeMs).toBeLessThan(5_000);
  });
});

describe('the control socket', () => {
  it('serves several clients, lies in a private folder, and refuses a wrong token', async () => {
    const run = harness.newRun();
    await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    const engine = run.record().process;
    if (engine === undefined) throw new Error('no engine');
    expect(statSync(dirname(engine.socket)).mode & 0o077).toBe(0);
    const clients = await Promise.all([connectEngine(engine), connectEngine(engine)]);
    for (const client of clients) expect(await client.request('ping', {})).toEqual({ request: 'none' });
    await expect(connectEngine({ ...engine, token: 'guess' })).rejects.toThrow(/token/);
    for (const client of clients) client.close();
    expect(readFileSync(join(run.path, 'run.json'), 'utf8')).toContain(engine.token);
    expect(run.status()).toBe('running');
  });
});
