import { spawn } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queueAgain, requestStop, type RunDirectory } from '../../src/runs/index.ts';
import { comparable, type Harness, until } from './harness.ts';
import { eachWithStandIn } from './stand-in.ts';

/** A checkpoint has 160 kB, and so have best weights; everything else stays far below the limit. */
const SETTINGS = { steps: 40, checkpointEvery: 5, stepMilliseconds: 1, values: 40_000 };
const LIMIT_KILOBYTES = 100;

let bundles = '';
let harness: Harness;
eachWithStandIn((made, folder) => {
  harness = made;
  bundles = folder;
});

/** Starts the engine where no file may grow beyond the limit: the system refuses such writes as it does on a full disk. */
function runWithFullDisk(run: RunDirectory): Promise<{ code: number | null; stderr: string }> {
  const engine = join(bundles, 'engine.cjs');
  const script = 'ulimit -f "$1"; exec "$2" "$3" train "$4"';
  const args = ['-c', script, 'bash', String(LIMIT_KILOBYTES), process.execPath, engine, run.path];
  const child = spawn('bash', args, {
    env: { ...process.env, KD_STAND_IN: JSON.stringify(SETTINGS) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}

describe.skipIf(process.platform === 'win32')('a disk that is full while a checkpoint is written', () => {
  it('ends the run in words with the last good checkpoint kept, and nothing of it is lost', async () => {
    const calm = harness.newRun();
    await (
      await harness.launch(calm, SETTINGS)
    ).exited;

    const run = harness.newRun();
    const first = await harness.launch(run, { ...SETTINGS, stepMilliseconds: 20 });
    await until('a checkpoint', () => run.events().some(({ kind }) => kind === 'checkpoint'));
    await requestStop(run);
    await first.exited;
    const good = readdirSync(join(run.path, 'checkpoints'));
    queueAgain(run);

    const { code, stderr } = await runWithFullDisk(run);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^KD5005 .*(checkpoints|best).*disk is full/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(run.record()).toMatchObject({
      status: 'failed',
      failure: { code: 'KD5005', help: expect.stringContaining('kd resume') as string },
    });
    expect(readdirSync(join(run.path, 'checkpoints'))).toEqual(good);

    queueAgain(run);
    expect((await (await harness.launch(run, SETTINGS)).exited).code).toBe(0);
    expect(comparable(run.metrics())).toEqual(comparable(calm.metrics()));
    expect(run.model('student-1')).toEqual(calm.model('student-1'));
  });
});

describe.skipIf(process.platform === 'win32')('a run directory that cannot be written to', () => {
  it('ends the engine in words before anything is touched', async () => {
    const run = harness.newRun();
    // Root may write everywhere, so the engine runs as another user there.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    for (const folder of [run.path, join(run.path, '..'), join(run.path, '..', '..')])
      chmodSync(folder, 0o555);
    chmodSync(join(run.path, '..', '..', '..'), 0o755);
    chmodSync(join(run.path, 'run.json'), 0o644);
    chmodSync(bundles, 0o755);
    const child = spawn(process.execPath, [join(bundles, 'engine.cjs'), 'train', run.path], {
      ...nobody,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    for (const folder of [join(run.path, '..', '..'), join(run.path, '..'), run.path])
      chmodSync(folder, 0o755);
    expect(stderr).toMatch(/KD5006 .*cannot be written/);
    expect(code).not.toBe(0);
    expect(run.record().status).toBe('queued');
    expect(readdirSync(run.path).sort()).toEqual(['config.yaml', 'run.json']);
  });
});
