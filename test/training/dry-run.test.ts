import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { dryRun } from '../../src/training/dry-run/dry-run.ts';
import { estimatePhase } from '../../src/training/dry-run/estimate.ts';
import { smallExperiment, term, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const STAGE = [{ teacher: 'stage2', student: 'stage2' }];
const nothing = () => ({});

describe('a dry run', () => {
  it('goes through every phase and tells shapes, terms, their shares and the work ahead', async () => {
    const { experiment, dataset } = await smallExperiment({
      train: 600,
      test: 100,
      epochs: 5,
      teacherEpochs: 7,
      seeds: [1, 2, 3],
      terms: [term('kd', { weight: 0.9 }), term('at', { weight: 10, pairs: STAGE })],
    });
    const report = await dryRun({ experiment, dataset, executor, earlierModel: nothing });
    expect(report.phases.map(({ phase, jobs, steps }) => [phase, jobs, steps])).toEqual([
      ['teacher', 1, 7 * 15],
      ['student', 3, 5 * 15],
      ['baseline', 3, 5 * 15],
    ]);
    const student = report.phases[1];
    expect(student?.input).toEqual([28, 28, 1]);
    expect(student?.terms.map(({ id }) => id)).toEqual(['ce', 'kd', 'at']);
    expect(student?.terms[2]?.pairs).toEqual([
      { teacher: { layer: 'stage2', shape: [14, 14, 8] }, student: { layer: 'stage2', shape: [14, 14, 4] } },
    ]);
    const shares = student?.terms.map(({ gradientShare }) => gradientShare ?? NaN) ?? [];
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    for (const { value } of student?.terms ?? []) expect(value).toBeGreaterThan(0);
    for (const { seconds, millisecondsPerStep } of report.phases) {
      expect(millisecondsPerStep).toBeGreaterThan(0);
      expect(seconds).toBeGreaterThan(0);
    }
    expect(report.seconds).toBeCloseTo(
      report.phases.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
      9,
    );
  });

  it('gives the shares that the run itself begins with', async () => {
    const made = await smallExperiment({ train: 360, epochs: 1, teacherEpochs: 1, baseline: false });
    const report = await dryRun({ ...made, executor, earlierModel: nothing });
    const { writer } = await train(made, { executor });
    const [first] = writer.metricsLog.filter(
      ({ phase, values }) => phase === 'student' && 'gradientShare/kd' in values,
    );
    expect(report.phases[1]?.terms[1]?.gradientShare).toBeCloseTo(
      Number(first?.values['gradientShare/kd']),
      6,
    );
  });

  it('stops where the run would stop in its first steps', async () => {
    const made = await smallExperiment({
      train: 100,
      terms: [term('kd', { parameters: { temperature: 1e-40 } })],
    });
    await expect(dryRun({ ...made, executor, earlierModel: nothing })).rejects.toMatchObject({
      problem: { code: 'KD4004' },
    });
  });

  it('works for every scheme that brings phases of its own', async () => {
    const dataFree = {
      generator: { dafl: { oneHot: 1, entropy: 5, activation: 0.1 } },
      ...{ latent: 8, filters: 8, stepsPerEpoch: 20, generatorSteps: 1, studentSteps: 1, learningRate: 1e-3 },
    };
    const kd = [term('kd', { parameters: { temperature: 1 } })];
    for (const [scheme, terms] of [
      [['online', { peers: 2 }], [term('dml')]],
      [['dataFree', dataFree], kd],
    ] as const) {
      const made = await smallExperiment({ train: 100, teacherEpochs: 1, baseline: false, scheme, terms });
      const report = await dryRun({ ...made, executor, earlierModel: nothing });
      expect(report.phases.every(({ seconds }) => seconds !== null)).toBe(true);
    }
  });
});

describe('the estimate', () => {
  it('adds up steps, looks at the splits, answers and seeds', () => {
    const runs: { graph: string; start: number; end: number }[] = [];
    let now = 0;
    const run = (graph: string, milliseconds: number, before = 0) => {
      now += before;
      runs.push({ graph, start: now, end: now + milliseconds });
      now += milliseconds;
    };
    for (let batch = 0; batch < 3; batch++) run('answers/teacher', 4);
    for (let step = 0; step < 3; step++) {
      run('shares', 20);
      run('train', 50);
    }
    for (let step = 0; step < 5; step++) run('train', 10, 2);
    for (let batch = 0; batch < 3; batch++) run('evaluate', 6);
    run('predict', 3);
    run('predict', 3);
    const work = {
      ...{ jobs: 3, epochs: 4, stepsPerEpoch: 100, validationBatches: 10, testBatches: 5 },
      answeredBatches: 110,
    };
    const { stepMilliseconds, totalMilliseconds } = estimatePhase(
      { graphs: [], loadMilliseconds: 500, runs },
      work,
    );
    expect(stepMilliseconds).toBe(12);
    const epoch = 100 * 12 + 10 * 6 + 20;
    expect(totalMilliseconds).toBe(500 + 110 * 4 + 3 * (4 * epoch + 2 * 5 * 3));
  });
});
