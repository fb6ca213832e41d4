import { describe, expect, test } from 'vitest';
import { PanelContent } from '../../src/protocol/panel-content.ts';
import { movedShare, uncertaintyRows } from '../../src/protocol/picture-numbers.ts';
import { hasAnswerPictures, hasLayerPictures, targetsOver } from '../../webview/pictures/pictures-data.ts';
import { picturedRun } from '../panel/pictured-run.ts';
import { sampleRun } from '../panel/sample-run.ts';
import { modelOf } from '../panel/support/host-messages.ts';

const run = picturedRun({ epochs: 3 });
const content = PanelContent.from(modelOf(run).snapshot());

test('a run has pictures of its layers or of its answers where something of them is recorded', () => {
  const plain = PanelContent.from(modelOf(sampleRun({ epochs: 1 })).snapshot());
  expect([hasLayerPictures(plain), hasAnswerPictures(plain)]).toEqual([false, false]);
  expect([hasLayerPictures(content), hasAnswerPictures(content)]).toEqual([true, true]);
  const only = (kind: string) =>
    PanelContent.from(
      modelOf({
        ...sampleRun({ epochs: 1 }),
        pictures: (run.pictures ?? []).filter((one) => one.kind === kind),
      }).snapshot(),
    );
  expect([hasLayerPictures(only('gates')), hasAnswerPictures(only('gates'))]).toEqual([true, false]);
  expect([hasLayerPictures(only('targets')), hasAnswerPictures(only('targets'))]).toEqual([false, true]);
});

describe('targets', () => {
  test('are those of one seed, of all of the last one that was drawn, epoch after epoch', () => {
    const epochs = (seed: number | null) =>
      targetsOver(content.pictures, seed).map((one) => [one.seed, one.epoch]);
    expect(epochs(2)).toEqual([[2, 0], [2, 1], [2, 2]]); // prettier-ignore
    expect(epochs(null)).toEqual([[3, 0], [3, 1], [3, 2]]); // prettier-ignore
    expect(epochs(7)).toEqual([]);
  });

  test('move by half the sum of all changes', () => {
    const answer = (before: number, after: number) => ({ class: 'a', before, after });
    expect(movedShare([[answer(0.7, 0.5), answer(0.3, 0.5)], [answer(1, 1)]])).toBeCloseTo(0.1, 12);
    expect(movedShare([[{ class: 'a', before: 'NaN', after: 1 }]])).toBeNaN();
  });
});

describe('uncertainty', () => {
  const of = (phase: string, seed: number, test: Record<string, number | 'NaN'>) => ({ phase, seed, test });

  test('is the mean over the seeds, or that of one; a teacher stands for every seed', () => {
    const results = [
      of('teacher', 1, { 'uncertainty/coverage': 0.9, 'uncertainty/epistemic': 0.1 }),
      of('student', 1, { 'uncertainty/coverage': 0.8, 'uncertainty/shifted/coverage': 0.5 }),
      of('student', 2, { 'uncertainty/coverage': 0.6, 'uncertainty/shifted/coverage': 0.7 }),
    ];
    const told = (seed: number | null) =>
      uncertaintyRows(results, seed).map(({ phase, shifted, coverage }) => [
        phase,
        shifted,
        Number(coverage.toFixed(9)),
      ]);
    expect(told(null)).toEqual([['teacher', false, 0.9], ['student', false, 0.7], ['student', true, 0.6]]); // prettier-ignore
    expect(told(2)).toEqual([['teacher', false, 0.9], ['student', false, 0.6], ['student', true, 0.7]]); // prettier-ignore
    expect(uncertaintyRows(results, null)[0]?.epistemic).toBe(0.1);
    expect(uncertaintyRows(results, null)[0]?.setSize).toBeNaN();
  });

  test('is none where nobody measured it', () => {
    expect(uncertaintyRows([of('student', 1, { accuracy: 0.9 })], null)).toEqual([]);
  });
});
