import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BookReport } from '../../src/protocol/book-report.ts';
import { Workplace } from '../cli/kd-process.ts';
import { bundleProduct } from './build.ts';
import { tinyConfig, writeTinyData } from './tiny-data.ts';

const CONFIG = tinyConfig('  book: true\n');

let bundles = '';
let place: Workplace;
beforeAll(async () => {
  bundles = await bundleProduct();
  place = new Workplace(bundles);
  writeTinyData(join(place.folder, 'data'));
  writeFileSync(join(place.folder, 'tiny.kd.yaml'), CONFIG);
});
afterAll(async () => {
  await place.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

async function report(args: readonly string[]): Promise<{ code: number | null; books: BookReport['books'] }> {
  const { code, stdout, stderr } = await place.kd(['book', ...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as BookReport) };
}

const EARLIER = ['--set', 'models.teacher={ run: latest }'];

describe('kd book', () => {
  it(
    'lists what a run wrote, proves it for the next, and writes, refuses and deletes',
    { timeout: 120_000 },
    async () => {
      const before = await report(['check', 'tiny.kd.yaml']);
      expect(before).toMatchObject({ code: 1, books: [{ state: 'missing', name: null }] });
      const early = await place.kd(['book', 'build', 'tiny.kd.yaml']);
      expect(early).toMatchObject({ code: 1 });
      expect(early.stderr).toContain('KD4036 ');

      expect((await place.kd(['run', 'tiny.kd.yaml'])).code).toBe(0);
      const listed = await place.kd(['book', 'list']);
      expect(listed.stdout).toMatch(/teacher-[0-9a-f]{12} +teacher +complete +\d+ kB +exact/);
      const same = await report(['check', 'tiny.kd.yaml']);
      expect(same).toMatchObject({ code: 0, books: [{ state: 'unproven' }] });

      const proven = await report(['check', 'tiny.kd.yaml', ...EARLIER]);
      expect(proven).toMatchObject({ code: 0, books: [{ state: 'serves', fidelity: 'exact' }] });
      expect(proven.books[0]?.cosine).toBeGreaterThan(0.999999);

      const half = [...EARLIER, '--set', 'distill.book={ precision: float16, name: half }'];
      const other = await report(['check', 'tiny.kd.yaml', ...half]);
      expect(other).toMatchObject({ code: 1, books: [{ state: 'missing' }] });
      expect(other.books[0]?.unlike[0]?.difference).toContain('it differs in the precision');
      const built = await report(['build', 'tiny.kd.yaml', ...half]);
      expect(built).toMatchObject({ code: 0, books: [{ name: 'half', state: 'serves' }] });

      const against = [...EARLIER, '--set', 'distill.book={ precision: float32, name: half }'];
      const refused = await place.kd(['book', 'check', 'tiny.kd.yaml', ...against]);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain('KD2231');

      expect((await place.kd(['book', 'prune'])).stdout).toBe('nothing to delete\n');
      expect((await place.kd(['book', 'prune', '--unused', '0', '--dry-run'])).stdout).toContain(
        'would delete half',
      );
      expect((await place.kd(['book', 'prune', 'no-such'])).stderr).toContain('KD4033');
      expect((await place.kd(['book', 'prune', 'half'])).code).toBe(0);
      expect(readdirSync(join(place.folder, '.kd', 'books'))).toEqual([proven.books[0]?.name]);
    },
  );

  it('never finds what a dry run wrote of a part of the data', { timeout: 120_000 }, async () => {
    expect((await place.kd(['run', 'tiny.kd.yaml'])).code).toBe(0);
    const books = join(place.folder, '.kd', 'books');
    rmSync(books, { recursive: true });
    // The teacher is the finished one, so that the answers of both stand on the same; batches so small that a dry run sees a part.
    const taught = CONFIG.replace(/teacher: .*/, 'teacher: { run: latest }').replace(
      'batchSize: 8',
      'batchSize: 1',
    );
    writeFileSync(join(place.folder, 'taught.kd.yaml'), taught);
    expect((await place.kd(['dry-run', 'taught.kd.yaml'])).code).toBe(0);
    expect(existsSync(books)).toBe(false);
    expect((await place.kd(['run', 'taught.kd.yaml'])).code).toBe(0);
    expect(readdirSync(books)).toHaveLength(1);
  });
});
