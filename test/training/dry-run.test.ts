import { describe, expect, it, vi } from 'vitest';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { isEager, type Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { dryRunText } from '../../src/protocol/dry-run-text.ts';
import { dryRun } from '../../src/training/dry-run/dry-run.ts';
import { estimatePhase, type Work } from '../../src/training/dry-run/estimate.ts';
import { midmean } from '../../src/training/middle.ts';
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
    expect(report.peakMegabytes).toBeGreaterThan(20);
    expect(dryRunText({ ...report, file: '', time: 0, effectiveHash: '' })).toContain(
      `memory so far ${Math.round(report.peakMegabytes)} MB`,
    );
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

  it('counts no page of a book that stands on the shelf of the run, and refuses what the run would refuse', async () => {
    const whole = { precision: 'float32', topK: null, views: 1, name: 'mine' } as const;
    const made = await smallExperiment({
      train: 200,
      epochs: 1,
      teacherEpochs: 1,
      baseline: false,
      book: whole,
    });
    const shelf = new Bookshelf(scratchFolder());
    const { writer } = await train(made, { executor, bookshelf: shelf });
    const { teacher } = made.experiment.models;
    if (teacher === undefined) throw new Error('no teacher');
    const taught: Experiment = {
      ...made.experiment,
      models: {
        ...made.experiment.models,
        teacher: { name: 'teacher', source: 'run', run: 'one', model: 'teacher-1', graph: teacher.graph },
      },
      phases: made.experiment.phases.filter(({ name }) => name !== 'teacher'),
    };
    const { now, restore } = stoppedClock();
    try {
      const told = async (experiment: Experiment, runShelf: Bookshelf) => {
        const report = await dryRun({
          ...{ experiment, dataset: made.dataset, runShelf, bookshelf: new Bookshelf(scratchFolder()) },
          executor: pacing(/^book\//, () => (now.milliseconds += 1)),
          earlierModel: () => writer.loadModel('teacher-1'),
        });
        return Math.round(1000 * report.seconds);
      };
      expect(await told(taught, new Bookshelf(scratchFolder()))).toBe(5 + 2);
      expect(await told(taught, shelf)).toBe(0);
      const other = { ...taught, distill: { ...taught.distill, book: { ...whole, topK: 3 } } };
      await expect(told(other, shelf)).rejects.toMatchObject({ problem: { code: 'KD4030' } });
    } finally {
      restore();
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
    ...{ jobs: 3, epochs: 4, stepsPerEpoch: 100, stepsTried: 8, recordsPerEpoch: 20 },
    ...{
      validationBatches: 10,
      validationLooks: 2,
      testBatches: 5,
      testLooks: 2,
      answeredBatches: 110,
      answeredAgain: 110,
    },
    ...{ searchedEpochs: 0, gapEpochs: 4, similarityEpochs: 2, lookedEpochs: 3, drawnEpochs: 1 },
    checkpoints: { everyEpochs: 1, everyMinutes: Infinity, share: 1, isFirst: true },
  };

  /** Three epochs of which the first is cold. */
  function script(step: (at: number) => number = () => 10): Stretch {
    const made = new Script().idle(500).span('loaded', 1).idle(30);
    for (let batch = 0; batch < 3; batch++) made.span('graph', 4, 'answers/teacher');
    for (let batch = 0; batch < 2; batch++) made.span('graph', 3, 'predict');
    for (let epoch = 0; epoch < 3; epoch++) {
      const cold = epoch === 0 ? 2 : 1;
      made.span('graph', 20, 'shares');
      for (let at = 0; at < 7; at++) {
        made.idle(2).span('graph', cold * step(at), 'train');
        if (at === 3) made.span('record', 1).span('progress', 1);
      }
      made.span('graph', 3, 'trainLast').idle(1).span('record', 2);
      for (let batch = 0; batch < 2; batch++) made.span('graph', cold * 6, 'evaluate');
      made.idle(3);
      if (epoch === 0) made.span('graph', 7, 'probeTeacher');
      made
        .span('graph', 6, 'probe')
        .span('similarity', 2)
        .idle(4)
        .span('gap', 1)
        .span('validated', 1)
        .idle(5);
      made.span('graph', 11, 'regions').span('picture', 2).span('graph', 3, 'attention').span('attention', 1);
      made.span('checkpoint', 9);
    }
    made.span('saved', 8);
    // Test, and what the report of the gap asks for.
    for (let batch = 0; batch < 3; batch++) made.span('graph', 3, 'predict');
    made.span('checkpoint', 9);
    return made.stretch();
  }

  const epoch = 99 * 12 + 3 + 20 + 20 * 2 + 3 + (10 / 2) * (2 * 6 + 3) + (1 + 5);
  const tests = 8 + 3 + 9 + (2 - 1 / 4) * 5 * 3;
  const beside = 4 * (10 / 2) * (4 + 1) + 2 * (6 + 2) + 3 * (3 + 1) + 1 * (11 + 2);
  const setup = 30 + (10 / 2) * 2 * 3;
  const warming = 7 * 10 + 2 * 6 + 7;
  const whole = 501 + 110 * 4 + warming + 3 * (setup + 4 * epoch + beside + tests + 9);

  it('adds up loading, answers, steps, validation, measures, tests, seeds and checkpoints', () => {
    const { stepMilliseconds, totalMilliseconds } = estimatePhase(script(), work);
    expect(stepMilliseconds).toBe(12);
    expect(totalMilliseconds).toBeCloseTo(whole + 3 * 3 * 9, 9);
  });

  it('counts checkpoints beside the last one of a training as far as their share of the time goes', () => {
    const taking = (checkpoints: Partial<Work['checkpoints']>) =>
      estimatePhase(script(), { ...work, checkpoints: { ...work.checkpoints, ...checkpoints } })
        .totalMilliseconds - whole;
    expect(taking({ everyEpochs: 3 })).toBeCloseTo(3 * 9, 9);
    expect(taking({ share: 0.003 })).toBeCloseTo(0.003 * whole - 3 * 9, 9);
    // The first one waits for nothing, the next ones for a time in which they may be written.
    expect(taking({ share: 0.001 })).toBeCloseTo(9, 9);
    expect(taking({ share: 0.001, isFirst: false })).toBeCloseTo(0, 9);
    expect(taking({ everyMinutes: epoch / 2.5 / 60_000 })).toBeCloseTo(3 * (3 + 4 * 2) * 9, 9);
  });

  it('counts a search in the epochs that search, and not as a part of every step', () => {
    const made = new Script().span('loaded', 0);
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let at = 0; at < 8; at++) {
        made.span('graph', 10, 'train');
        // After every second step.
        if (at % 2 === 1) made.idle(1).span('graph', 5, 'search/1');
      }
      made.span('checkpoint', 0);
    }
    const searching: Work = { ...work, jobs: 1, answeredBatches: 0, recordsPerEpoch: 0, searchedEpochs: 3 };
    const { stepMilliseconds, totalMilliseconds } = estimatePhase(made.stretch(), searching);
    expect(stepMilliseconds).toBe(10);
    // Of the 13 intervals between steps until the last that holds one, 6 do.
    expect(totalMilliseconds).toBeCloseTo(4 * 100 * 10 + 3 * 100 * 6 * (6 / 13), 9);
  });

  it('counts what a model that loses neurons makes anew as often as that was seen, and not after each epoch', () => {
    const made = new Script().idle(500).span('loaded', 1).idle(30);
    const ask = () => {
      for (let batch = 0; batch < 3; batch++) made.span('graph', 4, 'answers/teacher');
    };
    ask();
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let at = 0; at < 8; at++) made.span('graph', 10, 'train');
      made.span('graph', 2, 'activity');
      if (epoch < 2) {
        made.idle(40).span('loaded', 1).idle(5);
        ask();
      }
      made
        .span('graph', 6, 'evaluate')
        .span('graph', 6, 'evaluate')
        .span('validated', 1)
        .span('checkpoint', 9);
    }
    const told = (jobs: number) =>
      estimatePhase(made.stretch(), { ...work, jobs, recordsPerEpoch: 0 }).totalMilliseconds;
    const [answers, reload] = [110 * 4, 40 + 1 + 5];
    const epochs = 4 * (100 * 10 + 2 * (100 / 8) + (10 / 2) * 12 + 1);
    const job = 30 + epochs + 2 * (reload + answers) + 4 * 9;
    expect(told(1)).toBeCloseTo(501 + answers + job, 9);
    // Every seed begins with a program of all neurons.
    expect(told(3)).toBeCloseTo(3 * (501 + answers + job), 9);
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

  it('leans on the middle half of many times, and on the median of few', () => {
    expect(midmean([])).toBe(0);
    expect(midmean([1, 90, 2])).toBe(2);
    expect(midmean([900, 1, 2, 3, 5, 6, 7, 0])).toBe((2 + 3 + 5 + 6) / 4);
  });

  it('takes a phase that trains nothing as it was', () => {
    const made = new Script().idle(50).span('loaded', 1).span('graph', 5, 'predict');
    expect(estimatePhase(made.stretch(), work)).toEqual({ stepMilliseconds: null, totalMilliseconds: 56 });
  });
});
