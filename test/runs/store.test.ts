import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/protocol/errors.ts';
import { lockRun } from '../../src/runs/lock.ts';
import { RunStore } from '../../src/runs/store.ts';
import { NEW_RUN, scratchFolder } from './scratch.ts';

const NOW = new Date(2026, 10, 23, 9, 30);

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.problem.code;
    throw error;
  }
  return 'none';
}

describe('the store of runs', () => {
  it('names runs by day, file and number, and never gives a name twice', () => {
    const store = new RunStore(scratchFolder());
    const ids = [1, 2, 3].map(() => store.create(NEW_RUN, NOW).id);
    expect(ids).toEqual(['2026-11-23-digits-1', '2026-11-23-digits-2', '2026-11-23-digits-3']);
  });

  it('leaves the number of a run in the trash free for putting it back', () => {
    const store = new RunStore(scratchFolder());
    store.remove(store.create(NEW_RUN, NOW));
    expect(store.create(NEW_RUN, NOW).id).toBe('2026-11-23-digits-2');
  });

  it.each([
    ['/x/Größe & Co.kd.yaml', 'gro-e-co'],
    ['/x/.kd.yaml', 'run'],
    ['/x/../etc/passwd', 'passwd'],
  ])('makes a plain folder name of %s', (config, slug) => {
    const run = new RunStore(scratchFolder()).create({ ...NEW_RUN, config }, NOW);
    expect(run.id).toMatch(new RegExp(`^2026-11-23-${slug === 'gro-e-co' ? 'gro.*-co' : slug}-1$`));
  });

  it('keeps the config as run, and the record with its token private to the user', () => {
    const run = new RunStore(scratchFolder()).create(NEW_RUN, NOW);
    expect(run.config()).toBe(NEW_RUN.configText);
    expect(run.record()).toMatchObject({ status: 'queued', name: 'Digits', seeds: [1] });
    expect(statSync(join(run.path, 'run.json')).mode & 0o777).toBe(0o600);
  });

  it('lists the newest first and says which record is damaged', () => {
    const store = new RunStore(scratchFolder());
    const first = store.create(NEW_RUN, new Date(2026, 10, 22));
    const second = store.create(NEW_RUN, NOW);
    const damaged = store.create(NEW_RUN, NOW);
    writeFileSync(join(damaged.path, 'run.json'), '{"formatVersion":1,');
    mkdirSync(join(store.folder, 'not-a-run'));
    const problems: string[] = [];
    const ids = store.list((problem) => problems.push(problem.code)).map(({ run }) => run.id);
    expect(ids).toEqual([second.id, first.id]);
    expect(problems).toEqual(['KD5003']);
  });

  it('opens by id, unique prefix, directory and latest', () => {
    const store = new RunStore(scratchFolder());
    const first = store.create(NEW_RUN, NOW);
    const second = store.create({ ...NEW_RUN, config: '/x/other.yaml' }, new Date(2026, 10, 24));
    expect(store.open(first.id).path).toBe(first.path);
    expect(store.open('2026-11-24').path).toBe(second.path);
    expect(store.open(first.path).path).toBe(first.path);
    expect(store.open('latest').path).toBe(second.path);
  });

  it('prefers a whole id to a longer one that begins with it', () => {
    const store = new RunStore(scratchFolder());
    const runs = Array.from({ length: 10 }, () => store.create(NEW_RUN, NOW));
    expect(store.open('2026-11-23-digits-1').path).toBe(runs[0]?.path);
  });

  it('says that a run is unknown or a prefix ambiguous, and what to do', () => {
    const store = new RunStore(scratchFolder());
    expect(codeOf(() => store.open('latest'))).toBe('KD5001');
    store.create(NEW_RUN, NOW);
    store.create(NEW_RUN, NOW);
    expect(codeOf(() => store.open('nothing'))).toBe('KD5001');
    expect(codeOf(() => store.open(''))).toBe('KD5001');
    expect(codeOf(() => store.open('2026'))).toBe('KD5002');
    expect(codeOf(() => store.open('../..'))).toBe('KD5001');
  });

  it('moves a removed run to the trash, whole', () => {
    const store = new RunStore(scratchFolder());
    const run = store.create(NEW_RUN, NOW);
    const place = store.remove(run);
    expect(existsSync(run.path)).toBe(false);
    expect(existsSync(join(place, 'config.yaml'))).toBe(true);
    expect(place).toBe(join(store.root, '.kd', 'trash', run.id));
  });

  it('removes a run whose record is damaged, but none that an engine works on', () => {
    const store = new RunStore(scratchFolder());
    const run = store.create(NEW_RUN, NOW);
    const lock = lockRun(run.path);
    expect(codeOf(() => store.remove(run))).toBe('KD5013');
    lock.release();
    writeFileSync(join(run.path, 'run.json'), '');
    store.remove(run);
    expect(store.list()).toEqual([]);
  });

  it('does not move folders that lie outside a store', () => {
    const store = new RunStore(scratchFolder());
    const run = store.create(NEW_RUN, NOW);
    const stray = join(scratchFolder(), 'stray');
    mkdirSync(stray);
    writeFileSync(join(stray, 'run.json'), JSON.stringify(run.record()));
    expect(codeOf(() => store.remove(store.open(stray)))).toBe('KD5001');
    expect(existsSync(stray)).toBe(true);
  });
});
