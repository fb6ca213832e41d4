import { beforeAll, describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { SIMILARITY_MEASURES } from '../../src/protocol/records.ts';
import type { TrainingOutcome } from '../../src/training/train-experiment.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const STAGE = [{ teacher: 'stage2', student: 'stage2' }];

describe('an experiment on real digits', () => {
  let outcome: TrainingOutcome;
  let writer: MemoryWriter;
  const seeds = [1, 2, 3];
  const [epochs, teacherEpochs] = [4, 6];

  beforeAll(async () => {
    const made = await smallExperiment({
      train: 500,
      test: 300,
      epochs,
      teacherEpochs,
      seeds,
      batchSize: 32,
      terms: [
        term('kd', { weight: 0.9 }),
        term('at', { weight: 10, pairs: STAGE }),
        term('fitnet', { pairs: STAGE }),
      ],
    });
    ({ outcome, writer } = await train(made, { executor }));
  });

  const records = (split: string, phase?: string) =>
    writer.metricsLog.filter((one) => one.split === split && (phase === undefined || one.phase === phase));

  it('trains teacher, students and baselines, in that order, each better than chance on the test split', () => {
    expect(outcome.status).toBe('completed');
    const named = outcome.results.phases.map(({ phase, seed }) => `${phase} ${seed}`);
    expect(named).toEqual([
      'teacher 1',
      'student 1',
      'student 2',
      'student 3',
      'baseline 1',
      'baseline 2',
      'baseline 3',
    ]);
    for (const result of outcome.results.phases)
      expect(Number(result.test['accuracy'])).toBeGreaterThan(0.25);
    expect(Number(outcome.results.phases[0]?.test['accuracy'])).toBeGreaterThan(0.6);
    expect(writer.lastResults).toEqual(outcome.results);
  });

  it('numbers its records without gaps and every epoch ends with train and validation records of all terms', () => {
    expect(writer.metricsLog.map((one) => one.seq)).toEqual(writer.metricsLog.map((_, i) => i));
    expect(records('validation')).toHaveLength(teacherEpochs + 2 * seeds.length * epochs);
    const [last] = records('train', 'student').slice(-1);
    expect(Object.keys(last?.values ?? {}).sort()).toEqual(
      [
        'accuracy',
        'epochAccuracy',
        'epochLoss',
        'gradientShare/at',
        'gradientShare/ce',
        'gradientShare/fitnet',
        'gradientShare/kd',
        'imagesPerSecond',
        'learningRate',
        'loss',
        'loss/at',
        'loss/ce',
        'loss/fitnet',
        'loss/kd',
        'memoryMegabytes',
        'millisecondsPerStep',
      ].sort(),
    );
    for (const { values } of records('validation', 'student')) {
      const v = (name: string) => Number(values[name]);
      expect(v('loss')).toBeCloseTo(
        0.1 * v('loss/ce') + 0.9 * v('loss/kd') + 10 * v('loss/at') + v('loss/fitnet'),
        6,
      );
    }
  });

  it('reports gradient shares that sum to one', () => {
    const shares = records('train', 'student').flatMap(({ values }) =>
      'gradientShare/ce' in values
        ? [
            ['ce', 'kd', 'at', 'fitnet'].reduce(
              (sum, part) => sum + Number(values[`gradientShare/${part}`]),
              0,
            ),
          ]
        : [],
    );
    expect(shares).toHaveLength(seeds.length * epochs);
    for (const sum of shares) expect(sum).toBeCloseTo(1, 6);
  });

  it('keeps the epoch that is best on validation and reads the test split once for each training', () => {
    for (const result of outcome.results.phases) {
      const own = records('validation', result.phase).filter((one) => one.seed === result.seed);
      const accuracies = own.map((one) => Number(one.values['accuracy']));
      expect(result.bestEpoch).toBe(accuracies.indexOf(Math.max(...accuracies)));
      expect(result.validation).toEqual(own[result.bestEpoch]?.values);
      expect(result.lastValidation).toEqual(own.at(-1)?.values);
    }
    expect(records('test')).toHaveLength(outcome.results.phases.length);
  });

  it('loss falls, of the whole and of every term', () => {
    for (const name of ['epochLoss', 'loss/kd', 'loss/fitnet']) {
      const own = records('train', 'student').filter((one) => one.seed === 1 && name in one.values);
      expect(Number(own.at(-1)?.values[name])).toBeLessThan(Number(own[0]?.values[name]));
    }
  });

  it('judges the pairs of student and baseline seed by seed', () => {
    const accuracy = (phase: string, seed: number) =>
      Number(
        outcome.results.phases.find((one) => one.phase === phase && one.seed === seed)?.test['accuracy'],
      );
    const mean =
      seeds.reduce((sum, seed) => sum + accuracy('student', seed) - accuracy('baseline', seed), 0) / 3;
    expect(outcome.results.verdict?.difference).toBeCloseTo(100 * mean, 6);
    expect(outcome.results.verdict?.pairs).toBe(3);
    expect(writer.lastVerdict).toEqual(outcome.results.verdict);
  });

  it('measures gap and similarity of every student epoch, and keeps the weights without the adapters', () => {
    expect(writer.gaps).toHaveLength(seeds.length * epochs);
    const teacher = Number(outcome.results.phases[0]?.validation['accuracy']);
    for (const gap of writer.gaps) expect(gap.teacherAccuracy).toBeCloseTo(teacher, 9);
    const last = writer.gaps.at(-1);
    const [own] = records('validation', 'student').slice(-1);
    expect(last?.studentAccuracy).toBeCloseTo(Number(own?.values['accuracy']), 9);
    expect(writer.similarities).toHaveLength(SIMILARITY_MEASURES.length * seeds.length * epochs);
    for (const similarity of writer.similarities) {
      expect(similarity).toMatchObject({ samples: 96, batches: 3 });
      expect(similarity.teacherLayers).toContain('stage2');
      for (const value of similarity.values.flat()) expect(Math.abs(Number(value))).toBeLessThanOrEqual(1);
      for (const error of similarity.errors?.flat() ?? [NaN]) expect(Number(error)).toBeGreaterThanOrEqual(0);
    }
    const linear = writer.similarities.findLast(({ measure }) => measure === 'linearCka');
    const [row, column] = [linear?.teacherLayers.indexOf('stage2'), linear?.studentLayers.indexOf('stage2')];
    const matched = linear?.values[row ?? -1]?.[column ?? -1];
    expect(matched).toBeGreaterThan(0.1);
    expect(own?.values['similarity/stage2:stage2']).toBe(matched);
    expect(writer.meetings).toHaveLength(seeds.length);
    expect(writer.meetings[0]).toMatchObject({
      ...{ phase: 'student', method: 'at', batch: 32, matched: STAGE },
      cost: { comparisons: epochs },
    });
    expect([...writer.models.keys()]).toEqual(
      expect.arrayContaining(['teacher-1', 'student-3', 'baseline-2']),
    );
    expect(Object.keys(writer.models.get('student-1') ?? {}).filter((name) => name.includes(':'))).toEqual(
      [],
    );
  });

  it('says how far it is', () => {
    expect(writer.lastProgress).toMatchObject({
      phase: 'baseline',
      seed: 3,
      epoch: epochs,
      done: 1,
      secondsLeft: 0,
    });
  });
});

describe('fair comparison', () => {
  it('student and baseline of one seed start from the same weights and see the same batches', async () => {
    const terms = [term('kd', { weight: 0 })];
    const { writer } = await train(
      await smallExperiment({ terms, hardLabelWeight: 1, teacherEpochs: 1, epochs: 2 }),
      {
        executor,
      },
    );
    const losses = (phase: string) =>
      writer.metricsLog
        .filter((one) => one.phase === phase && one.split === 'train')
        .map(({ values }) => Number(values['loss/ce']));
    const [student, baseline] = [losses('student'), losses('baseline')];
    expect(student.length).toBeGreaterThan(4);
    student.forEach((loss, i) => {
      expect(loss).toBeCloseTo(baseline[i] ?? NaN, 5);
    });
  });

  it('stored answers of the teacher are those it gives batch by batch', async () => {
    const settings = { teacherEpochs: 1, epochs: 2, baseline: false } as const;
    const stored = await train(await smallExperiment(settings), { executor });
    // A flip that never happens makes every epoch a view of its own without changing a pixel.
    const augment = [{ kind: 'randomFlip', probability: 0 }] as const;
    const live = await train(await smallExperiment({ ...settings, augment }), { executor });
    const losses = ({ writer }: typeof stored) =>
      writer.metricsLog.map(({ values }) => Number(values['loss']));
    losses(stored).forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses(live)[i] ?? NaN, 4);
    });
  });
});
