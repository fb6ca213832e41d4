import { describe, expect, it } from 'vitest';
import { durationText, percentText, runText, verdictText } from '../../src/protocol/run-text.ts';
import type { PhaseResult } from '../../src/protocol/records.ts';
import { BEATS, HALF_WAY, recordOf } from './records.ts';

const STUDENT: PhaseResult = {
  phase: 'student',
  model: 'student',
  seed: 1,
  epochs: 3,
  validation: {},
  test: { accuracy: 0.9812 },
  bestEpoch: 2,
  lastEpoch: 2,
  lastValidation: {},
  parameters: 1,
  multiplyAdds: 1,
  bytes: 4,
  millisecondsPerStep: 1,
  imagesPerSecond: 1,
};

describe('the words for a verdict', () => {
  it('say difference, metric and interval', () => {
    expect(verdictText(BEATS)).toBe('BEATS the baseline: +0.8 points accuracy [+0.3, +1.3]');
  });

  it('do without an interval below three pairs, and show a loss as a loss', () => {
    const verdict = { ...BEATS, verdict: 'INCONCLUSIVE', difference: -0.25, interval: null } as const;
    expect(verdictText(verdict)).toBe('INCONCLUSIVE: −0.3 points accuracy');
    expect(verdictText({ ...verdict, difference: 0 })).toBe('INCONCLUSIVE: ±0.0 points accuracy');
  });
});

describe('the words for a run', () => {
  it.each([
    ['queued', {}, 'starting'],
    ['running', {}, 'running'],
    ['running', { progress: HALF_WAY }, 'running · student · epoch 3/30 · 42 %'],
    ['interrupted', { progress: HALF_WAY }, 'interrupted at 42 %'],
    ['stopped', {}, 'stopped'],
    ['failed', { failure: { code: 'KD4001', message: 'loss is NaN', help: '' } }, 'failed: loss is NaN'],
    ['completed', {}, 'completed'],
    ['completed', { results: { phases: [STUDENT], verdict: null } }, 'student 98.1 %'],
    ['completed', { results: { phases: [STUDENT], verdict: BEATS } }, verdictText(BEATS)],
    [
      'completed',
      {
        results: {
          phases: [{ ...STUDENT, test: { accuracy: 0.9, macroF1: 0.7 } }],
          metric: 'macroF1',
          verdict: null,
        },
      },
      'student macroF1 70.0 %',
    ],
    [
      'completed',
      { results: { phases: [{ ...STUDENT, test: { 'loss/ce': 0.25 } }], metric: 'loss/ce', verdict: null } },
      'student loss/ce 0.250 nats',
    ],
  ] as const)('%s with %j: %s', (status, change, words) => {
    expect(runText(recordOf('a', change), status)).toBe(words);
  });

  it('believe what is true now, not what a dead engine wrote last', () => {
    expect(runText(recordOf('a', { status: 'running' }), 'interrupted')).toBe('interrupted');
  });
});

describe('shares and times', () => {
  it('never claim 100 % before the end', () => {
    expect(percentText(0.9999)).toBe('99 %');
    expect(percentText(1)).toBe('100 %');
    expect(percentText(-1)).toBe('0 %');
  });

  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3599, '1 h 0 min'],
    [7500, '2 h 5 min'],
    [Number.POSITIVE_INFINITY, 'unknown time'],
    [-1, 'unknown time'],
  ])('%d seconds are %s', (seconds, words) => {
    expect(durationText(seconds)).toBe(words);
  });
});
