import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GapReport } from '../../src/protocol/gap-report.ts';
import { gapReport } from '../../src/protocol/gap-shapes.ts';
import { RunStore } from '../../src/runs/index.ts';
import { Workplace } from '../cli/kd-process.ts';
import { bundleProduct } from './build.ts';
import { tinyConfig, writeTinyData } from './tiny-data.ts';

let bundles = '';
let place: Workplace;
beforeAll(async () => {
  bundles = await bundleProduct();
  place = new Workplace(bundles);
  writeTinyData(join(place.folder, 'data'));
  writeFileSync(
    join(place.folder, 'tiny.kd.yaml'),
    tinyConfig().replace(
      'architecture: { mlp: { hidden: [8] } }',
      'architecture: { convnet: { filters: [2, 4], hidden: [8] } }',
    ),
  );
  const { code, stderr } = await place.kd(['run', 'tiny.kd.yaml', '--seeds', '1,2']);
  if (code !== 0) throw new Error(stderr);
}, 120_000);
afterAll(async () => {
  await place.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

async function report(args: readonly string[]): Promise<GapReport> {
  const { code, stdout, stderr } = await place.kd(['gap', 'latest', ...args, '--json']);
  if (code !== 0) throw new Error(stderr);
  return gapReport(JSON.parse(stdout), 'report');
}

describe('kd gap', () => {
  it('measures a finished run from its weights as it was measured at its end, and puts the report into the run', async () => {
    const [run] = new RunStore(place.folder).list();
    if (run === undefined) throw new Error('there is no run');
    const file = join(run.run.path, 'gap', 'student-2.json');
    const before = JSON.parse(readFileSync(file, 'utf8')) as GapReport;
    expect(before.cost.share).toBeGreaterThan(0);
    rmSync(file);
    const now = await report(['--seed', '2']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(now);
    expect(now).toMatchObject({
      ...{ run: before.run, student: 'student-2', teachers: before.teachers, samples: before.samples },
    });
    expect(now.numbers.agreement).toBe(before.numbers.agreement);
    expect(Number(now.numbers.kl)).toBeCloseTo(Number(before.numbers.kl), 4);
    expect(now.confusion).toEqual(before.confusion);
    expect(run.run.gapReports()).toEqual(['student-1', 'student-2']);
    expect(run.run.attention().map(({ phase, seed, epoch }) => [phase, seed, epoch])).toEqual([
      ['student', 1, 0],
      ['student', 2, 0],
    ]);
  });

  it('tells it in words, with fewer samples and at another temperature', async () => {
    const { code, stdout } = await place.kd(['gap', 'latest', '--samples', '4', '--temperature', '3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^student-1 of .*, against teacher-1, on 4 of \d+ validation samples$/mu);
    expect(stdout).toMatch(/^accuracy +\d/mu);
    expect(stdout).toMatch(/^KL\(teacher \|\| student\) .* at temperature 3 [\d.]+$/mu);
    expect(stdout).toContain('furthest behind first');
    expect(stdout).toContain('samples on which they disagree most');
    expect(stdout).toContain('overlap of the regions');
  });

  it.each([
    [['--seed', '7'], 1, 'KD5041'],
    [['--model', 'teacher-1'], 1, 'KD5041'],
    [['--samples', '0'], 2, 'KD7014'],
    [['--temperature', 'hot'], 2, 'KD7014'],
    [['--seed', '1.5'], 2, 'KD7014'],
  ] as const)('%s ends with a problem that names the next step', async (args, code, problem) => {
    const ended = await place.kd(['gap', 'latest', ...args]);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr).toContain(`${problem} `);
    expect(ended.stderr).toContain('next: ');
  });

  it('refuses to speak of data that have changed since', async () => {
    const labels = join(place.folder, 'data', 'train-labels');
    const bytes = readFileSync(labels);
    const changed = Buffer.from(bytes);
    changed[8] = (changed[8] ?? 0) === 0 ? 1 : 0;
    writeFileSync(labels, changed);
    const { code, stderr } = await place.kd(['gap', 'latest']);
    writeFileSync(labels, bytes);
    expect(code).toBe(1);
    expect(stderr).toContain('KD5024 ');
  });
});
