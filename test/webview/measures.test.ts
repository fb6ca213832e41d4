import { describe, expect, test } from 'vitest';
import type { GapRecord, SimilarityRecord } from '../../src/protocol/records.ts';
import { gapOverEpochs, widestFirst } from '../../webview/gap/gap-data.ts';
import {
  bestForEachStudentLayer,
  measuredEpochs,
  rankPairs,
  similarityAt,
} from '../../webview/layers/pairs.ts';
import { modelRows, seedRows, spreadOf } from '../../webview/verdict/results.ts';
import { sampleRun } from '../panel/sample-run.ts';

function gap(seed: number, epoch: number, student: number): GapRecord {
  const row = { name: 'a', count: 10, teacherAccuracy: 1, studentAccuracy: student, kl: 0.5 };
  const worse = { ...row, name: 'b', studentAccuracy: student - 0.2 };
  return {
    phase: 'student',
    seed,
    epoch,
    kl: student,
    agreement: 0.5,
    teacherAccuracy: 1,
    studentAccuracy: student,
    perClass: [row, worse],
  };
}

describe('the gap over the epochs', () => {
  const records = [gap(1, 0, 0.4), gap(1, 1, 0.6), gap(2, 0, 0.6), gap(2, 1, 0.8), gap(3, 0, 0.1)];

  test('is the mean over the seeds that have come furthest', () => {
    const all = gapOverEpochs(records, 'student', null);
    expect(all.map(({ epoch, kl, difference }) => [epoch, kl, difference])).toEqual([
      [0, 0.5, -0.5],
      [1, expect.closeTo(0.7) as number, expect.closeTo(-0.3) as number],
    ]);
  });

  test('of one seed is its own', () => {
    expect(gapOverEpochs(records, 'student', 3).map(({ kl }) => kl)).toEqual([0.1]);
    expect(gapOverEpochs(records, 'baseline', null)).toEqual([]);
  });

  test('names first the class where the student is furthest behind', () => {
    const [now] = gapOverEpochs(records, 'student', 1);
    expect(widestFirst(now?.classes ?? []).map(({ name }) => name)).toEqual(['b', 'a']);
  });
});

describe('layer pairs', () => {
  const table = (seed: number, epoch: number, values: SimilarityRecord['values']): SimilarityRecord => ({
    phase: 'student',
    seed,
    epoch,
    measure: 'linearCka',
    samples: 8,
    teacherLayers: ['t1', 't2'],
    studentLayers: ['s1', 's2'],
    values,
  });
  const records = [
    table(1, 0, [
      [0.1, 0.2],
      [0.3, 0.4],
    ]),
    table(2, 0, [
      [0.3, 0.4],
      [0.5, 0.9],
    ]),
    table(1, 1, [
      ['NaN', 0.7],
      [0.9, 0.8],
    ]),
  ];

  test('are the mean over the seeds at an epoch', () => {
    const at = similarityAt(records, 'student', null, 0);
    expect(at?.values).toEqual([
      [0.2, expect.closeTo(0.3)],
      [0.4, 0.65],
    ]);
    expect(similarityAt(records, 'student', 2, 1)).toBeNull();
    expect(measuredEpochs(records, 'student', null)).toEqual([1, 0]);
  });

  test('are ranked, most similar first, without what could not be measured', () => {
    const at = similarityAt(records, 'student', 1, 1);
    if (!at) throw new Error('measured above');
    expect(rankPairs(at)).toEqual([
      { teacher: 't2', student: 's1', value: 0.9 },
      { teacher: 't2', student: 's2', value: 0.8 },
      { teacher: 't1', student: 's2', value: 0.7 },
    ]);
    expect(bestForEachStudentLayer(at).map(({ student, teacher }) => [student, teacher])).toEqual([
      ['s1', 't2'],
      ['s2', 't2'],
    ]);
  });
});

describe('results', () => {
  const phases = sampleRun().record.results?.phases ?? [];

  test('are folded over their seeds, in the order of training', () => {
    expect(
      modelRows(phases, 'accuracy').map(({ phase, seeds, parameters }) => [phase, seeds, parameters]),
    ).toEqual([
      ['teacher', 1, 272_474],
      ['student', 3, 78_042],
      ['baseline', 3, 78_042],
    ]);
    expect(modelRows(phases, 'unknown')[0]?.test).toBeNull();
  });

  test('of one seed stand side by side', () => {
    const rows = seedRows(phases, 'accuracy');
    expect(rows.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    expect(rows.every(({ student, baseline }) => student > baseline)).toBe(true);
  });

  test('spread by the sample standard deviation', () => {
    expect(spreadOf([1, 3])).toEqual({ mean: 2, deviation: Math.SQRT2 });
    expect(spreadOf([5])).toEqual({ mean: 5, deviation: null });
    expect(spreadOf([Number.NaN])).toBeNull();
  });
});
