import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  coveredBy,
  describedBases,
  fileOf,
  settingsText,
  writeConfigs,
} from '../../scripts/lib/results/configs.mjs';
import { codeHash, filesOf, sourcesOf } from '../../scripts/lib/results/fingerprint.mjs';
import { referencesOf, systemNamed } from '../../scripts/lib/results/keys.mjs';
import { merge, type MeasuredRow } from '../../scripts/lib/results/store.mjs';
import { slicedFiles } from '../../scripts/lib/results/data.mjs';
import { BASES, SYSTEMS } from '../../scripts/lib/results/systems.mjs';
import { checkFile } from '../../src/cli/experiment-file.ts';
import { resultsPage } from '../../src/config/reference/results-page.ts';
import { methodPages } from '../../src/config/reference/method-pages.ts';
import type { StoredResults } from '../../src/config/reference/results.ts';
import { compareAll } from '../../src/statistics/comparison.ts';
import { comparedBy } from '../../src/statistics/metrics.ts';
import { generatorLosses } from '../../src/methods/data-free/index.ts';
import { catalogue } from '../../src/methods/index.ts';
import { modules } from '../../src/models/modules/index.ts';
import { refiners } from '../../src/methods/refine/index.ts';

/** What a row may say in place of the method's name: a scheme that brings the method along. */
const WORDS: Readonly<Record<string, string>> = { sftn: 'studentAware' };
const NOTHING: StoredResults = { bases: {}, rows: [], notRun: [] };
const bases = describedBases();
const seeds = (...accuracies: readonly number[]) =>
  accuracies.map((accuracy, at) => ({ seed: at + 1, accuracy }));

/** A row of the list as it would be after a run. */
function measured(name: string, test: readonly number[], changes: Partial<MeasuredRow> = {}): MeasuredRow {
  return {
    name,
    covers: coveredBy(systemNamed(name)),
    base: 'fashion-mnist',
    kd: 'response/kd',
    settings: settingsText(systemNamed(name)),
    key: 'now',
    stale: false,
    status: 'completed',
    test: seeds(...test),
    alone: [],
    parameters: 100,
    secondsOfTraining: 5,
    cost: { milliseconds: 8, alone: 1.5 },
    findings: [],
    fallen: [],
    measured: {
      ...{ date: '2026-01-01T10:00:00Z', commit: 'abc', machine: 'two cores', command: 'npm run results' },
      ...{ run: 'kd run x', executor: 'onnx-cpu', versions: ['Node v20'] },
    },
    ...changes,
  };
}

const reference = measured('response/kd', [0.85, 0.86, 0.84], {
  alone: seeds(0.84, 0.851, 0.829),
  teacherModel: { accuracy: 0.9, parameters: 1000 },
});

/** The table after these runs, where the code is that of `now`. */
function tableOf(rows: readonly MeasuredRow[], names = rows.map(({ name }) => name)): StoredResults {
  const keys = new Map(names.map((name) => [name, { key: 'now', asked: 'now' }]));
  return merge(NOTHING, rows, { keys, bases, compareAll, comparedBy });
}

describe('the list of rows', () => {
  it('has every method, refiner, module and generator of the catalogue', () => {
    const all = [...catalogue, ...refiners, ...modules, ...generatorLosses].map(({ name }) => name);
    const covered = new Set(SYSTEMS.map(coveredBy));
    expect(all.filter((name) => !covered.has(name))).toEqual([]);
  });

  it('names each row once, and a covered part of the product only where the row uses it', () => {
    const names = SYSTEMS.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    for (const system of SYSTEMS) {
      const [name, text] = [coveredBy(system), settingsText(system)];
      const said = [name, WORDS[name] ?? name].some((word) => text.includes(word));
      expect(said, `${system.name} says ${name}`).toBe(true);
    }
  });

  it('builds on rows that are in it', () => {
    for (const system of SYSTEMS) for (const name of referencesOf(system)) systemNamed(name);
    expect(referencesOf(systemNamed('relation/fsp'))).toEqual([
      'teachers/deep',
      'equal-channels/kd',
      'response/kd',
    ]);
    expect(referencesOf(systemNamed('response/kd'))).toEqual(['teachers/wide']);
    expect(referencesOf(systemNamed('teachers/wide'))).toEqual([]);
  });
});

describe('the experiment files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kd-results-'));
    mkdirSync(join(folder, '.kd'));
    // Images of the same size in as many classes.
    const sample = join(import.meta.dirname, '../../media/sample/data');
    for (const name of ['fashion-mnist', 'digit-words'])
      cpSync(sample, join(folder, 'data', name), { recursive: true });
    for (const slice of Object.values(BASES['fashion-mnist'].slices)) {
      const { inputs, labels } = slicedFiles('fashion-mnist', slice);
      cpSync(join(sample, 'train-images-idx3-ubyte.gz'), join(folder, inputs));
      cpSync(join(sample, 'train-labels-idx1-ubyte.gz'), join(folder, labels));
    }
    writeConfigs(folder, SYSTEMS);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(SYSTEMS.map((system) => [system.name, system] as const))('%s has no fault', (_name, system) => {
    const { diagnostics, experiment } = checkFile(fileOf(system), folder);
    const messages = diagnostics.map(({ code, message }) => `${code}: ${message}`);
    expect(messages.map((message) => message.split(':')[0])).toEqual(system.warns ?? []);
    expect(experiment).not.toBeNull();
  });
});

describe('the code that a row depends on', () => {
  it('is that of what its config names, beside what trains all rows', async () => {
    expect(sourcesOf(systemNamed('adversarial/afd'))).toEqual([
      'src/schemes/online.ts',
      'src/methods/online/dml.ts',
      'src/methods/adversarial/afd.ts',
      'src/models/zoo/vgg.ts',
    ]);
    const [kd, again, dkd] = await Promise.all(
      ['response/kd', 'equal-channels/kd', 'response/dkd'].map((name) => codeHash(systemNamed(name))),
    );
    expect(again).toBe(kd);
    expect(dkd).not.toBe(kd);
  });

  it.each([
    ['a refiner inside a term', 'refine/sokd-at', 'src/methods/refine/dafa.ts'],
    ['what that refiner imports', 'refine/sokd-at', 'src/methods/refine/feature-warp.ts'],
    ['the second refiner of a term', 'refine/sokd-dkd', 'src/methods/refine/dam.ts'],
    ['a refiner of all terms', 'refine/simplifier', 'src/methods/refine/simplifier.ts'],
    ['a term of a single phase', 'reconstruction/sft-kd-recon', 'src/methods/online/sftn.ts'],
    ['a method that the scheme brings', 'online/sftn', 'src/methods/online/sftn.ts'],
    ["a generator's loss", 'data-free/dfad', 'src/methods/data-free/dfad.ts'],
    ["the student's module", 'modules/prune', 'src/models/modules/prune.ts'],
    ["the teacher's module", 'response/uncertainty', 'src/models/modules/bayesian.ts'],
    ["the base's architecture", 'reconstruction/at', 'src/models/zoo/dccnn.ts'],
    ["an architecture of the base under a row's modules", 'words/ctc', 'src/models/zoo/convnet.ts'],
    ["the row's own architecture", 'explain/experts', 'src/models/zoo/experts.ts'],
    ['what reads who teaches whom', 'response/kd', 'src/schemes/lessons.ts'],
  ])('holds %s', async (_what, name, file) => {
    expect(await filesOf(systemNamed(name))).toContain(file);
  });

  it('leaves out what other rows name', async () => {
    const files = await filesOf(systemNamed('response/kd'));
    const foreign = ['src/methods/refine/dafa.ts', 'src/models/modules/prune.ts', 'src/schemes/online.ts'];
    expect(files.filter((file) => foreign.includes(file) || file.endsWith('/index.ts'))).toEqual([]);
  });
});

describe('the table', () => {
  it('judges each row against the student alone and against kd, seed by seed', () => {
    const { rows } = tableOf([reference, measured('feature/at', [0.87, 0.881, 0.8585])]);
    const at = rows.find(({ name }) => name === 'feature/at');
    expect(at?.againstAlone?.difference).toBeCloseTo(2.983, 2);
    expect(at?.againstKd?.difference).toBeCloseTo(1.983, 2);
    expect(at?.againstAlone?.verdict).toBe('BEATS');
    expect(at?.againstAlone?.adjustedP).toBeGreaterThan(0);
  });

  it('judges rows whose answers are images by their PSNR, in dB', () => {
    const images = (...values: readonly number[]) =>
      values.map((psnr, at) => ({ seed: at + 1, psnr, ssim: 0.9 + at / 100 }));
    const base = { base: 'undersampled-images', kd: 'reconstruction/logitsL1' };
    const plain = measured('reconstruction/logitsL1', [], {
      ...base,
      test: images(26, 26.2, 26.1),
      alone: images(25.5, 25.4, 25.6),
      teacherModel: { psnr: 28.25, ssim: 0.95, parameters: 1000 },
    });
    const row = measured('reconstruction/sft-kd-recon', [], { ...base, test: images(26.5, 26.72, 26.61) });
    const results = tableOf([reference, plain, row]);
    const found = results.rows.find(({ name }) => name === row.name);
    expect(found?.againstKd).toMatchObject({ unit: 'dB', verdict: 'BEATS' });
    expect(found?.againstKd?.difference).toBeCloseTo(0.51, 4);
    expect(found?.againstAlone?.difference).toBeCloseTo(1.11, 4);
    expect(results.rows[0]?.againstAlone).toMatchObject({ unit: 'points' });
    const page = resultsPage(results);
    expect(page).toMatch(/\| row +\| test PSNR +\| against alone .* against `logitsL1`/);
    expect(page).toMatch(/26\.61 ± 0\.11 dB, SSIM 0\.9100 +\| \+1\.11 \[[^\]]+\] dB/);
    expect(page).toMatch(/`reconstruction\/logitsL1` +\| 28\.25 dB, SSIM 0\.9500/);
    expect(page).toMatch(/student of undersampled-images taught by plain `logitsL1`/);
    expect(methodPages(results)['docs/methods/sftn.md']).toMatch(
      /test PSNR 26\.61 ± 0\.11 dB, SSIM 0\.9100; \+1\.11 \[[^\]]+\] dB over the student alone/,
    );
  });

  it('sets the cost of a step beside that of plain kd', () => {
    const slow = measured('feature/at', [0.8, 0.8, 0.8], { cost: { milliseconds: 20, alone: 3 } });
    expect(tableOf([reference, slow]).rows[1]?.costOverKd).toBe(2);
  });

  it('names what does not hold: no gain, failures, slow rows, rows not run', () => {
    const names = ['response/kd', 'feature/at', 'feature/nst', 'relation/sp', 'online/dml'];
    const page = resultsPage(
      tableOf(
        [
          reference,
          measured('feature/at', [0.8, 0.811, 0.789]),
          measured('feature/nst', [0.84, 0.86, 0.82], { secondsOfTraining: 12 }),
          measured('relation/sp', [], { status: 'failed', failure: 'the loss is NaN', cost: null }),
        ],
        names,
      ),
    );
    expect(page).toMatch(/Worse than or equal to the student alone \(NO BEATS\): `feature\/at`\./);
    expect(page).toMatch(/No gain shown \(INCONCLUSIVE\): `feature\/nst`\./);
    expect(page).toMatch(/Longer than 10 s a training, the fastest of its seeds: `feature\/nst`\./);
    expect(page).toMatch(/Did not finish: `relation\/sp`\./);
    expect(page).toMatch(/Not run yet: `online\/dml`\./);
    expect(page).toMatch(/relation\/sp.*the loss is NaN.*\*\*did not finish\*\*/);
    expect(page).toMatch(/4 rows|3 rows/);
  });

  it('names a row of other code stale, and neither judges it nor shows it on its page', () => {
    const results = tableOf([reference, measured('feature/at', [0.87, 0.88, 0.86], { key: 'before' })]);
    expect(results.rows[1]).toMatchObject({ stale: true, againstAlone: null, againstKd: null });
    expect(resultsPage(results)).toMatch(
      /Stale[^:]*: made[^:]*: `feature\/at`|Stale: made.*now: `feature\/at`/,
    );
    const pages = methodPages(results);
    expect(pages['docs/methods/at.md']).not.toContain('## Result');
    expect(pages['docs/methods/kd.md']).toContain('## Result');
  });

  it('keeps the other rows when one is measured again, and drops what the list no longer has', () => {
    const first = tableOf([
      reference,
      measured('feature/at', [0.8, 0.8, 0.8]),
      measured('relation/sp', [0.8, 0.8, 0.8]),
    ]);
    const keys = new Map(['response/kd', 'feature/at'].map((name) => [name, { key: 'now', asked: 'now' }]));
    const again = merge(first, [measured('feature/at', [0.9, 0.9, 0.9])], {
      keys,
      bases,
      compareAll,
      comparedBy,
    });
    expect(again.rows.map(({ name, test }) => [name, test[0]?.accuracy])).toEqual([
      ['response/kd', 0.85],
      ['feature/at', 0.9],
    ]);
  });

  it('shows result, cost and settings on the page of the method and in the index', () => {
    const pages = methodPages(tableOf([reference, measured('feature/at', [0.87, 0.881, 0.859])]));
    expect(pages['docs/methods/at.md']).toMatch(
      /BEATS against the student alone; test accuracy 87\.00 ± 1\.10 %/,
    );
    expect(pages['docs/methods/at.md']).toMatch(/```yaml\n# beside its base, fashion-mnist\nmodels:/);
    expect(pages['docs/methods/README.md']).toMatch(
      /\[at\]\(at\.md\) \| [^|]+ \| feature \| x1\.00 \| BEATS \|/,
    );
    expect(pages['docs/methods/README.md']).toContain('[dafl](../generators/dafl.md)');
  });
});
