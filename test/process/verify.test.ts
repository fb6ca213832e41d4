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

  it('ends with 1 where a value is not the expected one, and names the case', async () => {
    const path = join(place.folder, 'fixtures/kd.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/("loss": )\d/, '$1 9'));
    const { code, stdout } = await place.kd(['verify', 'fixtures', '--json']);
    const { cases, failed } = JSON.parse(stdout) as VerifyReport;
    expect({ code, failed }).toEqual({ code: 1, failed: 1 });
    expect(cases.find(({ passed }) => !passed)?.method).toBe('kd');
  });
});
