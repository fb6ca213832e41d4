import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  queueAgain,
  requestPause,
  requestResume,
  requestStop,
  RunDirectory,
  stopNow,
  stopWithin,
} from '../../src/runs/index.ts';
import { whileControlling } from '../../src/runs/lock.ts';
import { comparable, type Harness, until, untilStatus } from './harness.ts';
import { eachWithStandIn } from './stand-in.ts';

let harness: Harness;
eachWithStandIn((made) => {
  harness = made;
});

const LONG = { steps: 100_000 };
const SHORT = { steps: 60 };
const code = (expected: string): unknown =>
  expect.objectContaining({ problem: expect.objectContaining({ code: expected }) as unknown });

describe('a pause', () => {
  it('comes with a checkpoint, lets nothing happen, and changes no number of the run', async () => {
    const calm = harness.newRun();
    await (
      await harness.launch(calm, SHORT)
    ).exited;
    const run = harness.newRun();
    const { exited } = await harness.launch(run, { ...SHORT, stepMilliseconds: 10 });
    await until('some steps', () => run.metrics().length > 5);
    expect(await requestPause(run)).toBe('socket');
    await untilStatus(run, 'paused');
    const known = run.metrics().length;
    expect(run.events().findLast(({ kind }) => kind === 'checkpoint')).toMatchObject({ seq: known });
    // Longer than the engine takes to look at the files again.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect([run.status(), run.metrics().length]).toEqual(['paused', known]);
    expect(await requestResume(run)).toBe('socket');
    expect((await exited).code).toBe(0);
    expect(comparable(run.metrics())).toEqual(comparable(calm.metrics()));
    expect(run.model('student-1')).toEqual(calm.model('student-1'));
  });

  it('can be asked for by a file in the run directory, and is over when the file is gone', async () => {
    const run = harness.newRun();
    await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    writeFileSync(join(run.path, 'pause'), '');
    await untilStatus(run, 'paused');
    rmSync(join(run.path, 'pause'));
    await untilStatus(run, 'running');
    writeFileSync(join(run.path, 'stop'), '');
    await untilStatus(run, 'stopped');
    await until('the file to be gone', () => !existsSync(join(run.path, 'stop')));
  });

  it('ends with a stop, and leaves nothing behind that a resumed run would wait for', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    await requestPause(run);
    await untilStatus(run, 'paused');
    await requestStop(run);
    expect((await exited).code).toBe(3);
    expect(run.status()).toBe('stopped');
    queueAgain(run);
    await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    await until('more steps', () => run.metrics().length > 5);
  });

  it('that is killed goes on from its checkpoint', async () => {
    const run = harness.newRun();
    const { exited, pid } = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    await requestPause(run);
    await untilStatus(run, 'paused');
    const known = run.metrics().length;
    process.kill(pid, 'SIGKILL');
    await exited;
    expect(run.status()).toBe('interrupted');
    queueAgain(run);
    await (
      await harness.launch(run, { steps: known + 5 })
    ).exited;
    expect(run.events().find(({ kind }) => kind === 'resume')).toMatchObject({ seq: known });
  });
});

describe('a stop in stages', () => {
  it('is over with the first where the engine finishes its step', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    expect(await stopWithin(run, 20_000)).toBe('asked');
    expect((await exited).code).toBe(3);
    expect(run.events().at(-1)).toMatchObject({ kind: 'checkpoint', seq: run.metrics().length });
  });

  it('ends an engine in order whose step takes too long', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, { ...LONG, stepMilliseconds: 600_000 });
    await until('a step', () => run.metrics().length > 0);
    expect(await stopWithin(run, 100)).toBe('terminated');
    expect(await exited).toEqual({ code: 3, signal: null });
    expect(run.status()).toBe('stopped');
    expect(run.log()).toContain('ended on request');
  });

  it('kills one whose thread hangs', async () => {
    const run = harness.newRun();
    const { exited } = await harness.launch(run, { steps: 20, fault: 'hang' });
    await until('the step that hangs', () => run.metrics().length === 10);
    expect(await stopWithin(run, 100)).toBe('killed');
    expect((await exited).signal).toBe('SIGKILL');
    expect(run.status()).toBe('stopped');
  }, 30_000);
});

describe('two windows on one run', () => {
  it('both read along, and one at a time controls it', async () => {
    const run = harness.newRun();
    await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    const other = new RunDirectory(run.path);
    await whileControlling(run.path, async () => {
      await expect(requestStop(other)).rejects.toEqual(code('KD5025'));
      await expect(stopNow(other)).rejects.toEqual(code('KD5025'));
      const before = other.metrics().length;
      await until('more records for the other', () => other.metrics().length > before);
    });
    expect(await requestPause(other)).toBe('socket');
    await untilStatus(run, 'paused');
  });

  it('are not held up by one that died while it was at it', async () => {
    const run = harness.newRun();
    const dead = { pid: process.pid, startTime: '1', host: 'here', scope: '' };
    await whileControlling(run.path, () => undefined);
    const scope = (await import('../../src/runs/processes.ts')).processScope();
    writeFileSync(join(run.path, 'control', 'dead.json'), JSON.stringify({ ...dead, scope }));
    await expect(requestStop(run)).resolves.toBe('file');
  });
});

describe('an engine of another version of the product', () => {
  it('is read along, and neither asked nor killed', async () => {
    const run = harness.newRun();
    const { pid } = await harness.launch(run, LONG);
    await until('records', () => run.metrics().length > 0);
    // What an engine of the first version wrote: no number, and nothing of a pause.
    const seen = new RunDirectory(run.path);
    seen.record = () => {
      const record = new RunDirectory(run.path).record();
      if (record.process === undefined) return record;
      const { control, ...process } = record.process;
      expect(control).toBe(2);
      return { ...record, process };
    };
    for (const act of [requestStop, requestPause, requestResume, stopNow]) {
      await expect(act(seen)).rejects.toEqual(code('KD5026'));
    }
    await expect(stopWithin(seen, 0)).rejects.toEqual(code('KD5026'));
    expect(seen.status()).toBe('running');
    expect(seen.metrics().length).toBeGreaterThan(0);
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(existsSync(join(run.path, 'stop'))).toBe(false);
    // The way that every version knows.
    writeFileSync(join(run.path, 'stop'), '');
    await untilStatus(run, 'stopped');
  });

  it('refuses a greeting of a version that it does not speak', async () => {
    const run = harness.newRun();
    await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    const engine = run.record().process;
    const { createMessageConnection, StreamMessageReader, StreamMessageWriter } =
      await import('vscode-jsonrpc/node');
    const { connect } = await import('node:net');
    const socket = connect(engine?.socket ?? '');
    const rpc = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
    rpc.listen();
    const hello = { version: 99, token: engine?.token };
    await expect(rpc.sendRequest('hello', hello)).rejects.toThrow(/speaks version 2/);
    await expect(rpc.sendRequest('stop', {})).rejects.toThrow(/hello/);
    rpc.dispose();
    socket.destroy();
    expect(run.status()).toBe('running');
  });
});

describe('a socket that somebody else listens on', () => {
  it('is not waited for: the file reaches the engine', async () => {
    const run = harness.newRun();
    await harness.launch(run, LONG);
    await untilStatus(run, 'running');
    const engine = run.record().process;
    if (engine === undefined) throw new Error('no engine');
    rmSync(engine.socket);
    const silent = createServer(() => undefined).listen(engine.socket);
    try {
      expect(await requestStop(run)).toBe('file');
      await untilStatus(run, 'stopped');
    } finally {
      silent.close();
      rmSync(engine.socket, { force: true });
    }
  }, 30_000);
});
