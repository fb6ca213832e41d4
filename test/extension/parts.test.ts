import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Disposable, Holder } from '../../src/extension/disposable.ts';
import {
  copyEngine,
  removeUnusedEngines,
  UNUSED_MILLISECONDS,
} from '../../src/extension/engine/engine-copy.ts';
import {
  FIRST_PAUSE_MILLISECONDS,
  HEALTHY_MILLISECONDS,
  RESTARTS,
  RestartPolicy,
} from '../../src/extension/language/restart-policy.ts';
import { claimAnnouncement, forgetOldClaims } from '../../src/extension/runs/announcements.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd-extension-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('an owner of disposables', () => {
  class Owner extends Disposable {
    own(name: string, log: string[]): void {
      this.register({ dispose: () => log.push(name) });
    }
  }

  it('lets go in reverse order, once, and of late additions at once', () => {
    const log: string[] = [];
    const owner = new Owner();
    owner.own('first', log);
    owner.own('second', log);
    owner.dispose();
    owner.dispose();
    expect(log).toEqual(['second', 'first']);
    owner.own('late', log);
    expect(log).toEqual(['second', 'first', 'late']);
  });

  it('replaces what it holds, and holds nothing once disposed', () => {
    const log: string[] = [];
    const thing = (name: string) => ({ dispose: () => void log.push(name) });
    const holder = new Holder<{ dispose(): void }>();
    holder.value = thing('a');
    holder.value = thing('b');
    expect(log).toEqual(['a']);
    holder.dispose();
    expect(log).toEqual(['a', 'b']);
    holder.value = thing('c');
    expect(log).toEqual(['a', 'b', 'c']);
    expect(holder.value).toBeUndefined();
  });
});

describe('a language server that crashes', () => {
  it('is started five times with doubling pauses, then left to a person', () => {
    const policy = new RestartPolicy(() => 0);
    const decisions = Array.from({ length: RESTARTS + 1 }, () => policy.crashed());
    expect(decisions.slice(0, -1)).toEqual(
      [1, 2, 4, 8, 16].map((times) => ({
        action: 'restart',
        afterMilliseconds: times * FIRST_PAUSE_MILLISECONDS,
      })),
    );
    expect(decisions.at(-1)).toEqual({ action: 'giveUp' });
  });

  it('counts anew after it was healthy, or after a person restarted it', () => {
    let now = 0;
    const policy = new RestartPolicy(() => now);
    for (let crash = 0; crash < RESTARTS; crash += 1) policy.crashed();
    policy.started();
    now += HEALTHY_MILLISECONDS;
    expect(policy.crashed()).toEqual({ action: 'restart', afterMilliseconds: FIRST_PAUSE_MILLISECONDS });
    for (let crash = 0; crash < RESTARTS; crash += 1) policy.crashed();
    policy.reset();
    expect(policy.crashed().action).toBe('restart');
  });
});

describe('the copy of the engine', () => {
  function dist(engine: string): string {
    const path = join(folder, 'dist');
    mkdirSync(join(path, 'node_modules', 'onnxruntime-node'), { recursive: true });
    writeFileSync(join(path, 'engine.cjs'), engine);
    writeFileSync(join(path, 'engine-worker.cjs'), 'worker');
    writeFileSync(join(path, 'extension.cjs'), 'not needed');
    writeFileSync(join(path, 'node_modules', 'onnxruntime-node', 'package.json'), '{}');
    return path;
  }
  const storage = () => join(folder, 'storage');

  it('holds bundles and native library, and nothing else', async () => {
    const engine = await copyEngine(dist('one'), storage(), '1.0.0');
    const copy = join(engine, '..');
    expect(readFileSync(engine, 'utf8')).toBe('one');
    expect(readdirSync(copy).sort()).toEqual([
      'engine-worker.cjs',
      'engine.cjs',
      'last-used',
      'node_modules',
    ]);
    expect(existsSync(join(copy, 'node_modules', 'onnxruntime-node', 'package.json'))).toBe(true);
  });

  it('is made once per content, also when several windows ask at the same time', async () => {
    const from = dist('one');
    const engines = await Promise.all(Array.from({ length: 4 }, () => copyEngine(from, storage(), '1.0.0')));
    expect(new Set(engines).size).toBe(1);
    expect(readdirSync(join(storage(), 'engines'))).toHaveLength(1);
    const next = await copyEngine(dist('two'), storage(), '1.0.0');
    expect(next).not.toBe(engines[0]);
    expect(readFileSync(engines[0] ?? '', 'utf8')).toBe('one');
  });

  it('is removed after a month without a start', async () => {
    const old = await copyEngine(dist('one'), storage(), '1.0.0');
    const kept = await copyEngine(dist('two'), storage(), '2.0.0');
    const now = Date.now();
    const longAgo = (now - UNUSED_MILLISECONDS) / 1000 - 60;
    utimesSync(join(old, '..', 'last-used'), longAgo, longAgo);
    await removeUnusedEngines(storage(), now);
    expect(existsSync(old)).toBe(false);
    expect(existsSync(kept)).toBe(true);
  });
});

describe('the announcement of an end', () => {
  it('is made by one window, once for each end', async () => {
    const claims = join(folder, 'announced');
    const windows = await Promise.all(
      Array.from({ length: 5 }, () => claimAnnouncement(claims, '/r/a', 'monday')),
    );
    expect(windows.filter(Boolean)).toHaveLength(1);
    expect(await claimAnnouncement(claims, '/r/a', 'tuesday')).toBe(true);
    expect(await claimAnnouncement(claims, '/r/b', 'monday')).toBe(true);
  });

  it('is forgotten after a month', async () => {
    const claims = join(folder, 'announced');
    await claimAnnouncement(claims, '/r/a', 'monday');
    await forgetOldClaims(claims, Date.now());
    expect(readdirSync(claims)).toHaveLength(1);
    await forgetOldClaims(claims, Date.now() + 32 * 24 * 3600 * 1000);
    expect(readdirSync(claims)).toHaveLength(0);
  });
});
