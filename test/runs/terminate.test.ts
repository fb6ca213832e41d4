import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startTimeOf, thisProcess, UNKNOWN_START } from '../../src/runs/processes.ts';
import { killTree, terminateTree } from '../../src/runs/terminate.ts';

const SLEEPS = 'setTimeout(() => {}, 60_000)';
/** Starts a child of its own, which ignores polite requests, and says who it is. */
const PARENT = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); ${SLEEPS}; console.log('up')"], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.once('data', () => console.log(child.pid));
  ${SLEEPS};
`;

async function family() {
  const parent = spawn(process.execPath, ['-e', PARENT], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const { scope, host } = thisProcess();
  const identity = (pid: number) => ({ pid, startTime: startTimeOf(pid) ?? UNKNOWN_START, scope, host });
  return { parent: identity(parent.pid ?? 0), child: identity(Number(said.toString())) };
}

const lives = ({ pid, startTime }: { readonly pid: number; readonly startTime: string }) =>
  startTimeOf(pid) === startTime;

describe('a process with a child of its own', () => {
  it('is ended with it', async () => {
    const { parent, child } = await family();
    expect([lives(parent), lives(child)]).toEqual([true, true]);
    expect(await killTree(parent)).toBe(true);
    await expect.poll(() => lives(child)).toBe(false);
  });

  it('is asked first, and what does not listen is killed', async () => {
    const { parent, child } = await family();
    expect(await terminateTree(parent)).toBe(true);
    expect(lives(child)).toBe(true);
    expect(await killTree(child)).toBe(true);
    expect(lives(child)).toBe(false);
  });

  it('is left alone where its pid means another process, or it lives on another machine', async () => {
    const { parent, child } = await family();
    expect(await killTree({ ...parent, startTime: '1' })).toBe(true);
    expect(await killTree({ ...parent, scope: 'another machine' })).toBe(false);
    expect([lives(parent), lives(child)]).toEqual([true, true]);
    await killTree(parent);
    await killTree(child);
  });
});
