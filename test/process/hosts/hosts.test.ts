import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/extension/ids.ts';
import type { RunDirectory } from '../../../src/runs/index.ts';
import { Workplace } from '../../cli/kd-process.ts';
import { bundleCommandLine, bundleHost, bundleOldStandIn } from '../build.ts';
import { until } from '../harness.ts';
import type { Look } from './host.ts';
import { Window, type WindowOptions } from './window.ts';

/** Two windows, or the old and the new host of a reloaded one, are processes of their own; so is the engine. */
const LONG = { steps: 100_000, stepMilliseconds: 5 };
const SHORT = { steps: 20, stepMilliseconds: 1 };

let programs = '';
let older = '';
let host = '';
beforeAll(async () => {
  programs = await bundleCommandLine();
  older = await bundleOldStandIn();
  host = await bundleHost();
});
afterAll(() => {
  for (const folder of [programs, older, host]) rmSync(folder, { recursive: true, force: true });
});

let place: Workplace;
let windows: Window[] = [];
beforeEach(() => {
  place = new Workplace(programs);
  mkdirSync(join(place.folder, 'storage'));
});
afterEach(async () => {
  await Promise.all(windows.map((window) => window.kill()));
  windows = [];
  await place.dispose();
});

/** An installed extension of a version. @param bundles what is in its `dist` */
function installed(version: string, bundles = programs): string {
  const extension = join(place.folder, `extension-${version}`);
  if (!existsSync(extension)) cpSync(bundles, join(extension, 'dist'), { recursive: true });
  return extension;
}

async function openWindow(options: Partial<WindowOptions> = {}): Promise<Window> {
  const { version = '1.0.0' } = options;
  const window = await Window.open({
    ...{ bundles: host, version, extension: installed(version), settings: LONG },
    ...{ storage: join(place.folder, 'storage'), folder: place.folder },
    ...options,
  });
  windows.push(window);
  return window;
}

const config = () => join(place.folder, 'good.kd.yaml');
const states = ({ runs }: Look) => runs.map(({ item }) => item);
const shows = (item: string) => (look: Look) => states(look)[0] === item;
const ends = ({ shown }: Look) => shown.filter(({ kind }) => kind !== 'error').map(({ message }) => message);
const errors = ({ shown }: Look) =>
  shown.filter(({ kind }) => kind === 'error').map(({ message }) => message);

/** Starts the experiment from a window and waits until it trains. */
async function startedFrom(window: Window): Promise<{ run: RunDirectory; pid: number }> {
  await window.command(COMMANDS.run, config());
  const run = place.store.open('latest');
  await until('the engine to train', () => run.metrics().length > 0);
  return { run, pid: run.record().process?.pid ?? 0 };
}

describe('two windows on one folder', () => {
  it('show the same run, either controls it, and its end is told in one of them', async () => {
    const [one, two] = [await openWindow(), await openWindow()];
    const { run, pid } = await startedFrom(one);
    await two.until('the run in the other window', shows('kd.run.active'));
    expect((await two.look()).bar).toContain('KD');
    await two.command(COMMANDS.pause, run.path);
    await one.until('the pause', shows('kd.run.paused'));
    await one.command(COMMANDS.resume, run.path);
    await two.until('it to go on', shows('kd.run.active'));
    expect(run.record().process?.pid).toBe(pid);
    await two.command(COMMANDS.stop, run.path);
    for (const window of [one, two]) await window.until('its end', shows('kd.run.resumable'));
    await until('the end to be told', () => existsSync(join(place.folder, 'storage', 'announced')));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told = [...ends(await one.look()), ...ends(await two.look())];
    expect(told).toEqual([expect.stringMatching(/^Good: stopped/)]);
    expect([...errors(await one.look()), ...errors(await two.look())]).toEqual([]);
  }, 60_000);

  it('that ask for different things in the same instant leave the run in one piece', async () => {
    const [one, two] = [await openWindow(), await openWindow()];
    const { run } = await startedFrom(one);
    await two.until('the run in the other window', shows('kd.run.active'));
    const looks = await Promise.all([
      one.command(COMMANDS.pause, run.path),
      two.command(COMMANDS.stop, run.path),
    ]);
    // One may have had to wait for the other, and says so; nothing else may go wrong.
    for (const message of looks.flatMap(errors)) expect(message).toContain('KD5025');
    if (run.status() !== 'stopped') await two.command(COMMANDS.stop, run.path);
    await until('the run to be stopped', () => run.status() === 'stopped');
    expect(run.events().at(-1)).toMatchObject({ kind: 'checkpoint', seq: run.metrics().length });
  }, 60_000);
});

describe('a window that is reloaded', () => {
  it('has two hosts for a while: the engine is one, is found by the new host, and outlives the old', async () => {
    const old = await openWindow();
    const { run, pid } = await startedFrom(old);
    const fresh = await openWindow();
    await fresh.until('the run after the reload', shows('kd.run.active'));
    const before = run.metrics().length;
    await old.close();
    await until('more records', () => run.metrics().length > before + 20);
    expect(run.record().process?.pid).toBe(pid);
    await fresh.command(COMMANDS.stop, run.path);
    await fresh.until('its end', shows('kd.run.resumable'));
    const look = await fresh.until('the end to be told', (seen) => ends(seen).length > 0);
    expect(ends(look)).toHaveLength(1);
    expect(errors(look)).toEqual([]);
  }, 60_000);

  it('whose old host crashed in the middle of it all loses nothing either', async () => {
    const old = await openWindow();
    const { run, pid } = await startedFrom(old);
    const fresh = await openWindow();
    await old.kill();
    await fresh.until('the run after the crash', shows('kd.run.active'));
    expect(run.record().process?.pid).toBe(pid);
    process.kill(pid, 'SIGKILL');
    // Nobody who started it is there to see it end.
    const look = await fresh.until('its end', shows('kd.run.resumable'));
    expect(look.runs[0]?.description).toContain('interrupted');
    await fresh.command(COMMANDS.resume, run.path);
    await fresh.until('it to go on', shows('kd.run.active'));
    await until('a resume', () => run.events().some(({ kind }) => kind === 'resume'));
  }, 60_000);

  it('and its old host start one worker for what waits, and every run once', async () => {
    const [old, fresh] = [await openWindow({ settings: SHORT }), await openWindow({ settings: SHORT })];
    await Promise.all([old.command(COMMANDS.queue, config()), fresh.command(COMMANDS.queue, config())]);
    await until('both to be complete', () => {
      const runs = place.store.list();
      return runs.length === 2 && runs.every(({ status }) => status === 'completed');
    });
    for (const { run } of place.store.list()) {
      expect(run.metrics().map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, n) => n));
      expect(run.events().filter(({ kind }) => kind === 'resume')).toEqual([]);
    }
    for (const window of [old, fresh]) expect(errors(await window.look())).toEqual([]);
  }, 60_000);
});

describe('an engine of an older version under a newer extension', () => {
  it('is watched, asked for nothing and never ended; the update took no file from it', async () => {
    const before = await openWindow({ version: '1.0.0', extension: installed('1.0.0', older) });
    const { run, pid } = await startedFrom(before);
    await before.close();
    // The update: the folder of the old version goes.
    rmSync(join(place.folder, 'extension-1.0.0'), { recursive: true });
    const after = await openWindow({ version: '2.0.0' });
    await after.until('the run of the old engine', shows('kd.run.active'));
    const known = run.metrics().length;
    for (const command of [COMMANDS.stop, COMMANDS.pause]) {
      const look = await after.command(command, run.path);
      expect(errors(look).at(-1)).toMatch(/only watched.*KD5026/s);
    }
    expect(existsSync(join(run.path, 'stop')) || existsSync(join(run.path, 'pause'))).toBe(false);
    await until('it to train on', () => run.metrics().length > known + 20);
    expect(run.record().process).toMatchObject({ pid, control: 1 });
    // What every version understands.
    writeFileSync(join(run.path, 'stop'), '');
    await after.until('its end', shows('kd.run.resumable'));
    await after.command(COMMANDS.resume, run.path);
    await after.until('it to go on with the new engine', shows('kd.run.active'));
    await until('the new engine', () => run.record().process?.control === 2);
  }, 60_000);
});
