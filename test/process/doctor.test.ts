import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUNGS } from '../../src/executors/ladder.ts';
import type { DoctorReport } from '../../src/protocol/records.ts';
import { isForThisMachine, RUNTIMES } from '../../src/protocol/runtimes.ts';
import { bundle } from './build.ts';

let folder = '';
const tools = mkdtempSync(join(tmpdir(), 'kd-doctor-tools-'));
beforeAll(async () => {
  folder = await bundle({ engine: 'src/engine/main.ts', kd: 'src/cli/main.ts' });
  mkdirSync(join(tools, 'tensorflow'));
}, 60_000);
afterAll(() => {
  for (const path of [folder, tools]) rmSync(path, { recursive: true, force: true });
});

describe('kd doctor', () => {
  it('shows every rung once with what came of it, and every runtime for this machine with size and reason', async () => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(folder, 'kd.cjs'), 'doctor', '--json'],
      { env: { ...process.env, KD_TOOLS: tools } },
    );
    const { serving, standby, refused, offers } = JSON.parse(stdout) as DoctorReport;
    const shown = [...serving, ...standby, ...refused].map(({ name }) => name.replace(/^eager-.*/, 'eager'));
    expect(shown.sort()).toEqual(RUNGS.map(({ name }) => name).sort());
    for (const { reason } of refused) expect(reason).toMatch(/^\S.{5,}$/);
    expect(refused.find(({ name }) => name === 'tensorflow')?.help).toContain('kd install');
    expect(offers.map(({ name }) => name)).toEqual(RUNTIMES.filter(isForThisMachine).map(({ name }) => name));
    expect(offers.filter(({ installed }) => installed).map(({ name }) => name)).toEqual(
      offers.map(({ name }) => name).filter((name) => name === 'tensorflow'),
    );
    for (const { name, reason, download } of offers) {
      expect(stderr).toMatch(new RegExp(`^${name} .*${download} MB`, 'm'));
      expect(stderr).toContain(reason);
    }
  }, 60_000);
});
