import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VerifyReport } from '../../src/protocol/records.ts';
import { eachWithWorkplace } from '../cli/each-with-workplace.ts';
import type { Workplace } from '../cli/kd-process.ts';
import { bundleProduct } from './build.ts';

const GOLDEN = join(import.meta.dirname, '../golden/losses');

let place: Workplace;
eachWithWorkplace(bundleProduct, (made) => {
  place = made;
  for (const name of ['kd', 'dkd'])
    cpSync(join(GOLDEN, `${name}.json`), join(place.folder, `fixtures/${name}.json`));
});

describe('kd verify', () => {
  it('recomputes the fixtures of a folder, as JSON or as a table, and ends with 0', async () => {
    const { code, stdout } = await place.kd(['verify', 'fixtures', '--json']);
    const { cases, passed, failed } = JSON.parse(stdout) as VerifyReport;
    expect({ code, failed, all: passed === cases.length }).toEqual({ code: 0, failed: 0, all: true });
    expect([...new Set(cases.map(({ method }) => method))].sort()).toEqual(['dkd', 'kd']);
    expect((await place.kd(['verify', 'fixtures'])).stdout).toMatch(/\bdkd\b/);
  });

  it('recomputes them on the device that is named', async () => {
    const { code, stdout } = await place.kd(['verify', 'fixtures', '--device', 'wasm', '--json']);
    const { cases, executors, failed } = JSON.parse(stdout) as VerifyReport;
    expect({ code, failed, refused: executors.length }).toEqual({ code: 0, failed: 0, refused: 1 });
    expect(executors[0]).toMatch(/^onnx-wasm/);
    expect(new Set(cases.map(({ executor }) => executor))).toEqual(new Set(executors));
  });

  it('recomputes them on all that can compute here, and says why the others cannot', async () => {
    const { code, stdout, stderr } = await place.kd(['verify', 'fixtures', '--device', 'all', '--json']);
    const { cases, executors, refused, passed, failed } = JSON.parse(stdout) as VerifyReport;
    expect({ code, failed, passed }).toEqual({ code: 0, failed: 0, passed: cases.length });
    expect(executors.length).toBeGreaterThanOrEqual(3);
    for (const name of executors) {
      expect(stderr).toContain(`on ${name}\n`);
      expect(cases.filter(({ executor }) => executor === name)).toHaveLength(cases.length / executors.length);
    }
    for (const { reason } of refused) expect(reason).not.toBe('');
  });

  it('names the device that cannot compute here', async () => {
    const absent = process.platform === 'darwin' ? 'directml' : 'coreml';
    const { code, stderr } = await place.kd(['verify', 'fixtures', '--device', absent]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/KD6040 .*cannot train on this machine/);
    expect((await place.kd(['verify', '--device', 'abacus'])).code).toBe(2);
  });

  it('ends with 1 where a value is not the expected one, and names the case', async () => {
    const path = join(place.folder, 'fixtures/kd.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/("loss": )\d/, '$1 9'));
    const { code, stdout } = await place.kd(['verify', 'fixtures', '--json']);
    const { cases, failed } = JSON.parse(stdout) as VerifyReport;
    expect({ code, failed }).toEqual({ code: 1, failed: 1 });
    expect(cases.find(({ passed }) => !passed)?.method).toBe('kd');
  });
});
