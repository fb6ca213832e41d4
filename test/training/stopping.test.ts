import { describe, expect, it } from 'vitest';
import type { ScheduledNumber } from '../../src/config/experiment.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { valueAt } from '../../src/training/schedules.ts';
import { metricsOf, timesStalled } from '../../src/training/validation-history.ts';
import { MemoryWriter } from './memory-writer.ts';
import { SGD, smallExperiment, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const accuracies = (values: readonly number[]) => values.map((accuracy) => metricsOf({ accuracy }));
const losses = (values: readonly number[]) => values.map((loss) => metricsOf({ loss }));

describe('patience', () => {
  const watch = { by: 'accuracy', patience: 2, minimumGain: 0 } as const;

  it('tolerates exactly `patience` epochs without improvement, and the next one counts', () => {
    expect(timesStalled(accuracies([0.5, 0.5, 0.4]), watch)).toBe(0);
    expect(timesStalled(accuracies([0.5, 0.5, 0.4, 0.5]), watch)).toBe(1);
    expect(timesStalled(accuracies([0.5, 0.5, 0.4, 0.6]), watch)).toBe(0);
    expect(timesStalled(accuracies([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]), watch)).toBe(2);
  });

  it('an improvement must exceed the minimum gain; losses improve downwards', () => {
    const gain = { ...watch, minimumGain: 0.05 };
    expect(timesStalled(accuracies([0.5, 0.54, 0.54, 0.54]), gain)).toBe(1);
    expect(timesStalled(accuracies([0.5, 0.56, 0.56, 0.56]), gain)).toBe(0);
    const loss = { ...watch, by: 'loss' } as const;
    expect(timesStalled(losses([2, 1, 0.5, 0.2]), loss)).toBe(0);
    expect(timesStalled(losses([2, 3, 3, 3]), loss)).toBe(1);
    expect(timesStalled(losses([NaN, NaN, 2, 1]), loss)).toBe(0);
    expect(timesStalled(losses([NaN, NaN, NaN]), loss)).toBe(1);
  });

  it('a plateau schedule is a function of what validation said, down to its minimum', () => {
    const plateau: ScheduledNumber = {
      kind: 'plateau',
      from: 0.1,
      factor: 0.5,
      minimum: 0.03,
      by: 'accuracy',
      patience: 0,
      minimumGain: 0,
    };
    const after = (values: readonly number[]) =>
      valueAt(plateau, { step: 0, stepsPerEpoch: 1, history: accuracies(values) });
    expect(valueAt(plateau, { step: 0, stepsPerEpoch: 1 })).toBe(0.1);
    expect([after([0.5]), after([0.5, 0.5]), after([0.5, 0.5, 0.5])]).toEqual([0.1, 0.05, 0.03]);
  });

  it('one cycle rises to its peak and falls as PyTorch has it', () => {
    const cycle: ScheduledNumber = {
      kind: 'oneCycle',
      peak: 1,
      over: { unit: 'steps', value: 100 },
      rise: 0.3,
      startDivisor: 25,
      endDivisor: 1e4,
    };
    const at = (step: number) => valueAt(cycle, { step, stepsPerEpoch: 10 });
    expect(at(0)).toBeCloseTo(0.04, 12);
    expect(at(15)).toBeCloseTo((1 + 0.04) / 2, 12);
    expect(at(30)).toBeCloseTo(1, 12);
    expect(at(65)).toBeCloseTo((1 + 4e-6) / 2, 12);
    expect(at(100)).toBeCloseTo(4e-6, 12);
    expect(at(1000)).toBeCloseTo(4e-6, 12);
  });
});

describe('a run that reacts to validation', () => {
  // Learning hardly anything, so that validation stalls at once.
  const still = { kind: 'plateau', from: 1e-9, factor: 0.5, minimum: 0 } as const;
  const run: SmallRun = {
    train: 80,
    epochs: 9,
    teacherEpochs: 1,
    optimizer: {
      ...SGD,
      weightDecay: 0,
      learningRate: { ...still, by: 'accuracy', patience: 0, minimumGain: 0.5 },
    },
    settings: {
      selectBy: 'crossEntropy',
      earlyStopping: { by: 'accuracy', patience: 2, minimumGain: 0.5 },
    },
  };

  it('ends early in student and baseline alike, says so, and lowers the rate before', async () => {
    const { writer, outcome } = await train(await smallExperiment(run), { executor });
    const student = outcome.results.phases.find(({ phase }) => phase === 'student');
    const baseline = outcome.results.phases.find(({ phase }) => phase === 'baseline');
    expect(student).toMatchObject({ epochs: 9, lastEpoch: 3 });
    expect(baseline).toMatchObject({ epochs: 9, lastEpoch: 3 });
    expect(writer.events.map(({ message }) => message)).toContain(
      'student, seed 1: stopped after 4 of 9 epochs; accuracy on validation did not improve by more than 0.5 for 3 epochs.',
    );
    const rates = writer.metricsLog
      .filter(({ phase, values }) => phase === 'student' && 'epochLoss' in values)
      .map(({ values }) => Number(values['learningRate']));
    expect(rates).toEqual([1e-9, 1e-9, 5e-10, 2.5e-10]);
    expect(writer.lastProgress).toMatchObject({ done: 1 });
    const losses = writer.metricsLog
      .filter(({ phase, split }) => phase === 'student' && split === 'validation')
      .map(({ values }) => Number(values['loss/ce']));
    expect(student?.bestEpoch).toBe(losses.indexOf(Math.min(...losses)));
  });

  it('goes on from every checkpoint with the same numbers, also across the early end', async () => {
    const made = await smallExperiment({ ...run, baseline: false });
    const whole = await train(made, { executor });
    const ofStudent = whole.writer.checkpoints.filter(({ meta }) => meta.phase === 'student');
    // In the middle, and after the epoch at which patience ran out.
    for (const checkpoint of [ofStudent.at(2), ofStudent.at(-1)]) {
      if (checkpoint === undefined) throw new Error('too few checkpoints');
      const writer = new MemoryWriter();
      writer.metricsLog = whole.writer.metricsLog.slice(0, checkpoint.meta.seq);
      for (const [name, tensors] of whole.writer.models) writer.models.set(name, tensors);
      const { outcome } = await train(made, { executor, writer, resume: checkpoint });
      const untimed = {
        millisecondsPerStep: 0,
        imagesPerSecond: 0,
        latency: { milliseconds: 0, batch: 0 },
      };
      const compared = (results: typeof outcome.results) =>
        results.phases.map((phase) => ({ ...phase, ...untimed }));
      expect(compared(outcome.results)).toEqual(compared(whole.outcome.results));
    }
  });

  it('reports the last epoch beside the best, on validation and on test', async () => {
    const { outcome } = await train(await smallExperiment({ train: 200, epochs: 3, baseline: false }), {
      executor,
    });
    for (const result of outcome.results.phases) {
      expect(Object.keys(result.lastTest ?? {})).toEqual(Object.keys(result.test));
      const named = (result.confusion ?? []).flat().reduce((sum, count) => sum + count, 0);
      expect(named).toBe(50);
      if (result.bestEpoch === result.lastEpoch) expect(result.lastTest).toEqual(result.test);
    }
  });
});
