import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MetricsRecord } from '../../src/protocol/records.ts';
import type { RunDirectory } from '../../src/runs/index.ts';
import { checkpointAt, newRun, openRun } from './scratch.ts';

const PROGRAM = join(import.meta.dirname, 'tensorboard_scalars.py');
const NO_TENSORBOARD =
  'no Python with TensorBoard (pip install tensorboard; another: KD_TENSORBOARD_PYTHON=/path/to/python)';
const SERVER_MS = 60_000;
/** Points that TensorBoard's server keeps of a tag unless it is told otherwise are fewer than these. */
const STEPS = 1500;

/** Wall time, step, value; what is no number is a word. */
type Point = readonly [number, number, number | string];
/** By run and tag. */
type Scalars = Record<string, Record<string, Point[]>>;

let python: string | null = null;
beforeAll(() => {
  const pythons = [process.env['KD_TENSORBOARD_PYTHON'], 'python3', '/usr/bin/python3'];
  const loads = (one: string) => spawnSync(one, ['-c', 'import tensorboard']).status === 0;
  python = pythons.find((one) => one !== undefined && loads(one)) ?? null;
});

/** A run of several phases that was killed behind its checkpoint and resumed. */
function killedAndResumed(): RunDirectory {
  const run = newRun();
  const first = openRun(run).writer;
  const record = (phase: string, step: number, split: MetricsRecord['split'] = 'train') => ({
    ...{ phase, seed: 1, split, epoch: Math.floor(step / 100), step },
    values: {
      loss: 1 / (step + 1),
      'loss/kd': step === 7 ? NaN : -1 - 3 * step,
      'grad norm ü': 1e-30 * step,
      tiny: 1e-42,
    },
  });
  for (const step of [0, 1, 70_000]) first.metrics(record('teacher', step));
  for (let step = 0; step < STEPS; step += 1) first.metrics(record('student', step));
  first.metrics(record('student', STEPS - 1, 'validation'));
  first.checkpoint(checkpointAt(run.metrics().length));
  for (let step = STEPS; step < STEPS + 40; step += 1) first.metrics(record('student', step));
  const second = openRun(run).writer;
  for (let step = STEPS; step < STEPS + 20; step += 1) second.metrics(record('student', step));
  second.metrics(record('student', STEPS + 19, 'validation'));
  second.close();
  return run;
}

/** JSON has no word of its own for what is no number. */
function worded([time, step, value]: Point): Point {
  return [time, step, Number.isFinite(value) ? value : String(value).toLowerCase()];
}

/** What the metrics of the run say; TensorBoard's values are single precision. */
function expectedOf(run: RunDirectory): Scalars {
  const scalars: Scalars = {};
  for (const { phase, seed, split, step, time, values } of run.metrics()) {
    const tags = (scalars[`${phase}-${seed}/${split}`] ??= {});
    for (const [tag, value] of Object.entries(values))
      (tags[tag] ??= []).push(worded([time, step, Math.fround(Number(value))]));
  }
  return scalars;
}

type Get = (path: string) => Promise<unknown>;

async function allScalars(get: Get): Promise<Scalars> {
  const all: Scalars = {};
  for (const [run, tags] of Object.entries((await get('tags')) as Record<string, object>)) {
    const own: Record<string, Point[]> = {};
    for (const tag of Object.keys(tags)) {
      const query = new URLSearchParams({ run, tag });
      own[tag] = ((await get(`scalars?${query.toString()}`)) as Point[]).map(worded);
    }
    all[run] = own;
  }
  return all;
}

async function served<T>(folder: string, ask: (get: Get) => Promise<T>): Promise<T> {
  const program = ['-m', 'tensorboard.main', '--logdir', folder, '--host', '127.0.0.1', '--port', '0'];
  const server = spawn(python ?? '', [...program, '--samples_per_plugin', 'scalars=1000000']);
  const ended = new Promise((resolve) => server.once('close', resolve));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      const listen = (text: Buffer) => {
        said += String(text);
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (found !== undefined) resolve(found);
      };
      server.stdout.on('data', listen);
      server.stderr.on('data', listen);
      server.once('close', () => reject(new Error(`TensorBoard ended: ${said}`)));
    });
    return await ask(async (path) => (await fetch(`${address}/data/plugin/scalars/${path}`)).json());
  } finally {
    server.kill();
    await ended;
  }
}

describe('TensorBoard itself', () => {
  it('reads every scalar of a resumed run with its step, time and value, and nothing else', (context) => {
    if (python === null) return context.skip(NO_TENSORBOARD);
    const run = killedAndResumed();
    const { status, stdout, stderr } = spawnSync(python, [PROGRAM, join(run.path, 'events')], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(JSON.parse(stdout)).toEqual(expectedOf(run));
  });

  it('serves the same to its page', async (context) => {
    if (python === null) return context.skip(NO_TENSORBOARD);
    const run = killedAndResumed();
    const expected = expectedOf(run);
    const seen = await served(join(run.path, 'events'), async (get) => {
      const until = Date.now() + SERVER_MS;
      // It reads the files while it serves.
      for (;;) {
        const all = await allScalars(get);
        if (isDeepStrictEqual(all, expected) || Date.now() > until) return all;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    });
    expect(seen).toEqual(expected);
  });
});
