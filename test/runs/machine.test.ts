import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../src/protocol/errors.ts';
import { announceRun, elsewhereText, runsElsewhere } from '../../src/runs/machine.ts';
import { thisProcess } from '../../src/runs/processes.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import {
  requireFreeDevice,
  RunQueue,
  RunStore,
  type NewRun,
  type RunDirectory,
} from '../../src/runs/index.ts';
import { NEW_RUN, scratchFolder } from './scratch.ts';

let folder = '';
beforeEach(() => {
  folder = scratchFolder();
  vi.stubEnv('KD_WORKING', folder);
});
afterEach(() => vi.unstubAllEnvs());

const here = () => new RunStore(scratchFolder());
const ids = (store: RunStore, hardware: Parameters<typeof runsElsewhere>[1] = null) =>
  runsElsewhere(store, hardware).map(({ run }) => run.id);

/** A run of a folder of its own that works; this process stands for its engine. */
function works(store: RunStore, more: Partial<NewRun> = {}, executor?: string): RunDirectory {
  const run = store.create({ ...NEW_RUN, ...more });
  const file = new RecordFile(run.path);
  file.become('running', { process: { ...thisProcess(), socket: '', token: '' } });
  if (executor !== undefined)
    file.update({ environment: { executor } as NonNullable<typeof file.record.environment> });
  announceRun(run.path);
  return run;
}

/** Pretends that a notice is of another process. */
function changeNotice(change: object): void {
  const [name = ''] = readdirSync(folder);
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }));
}

describe('a run that works', () => {
  it('is seen from every other folder until it has ended, by name, folder and process', () => {
    const theirs = new RunStore(scratchFolder());
    const run = works(theirs);
    const store = here();
    const [seen] = runsElsewhere(store, null);
    expect(seen === undefined ? '' : elsewhereText(seen)).toBe(
      `run ${run.id} of ${theirs.root} (pid ${process.pid})`,
    );
    expect(runsElsewhere(theirs, null)).toEqual([]);
    new RecordFile(run.path).become('completed');
    expect(runsElsewhere(store, null)).toEqual([]);
  });

  it('is in its own folder where that is reached by another path', () => {
    const theirs = new RunStore(scratchFolder());
    works(theirs);
    const link = join(scratchFolder(), 'link');
    symlinkSync(theirs.root, link, 'junction');
    expect(ids(new RunStore(link))).toEqual([]);
  });

  it('refuses one of another folder, with what to do, for a new run and for one that goes on', () => {
    const theirs = new RunStore(scratchFolder());
    const run = works(theirs);
    expect(() => requireFreeDevice(here(), null)).toThrow(
      expect.objectContaining({
        problem: {
          code: 'KD5027',
          message: `run ${run.id} of ${theirs.root} (pid ${process.pid}) is working on this machine already`,
          help: 'put this one after it with `kd queue add FILE`, or start it all the same with --beside',
          file: run.path,
        },
      }),
    );
    const store = here();
    const mine = store.create(NEW_RUN);
    const refusal = () => {
      try {
        requireFreeDevice(store, null, mine);
      } catch (error) {
        return error instanceof UserError ? error.problem.help : '';
      }
      return 'not refused';
    };
    expect(refusal()).toMatch(/`kd queue retry .*-1`, or let it go on all the same with --beside/);
    new RecordFile(mine.path).update({ waiting: true });
    expect(refusal()).toContain('waits in the queue and starts after it');
  });

  it('is in the way of those alone that may compute on the same device', () => {
    const onGraphics = works(here(), {}, 'onnx-cuda').id;
    const asked = works(here(), { device: 'cpu', config: '/e/asked.kd.yaml' }).id;
    const unknown = works(here(), { device: 'auto', config: '/e/unknown.kd.yaml' }).id;
    expect(ids(here(), 'processor').sort()).toEqual([asked, unknown].sort());
    expect(ids(here(), 'graphics').sort()).toEqual([onGraphics, unknown].sort());
    expect(ids(here()).sort()).toEqual([onGraphics, asked, unknown].sort());
  });

  it('keeps the queue of another folder waiting, as many at a time as that may start', async () => {
    works(here());
    const queue = new RunQueue(here());
    const next = queue.store.create({ ...NEW_RUN, waiting: true });
    await queue.add(next);
    expect(queue.next()).toBeNull();
    await queue.change(() => ({ parallel: 2 }));
    expect(queue.next()?.id).toBe(next.id);
    await queue.change(() => ({ memoryMegabytes: 1999 }));
    expect(queue.next()).toBeNull();
    await queue.change(() => ({ memoryMegabytes: 2000 }));
    expect(queue.next()?.id).toBe(next.id);
  });
});

describe('a notice', () => {
  it('of a process that is gone counts for nothing and is removed', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    works(here());
    changeNotice({ pid });
    expect(ids(here())).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a process whose number was given to another counts for nothing', () => {
    works(here());
    changeNotice({ startTime: '1' });
    expect(ids(here())).toEqual([]);
  });

  it('of another machine or container that shares the folder is left alone', () => {
    works(here());
    changeNotice({ scope: 'elsewhere' });
    expect(ids(here())).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('that is damaged, or of a run that was removed, is in nobody’s way', () => {
    writeFileSync(join(folder, 'damaged.json'), '{ "pid": ');
    announceRun(join(scratchFolder(), 'no-run'));
    expect(ids(here())).toEqual([]);
  });

  it('that is withdrawn is gone', () => {
    const store = here();
    const run = store.create(NEW_RUN);
    const announcement = announceRun(run.path);
    expect(ids(here())).toEqual([run.id]);
    announcement.withdraw();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that cannot be written says why, and nothing else happens', () => {
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    vi.stubEnv('KD_WORKING', join(file, 'working'));
    const announcement = announceRun(join(scratchFolder(), 'run'));
    expect(announcement.trouble).toContain(file);
    announcement.withdraw();
    expect(ids(here())).toEqual([]);
  });
});
