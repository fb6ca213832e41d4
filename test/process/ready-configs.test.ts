import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile } from '../../src/cli/experiment-file.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { ExportReport } from '../../src/protocol/export.ts';
import { mainMetricOf } from '../../src/protocol/main-metric.ts';
import type { PhaseResult } from '../../src/protocol/records.ts';
import { reportOf } from '../../src/reports/report.ts';
import { RunStore, type RunDirectory } from '../../src/runs/index.ts';
import { copySample, templateNames } from '../../src/runs/sample.ts';
import { Workplace } from '../cli/kd-process.ts';
import { counts } from '../support/counts.ts';
import { bundleProduct } from './build.ts';

const SAMPLE = join(import.meta.dirname, '../../media/sample');
/** Fewer samples alone: every phase, every epoch and whatever is scheduled over them stay as they are written. */
const OVERRIDES = ['data.limit={ train: 300, test: 60 }', 'engine.device=cpu', 'engine.threads=1'];
const SEED = 1;
/** Of images that an exported model makes, in dB. */
const LARGEST_PSNR_DIFFERENCE = 0.01;

/** Cheap ones of different schemes first: some classes, learning from itself, through an assistant. */
const FIRST = ['class-subset', 'adaptive-smoothing', 'capacity-assistant'];
const all = templateNames(SAMPLE);
const ordered = [...FIRST, ...all.filter((name) => !FIRST.includes(name))];

/** What a run has recorded of what its system is about. */
const SHOWN: Readonly<Record<string, (run: RunDirectory) => unknown>> = {
  experts: (run) => run.pictures().some((one) => one.kind === 'gates' && one.phase === 'student'),
  sokd: (run) => run.pictures().some(({ kind }) => kind === 'regions'),
  skd: (run) => run.pictures().some(({ kind }) => kind === 'targets'),
  extractive: (run) => run.pictures().some(({ kind }) => kind === 'targets'),
  pruned: (run) => run.metrics().some(({ values }) => values['width/hidden1.fc'] !== undefined),
  quantized: (run) => run.metrics().some(({ values }) => values['weight/kd'] !== undefined),
  uncertainty: (run) =>
    resultsOf(run).every(({ test }) => test['uncertainty/shifted/coverage'] !== undefined),
  'class-subset': (run) =>
    resultsOf(run).every(({ phase, confusion }) => confusion?.length === (phase === 'teacher' ? 10 : 3)),
};

/** What the report of such a run tells of that. */
const TOLD: Readonly<Record<string, readonly RegExp[]>> = {
  experts: [
    /\| student \| 1 \| entropy of the gates of level2, nats \| [\d.]+ \| [\d.]+ \|/,
    /\| baseline \| 1 \| pairs of classes in conflict \| [\d.]+ % \| [\d.]+ % \|/,
  ],
  sokd: [/regions of \w+ at \S+, share of the image/],
  skd: [/probability that simplifier moves before kd/, /Teacher and student on the validation split/],
  extractive: [/probability that extractive moves before kd/],
  pruned: [/neurons of hidden1\.fc \| \d+ \| \d+ \|/],
  quantized: [/weight of kd in the loss/, /weight of ce in the loss/],
  uncertainty: [/\| teacher \| shifted \|/, /\| student \| as they are \|/],
};

let bundles = '';
let place: Workplace;
beforeAll(async () => {
  bundles = await bundleProduct();
  place = new Workplace(bundles);
});
afterAll(async () => {
  await place.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

function resultsOf(run: RunDirectory): readonly PhaseResult[] {
  return run.record().results?.phases ?? [];
}

/** Whether some student of it hears a teacher that has finished. */
function hasFinishedTeacher({ phases }: Experiment): boolean {
  return phases.some(({ loss, freeze }) => loss === 'distill' && freeze.length > 0);
}

describe('a ready config', () => {
  it('is among these for every system that has one', () => {
    expect(all.length).toBeGreaterThan(30);
    expect(ordered).toHaveLength(all.length);
    expect([...Object.keys(SHOWN), ...Object.keys(TOLD)].filter((name) => !all.includes(name))).toEqual([]);
  });

  it.each(ordered.slice(0, counts({ test: FIRST.length, soak: ordered.length })))(
    '%s runs to its end, is exported with the answers it had, and is compared with its teacher',
    async (template) => {
      const folder = join(place.folder, template);
      mkdirSync(join(folder, '.kd'), { recursive: true });
      const [config = ''] = copySample(SAMPLE, template, folder);
      const { experiment } = checkFile(config, folder, { overrides: OVERRIDES, seeds: [SEED] });
      if (experiment === null) throw new Error(`${template} has errors`);
      const sets = OVERRIDES.flatMap((override) => ['--set', override]);
      const ended = await place.kd(['run', config, ...sets, '--seeds', String(SEED)]);
      expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
        code: 0,
        stderr: '',
      });

      const [listed, ...others] = new RunStore(folder).list();
      if (listed === undefined) throw new Error('there is no run');
      expect(others).toEqual([]);
      const { run } = listed;
      expect(run.status()).toBe('completed');
      const trained = experiment.phases.filter(
        ({ loss, onlyIf }) => loss !== 'ahead' && onlyIf === undefined,
      );
      const results = resultsOf(run);
      for (const { name, train } of trained) {
        const own = results.filter(
          ({ phase }) => phase === name || train.some(({ instance }) => instance === phase),
        );
        expect([name, own.length]).toEqual([name, train.length]);
      }
      for (const { test, validation, parameters } of results) {
        const metric = mainMetricOf(test);
        for (const value of [test[metric], validation[metric], test['loss'], parameters])
          expect(Number.isFinite(value)).toBe(true);
      }
      expect(
        run
          .metrics()
          .flatMap(({ values }) => Object.values(values))
          .every(Number.isFinite),
      ).toBe(true);
      if (experiment.compare.baseline) expect(run.verdict()).toMatchObject({ pairs: 1, interval: null });
      expect(SHOWN[template]?.(run) ?? true).toBe(true);
      const report = reportOf([run], 'md');
      expect((TOLD[template] ?? []).filter((told) => !told.test(report))).toEqual([]);

      const out = join(folder, 'student.onnx');
      const exported = await place.kd(['export', run.path, '--format', 'onnx', '--out', out, '--json']);
      expect({ code: exported.code, stderr: exported.stderr }).toEqual({ code: 0, stderr: '' });
      const { parity } = JSON.parse(exported.stdout) as ExportReport;
      const images = experiment.task.kind === 'reconstruction';
      if (images) expect(Math.abs(parity?.psnrDifference ?? NaN)).toBeLessThan(LARGEST_PSNR_DIFFERENCE);
      else expect(parity?.accuracyDifference).toBe(0);
      expect(parity?.largestDifference).toBeLessThan(1e-3 * Math.max(1, parity?.largestOutput ?? 0));

      for (const command of ['gap', 'match']) {
        const { code, stderr } = await place.kd([command, run.path, '--json']);
        // The gap is one between answers about classes.
        const asked = hasFinishedTeacher(experiment) && !(images && command === 'gap');
        const expected = asked ? 0 : 1;
        expect({ command, code, stderr: expected === 0 ? stderr : '' }).toEqual({
          command,
          code: expected,
          stderr: '',
        });
      }
    },
  );
});
