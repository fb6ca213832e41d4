import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunsWatcher } from '../../src/extension/runs/runs-watcher.ts';
import type { RunEntry } from '../../src/extension/runs/run-entry.ts';
import { thisProcess } from '../../src/runs/processes.ts';
import { readRecord, writeRecord } from '../../src/runs/record.ts';
import { RunStore, type RunDirectory } from '../../src/runs/index.ts';
import type { RunRecord } from '../../src/protocol/records.ts';
import { HALF_WAY } from './records.ts';

const LIST_MILLISECONDS = 50;

let root: string;
let watchers: RunsWatcher[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kd-watcher-'));
  watchers = [];
});
afterEach(() => {
  for (const watcher of watchers) watcher.dispose();
  rmSync(root, { recursive: true, force: true });
});

function watcherOf(): RunsWatcher {
  const watcher = new RunsWatcher(() => undefined, LIST_MILLISECONDS);
  watchers.push(watcher);
  return watcher;
}

function newRun(): RunDirectory {
  const config = join(root, 'digits.kd.yaml');
  return new RunStore(root).create({ name: 'Digits', config, configText: '', overrides: [], seeds: [1] });
}

/** Writes as the engine would; this process stands for it. */
function write(run: RunDirectory, change: Partial<RunRecord>): void {
  const engine = { ...thisProcess(), socket: '', token: '' };
  writeRecord(run.path, { ...readRecord(run.path), process: engine, ...change });
}

/** Resolves with the first state of the runs that fits. */
function seen(
  watcher: RunsWatcher,
  fits: (runs: readonly RunEntry[]) => boolean,
): Promise<readonly RunEntry[]> {
  return new Promise((resolve) => {
    if (fits(watcher.entries)) resolve(watcher.entries);
    watcher.onDidChange((now) => fits(now) && resolve(now));
  });
}

describe('the runs of a window', () => {
  it('are those found on the disk, also where no run was when it began', async () => {
    const watcher = watcherOf();
    watcher.addRoot(root);
    expect(watcher.entries).toEqual([]);
    const run = newRun();
    const [entry] = await seen(watcher, (runs) => runs.length === 1);
    expect(entry).toMatchObject({ directory: run.path, status: 'queued' });
  });

  it('follow an engine that was there before the window, from progress to its end', async () => {
    const run = newRun();
    write(run, { status: 'running' });
    const watcher = watcherOf();
    watcher.addRoot(root);
    expect(watcher.entries[0]?.status).toBe('running');
    write(run, { status: 'running', progress: HALF_WAY });
    await seen(watcher, ([entry]) => entry?.record.progress?.done === HALF_WAY.done);
    write(run, { status: 'completed' });
    const [entry] = await seen(watcher, ([last]) => last?.status === 'completed');
    expect(entry?.directory).toBe(run.path);
  });

  it('are the same in a second window, and of all roots together', () => {
    newRun();
    const [first, second] = [watcherOf(), watcherOf()];
    first.addRoot(root);
    second.addRoot(root);
    expect(second.entries).toEqual(first.entries);
    const other = mkdtempSync(join(tmpdir(), 'kd-watcher-'));
    new RunStore(other).create({
      name: 'Other',
      config: '/x.kd.yaml',
      configText: '',
      overrides: [],
      seeds: [1],
    });
    second.addRoot(other);
    expect(second.entries).toHaveLength(2);
    second.setRoots([other]);
    expect(second.entries.map(({ record }) => record.name)).toEqual(['Other']);
    rmSync(other, { recursive: true, force: true });
  });

  it('are looked for while the window goes on working, and what was seen of them meanwhile counts more', async () => {
    const run = newRun();
    write(run, { status: 'running' });
    const watcher = watcherOf();
    watcher.addRoot(root);
    const inOneGo = vi.spyOn(RunStore.prototype, 'list');
    const store = new RunStore(root);
    const list = store.listAsync.bind(store);
    let lists = 0;
    // A folder so slow that the run ends after it was read.
    vi.spyOn(RunStore.prototype, 'listAsync').mockImplementation(async () => {
      const listed = await list();
      lists += 1;
      await seen(watcher, ([entry]) => entry?.status === 'completed');
      return listed;
    });
    const told: (string | undefined)[] = [];
    watcher.onDidChange(([entry]) => told.push(entry?.status));
    try {
      await vi.waitFor(() => expect(lists).toBe(1));
      write(run, { status: 'completed' });
      await seen(watcher, ([entry]) => entry?.status === 'completed');
      await vi.waitFor(() => expect(lists).toBeGreaterThan(2));
      expect(inOneGo).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
    expect(told).toEqual(['completed']);
  });

  it('show a run whose engine is gone as interrupted', () => {
    const run = newRun();
    const gone = { ...thisProcess(), startTime: 'long ago', socket: '', token: '' };
    writeRecord(run.path, { ...readRecord(run.path), status: 'running', process: gone });
    const watcher = watcherOf();
    watcher.addRoot(root);
    expect(watcher.entries[0]?.status).toBe('interrupted');
  });

  it('are told once for each change, and no more after the window closed', async () => {
    const watcher = watcherOf();
    let calls = 0;
    watcher.onDidChange(() => (calls += 1));
    watcher.addRoot(root);
    newRun();
    watcher.refresh();
    watcher.refresh();
    expect(calls).toBe(1);
    watcher.dispose();
    newRun();
    watcher.refresh();
    await new Promise((resolve) => setTimeout(resolve, 3 * LIST_MILLISECONDS));
    expect(calls).toBe(1);
  });
});
