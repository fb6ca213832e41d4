import { describe, expect, it, vi } from 'vitest';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import { isEager, type Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { dryRun } from '../../src/training/dry-run/dry-run.ts';
import { estimatePhase, type Work } from '../../src/training/dry-run/estimate.ts';
import type { Span, Stretch } from '../../src/training/dry-run/timeline.ts';
import { scratchFolder } from '../runs/scratch.ts';
import { smallExperiment, term, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const STAGE = [{ teacher: 'stage2', student: 'stage2' }];
/** Nothing was trained before, and no book stands there. */
const fresh = () => ({ earlierModel: () => ({}), bookshelf: new Bookshelf(scratchFolder()) });

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
    const report = await dryRun({ experiment, dataset, executor, ...fresh() });
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
    const report = await dryRun({ ...made, executor, ...fresh() });
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
    await expect(dryRun({ ...made, executor, ...fresh() })).rejects.toMatchObject({
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
      const report = await dryRun({ ...made, executor, ...fresh() });
      expect(report.phases.every(({ seconds }) => seconds !== null)).toBe(true);
    }
  });

  it('counts every page of a book, and the book once for all seeds and phases', async () => {
    const made = await smallExperiment({
      ...{
        train: 600,
        epochs: 2,
        teacherEpochs: 1,
        seeds: [1, 2],
        augment: [{ kind: 'randomCrop', padding: 2 }],
      },
      book: { precision: 'float32', topK: null, views: 2, name: null },
    });
    const again = made.experiment.phases.flatMap((phase) =>
      phase.name === 'student' ? [phase, { ...phase, name: 'again' }] : [phase],
    );
    const { now, restore } = stoppedClock();
    try {
      const report = await dryRun({
        ...made,
        experiment: { ...made.experiment, phases: again },
        executor: pacing(/^book\//, () => (now.milliseconds += 1)),
        ...fresh(),
      });
      // A millisecond for each of 15 batches in two views, and of 4 batches of validation.
      const milliseconds = report.phases.map(({ phase, seconds }) => [
        phase,
        Math.round(1000 * (seconds ?? NaN)),
      ]);
      expect(milliseconds).toEqual([
        ['teacher', 0],
        ['student', 2 * 15 + 4],
        ['again', 0],
        ['baseline', 0],
      ]);
    } finally {
      restore();
    }
  });
});

/** `performance.now` stands still, but for what is added to it. */
function stoppedClock() {
  const now = { milliseconds: performance.now() };
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => now.milliseconds);
  return { now, restore: () => spy.mockRestore() };
}

/** The executor, with something done at each run of some graphs. */
function pacing(names: RegExp, tick: () => void): Executor {
  if (isEager(executor)) throw new Error('graphs are counted where they are compiled');
  return {
    ...executor,
    async load(graphs, state) {
      const program = await executor.load(graphs, state);
      return {
        readState: (wanted) => program.readState(wanted),
        writeState: (values) => program.writeState(values),
        dispose: () => program.dispose(),
        run(graph, feeds) {
          if (names.test(graph)) tick();
          return program.run(graph, feeds);
        },
      };
    },
  };
}

/** A stretch of a phase, span by span. */
class Script {
  readonly spans: Span[] = [];
  now = 1000;

  span(kind: Span['kind'], milliseconds: number, name = ''): this {
    this.spans.push({ kind, name, start: this.now, end: this.now + milliseconds });
    this.now += milliseconds;
    return this;
  }

  idle(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }

  stretch(): Stretch {
    return { start: 1000, end: this.now, spans: this.spans };
  }
}

describe('the estimate', () => {
  const work: Work = {
    ...{ jobs: 3, epochs: 4, stepsPerEpoch: 100, validationBatches: 10, validationLooks: 2, testBatches: 5 },
    ...{ answeredBatches: 110, similarityEpochs: 2 },
  };

  /** Three epochs of which the first is cold. */
  function script(step: (at: number) => number = () => 10): Stretch {
    const made = new Script().idle(500).span('loaded', 1).idle(30);
    for (let batch = 0; batch < 3; batch++) made.span('graph', 4, 'answers/teacher');
    for (let epoch = 0; epoch < 3; epoch++) {
      const cold = epoch === 0 ? 2 : 1;
      made.span('graph', 20, 'shares');
      for (let at = 0; at < 7; at++) made.idle(2).span('graph', cold * step(at), 'train');
      made.span('graph', 3, 'trainLast');
      for (let batch = 0; batch < 2; batch++) made.span('graph', cold * 6, 'evaluate');
      made.idle(3).span('validated', 1).idle(5);
      if (epoch === 2) made.span('graph', 7, 'probeTeacher').span('graph', 6, 'probe').span('similarity', 2);
      made.span('checkpoint', 9);
    }
    for (let batch = 0; batch < 2; batch++) made.span('graph', 3, 'predict');
    made.span('saved', 8).span('checkpoint', 9);
    return made.stretch();
  }

  it('adds up loading, answers, steps, validation, measures, checkpoints, tests and seeds', () => {
    const { stepMilliseconds, totalMilliseconds } = estimatePhase(script(), work);
    expect(stepMilliseconds).toBe(12);
    const epoch = 100 * 12 + 20 + (10 / 2) * (2 * 6 + 4) + (5 + 9);
    const tests = 8 + 9 + (2 - 1 / 4) * 5 * 3;
    const warming = 7 * 10 + 2 * 6;
    expect(totalMilliseconds).toBeCloseTo(501 + 110 * 4 + warming + 3 * (30 + 4 * epoch + 2 * 15 + tests), 9);
  });

  it('is not misled by a step that was held up', () => {
    const held = estimatePhase(
      script((at) => (at === 4 ? 900 : 10)),
      work,
    );
    expect(held.stepMilliseconds).toBe(12);
  });

  it('counts what the first answers took longer once, however many are to come', () => {
    const made = new Script().span('loaded', 0);
    for (const milliseconds of [50, 4, 4, 4]) made.span('graph', milliseconds, 'book/teacher');
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let at = 0; at < 9; at++) made.span('graph', 10, 'train');
      made.span('checkpoint', 1);
    }
    const { totalMilliseconds } = estimatePhase(made.stretch(), work);
    expect(totalMilliseconds).toBeCloseTo(46 + 110 * 4 + 3 * 4 * (100 * 10 + 1), 9);
  });

  it('weighs turns of different graphs by how often they come', () => {
    const made = new Script().span('loaded', 0);
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let at = 0; at < 9; at++)
        made.span('graph', at % 3 === 0 ? 40 : 10, at % 3 === 0 ? 'generate' : 'train');
      made.span('checkpoint', 1);
    }
    expect(estimatePhase(made.stretch(), work).stepMilliseconds).toBeCloseTo((4 * 40 + 12 * 10) / 16, 9);
  });

  it('takes a phase that trains nothing as it was', () => {
    const made = new Script().idle(50).span('loaded', 1).span('graph', 5, 'predict');
    expect(estimatePhase(made.stretch(), work)).toEqual({ stepMilliseconds: null, totalMilliseconds: 56 });
  });
});
