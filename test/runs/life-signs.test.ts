import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/protocol/records.ts';
import { lockHolder, lockRun } from '../../src/runs/lock.ts';
import { beat, isRunning, isSilent } from '../../src/runs/liveness.ts';
import { startTimeOf, thisProcess } from '../../src/runs/processes.ts';
import { nextStatus, trueStatus } from '../../src/runs/status.ts';
import { newRun, scratchFolder } from './scratch.ts';

const self = thisProcess();

describe('whether a process lives', () => {
  it('is told by pid and start time together', () => {
    const folder = scratchFolder();
    expect(isRunning(self, folder)).toBe(true);
    expect(isRunning({ ...self, startTime: '1' }, folder)).toBe(false);
    expect(isRunning({ ...self, pid: 2 ** 22 - 1 }, folder)).toBe(false);
  });

  it('is not claimed of one that has ended, even before it is reaped', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const { pid = 0 } = child;
    const startTime = startTimeOf(pid) ?? '';
    await new Promise((resolve) => child.once('exit', resolve));
    expect(isRunning({ ...self, pid, startTime }, scratchFolder())).toBe(false);
  });

  it('is told by the heartbeat where pids mean nothing', () => {
    const folder = scratchFolder();
    const elsewhere = { ...self, scope: 'another machine' };
    expect(isRunning(elsewhere, folder)).toBe(false);
    beat(folder);
    expect(isRunning(elsewhere, folder)).toBe(true);
    const old = new Date(Date.now() - 60_000);
    utimesSync(join(folder, 'heartbeat'), old, old);
    expect(isRunning(elsewhere, folder)).toBe(false);
  });
});

describe('an engine that gives no sign of life', () => {
  it('is told by the age of its last beat, also where the clock was set back since', () => {
    const folder = scratchFolder();
    beat(folder);
    const silent = (scope: string) =>
      [-60_000, -3_000, 3_000, 3_600_000].map((milliseconds) => {
        const time = new Date(Date.now() + milliseconds);
        utimesSync(join(folder, 'heartbeat'), time, time);
        return isSilent({ ...self, scope }, folder);
      });
    expect(silent(self.scope)).toEqual([true, false, false, true]);
    // Clocks of two machines differ.
    expect(silent('another machine')).toEqual([true, false, false, false]);
  });
});

describe('the lock of a run', () => {
  it('is held by one at a time', () => {
    const { path } = newRun();
    const lock = lockRun(path);
    expect(lockHolder(path)).toMatchObject({ pid: process.pid });
    expect(() => lockRun(path)).toThrow(/is working on this run/);
    lock.release();
    expect(lockHolder(path)).toBeNull();
    lockRun(path).release();
  });

  it('is taken over from dead processes, and from claims that are damaged', () => {
    const { path } = newRun();
    const folder = join(path, 'locks');
    mkdirSync(folder);
    writeFileSync(join(folder, 'dead.json'), JSON.stringify({ ...self, startTime: '1' }));
    writeFileSync(join(folder, 'torn.json'), '{"pid":');
    const lock = lockRun(path);
    expect(readdirSync(folder)).toHaveLength(1);
    lock.release();
  });
});

describe('the status of a run', () => {
  const record = (status: RunRecord['status'], createdAt = new Date().toISOString()) =>
    ({ status, createdAt }) as RunRecord;

  it('is interrupted where the record speaks of an engine that is gone', () => {
    expect(trueStatus(record('running'), true)).toBe('running');
    expect(trueStatus(record('running'), false)).toBe('interrupted');
    expect(trueStatus(record('stopping'), false)).toBe('interrupted');
    expect(trueStatus(record('completed'), false)).toBe('completed');
  });

  it('stays queued for a while, until no engine can be expected any more', () => {
    expect(trueStatus(record('queued'), false)).toBe('queued');
    expect(trueStatus(record('queued', '2020-01-01T00:00:00Z'), false)).toBe('interrupted');
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect(trueStatus(record('queued', future), false), 'the clock was set back').toBe('interrupted');
    const again = { ...record('queued', '2020-01-01T00:00:00Z'), queuedAt: new Date().toISOString() };
    expect(trueStatus(again, false)).toBe('queued');
  });

  it('never leaves completed', () => {
    for (const status of ['queued', 'running', 'failed', 'stopped'] as const) {
      expect(() => nextStatus('completed', status)).toThrow();
    }
  });
});
