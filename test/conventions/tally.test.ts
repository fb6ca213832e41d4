import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tally } from '../../scripts/lib/tally-reporter.mjs';

let folder: string;

beforeAll(() => {
  // Inside the project, so that the tests in it find vitest.
  mkdirSync(join('test', 'output'), { recursive: true });
  folder = mkdtempSync(join('test', 'output', 'cases-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function tallyOf(files: Record<string, string>): { code: number | null; tally: Tally } {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { it, expect } from 'vitest';\n${text}`);
  }
  const file = resolve(folder, 'tally.json');
  const reporter = JSON.stringify([[resolve('scripts/lib/tally-reporter.mjs'), { file }]]);
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { test: { include: ['*.case.mjs'], root: import.meta.dirname, reporters: ${reporter} } };`,
  );
  const vitest = resolve('node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run'], { cwd: folder });
  return { code: status, tally: JSON.parse(readFileSync(file, 'utf8')) as Tally };
}

describe('the tally of a test run', () => {
  it('counts what passed, names what failed, and says why something was skipped', () => {
    const { code, tally } = tallyOf({
      'a.case.mjs': `
        it('holds', () => expect(1).toBe(1));
        it('breaks', () => expect(1).toBe(2));
        it('waits', (context) => context.skip('no such machine'));
        it.skip('is off', () => {});`,
      'b.case.mjs': `import './missing.mjs'; it('is never reached', () => {});`,
      'd.case.mjs': `import { beforeAll } from 'vitest'; beforeAll(() => { throw new Error('no ground'); });
        it('stands on nothing', () => {});`,
      'c.case.mjs': `it('holds too', () => expect(1).toBe(1)); setTimeout(() => { throw new Error('late'); }, 0);
        it('lets the late one come', () => new Promise((done) => setTimeout(done, 50)));`,
    });
    expect(code).toBe(1);
    expect(tally.passed).toBe(3);
    expect(tally.failed).toEqual([
      expect.stringContaining('a.case.mjs > breaks'),
      expect.stringContaining('b.case.mjs'),
      expect.stringContaining('no ground'),
      expect.stringContaining('late'),
    ]);
    expect(tally.skipped).toEqual([
      { name: 'a.case.mjs > waits', why: 'no such machine' },
      { name: 'a.case.mjs > is off', why: 'no reason given' },
      { name: 'd.case.mjs > stands on nothing', why: 'its preparation failed' },
    ]);
  });
});
