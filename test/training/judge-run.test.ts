import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import type { PhaseResult } from '../../src/protocol/records.ts';
import { listJobs } from '../../src/training/jobs.ts';
import { judgeRun } from '../../src/training/judge-run.ts';
import { smallExperiment, type SmallRun } from './small-run.ts';

/** By accuracy the teacher helps, by macro F1 and cross-entropy it does not. */
const REACHED = {
  student: { accuracy: 0.9, macroF1: 0.7, 'loss/ce': 0.4, loss: 0.1 },
  baseline: { accuracy: 0.8, macroF1: 0.8, 'loss/ce': 0.3, loss: 0.2 },
};
const SEEDS = [1, 2, 3];

function judged(experiment: Experiment) {
  const finished = Object.entries(REACHED).flatMap(([phase, reached]) =>
    SEEDS.map((seed) => {
      // No two seeds alike, so that the differences have a spread.
      const more = phase === 'student' ? seed / 1000 : 0;
      const test = Object.fromEntries(Object.entries(reached).map(([name, value]) => [name, value + more]));
      return { phase, seed, model: 'student', test, lastTest: test } as unknown as PhaseResult;
    }),
  );
  return judgeRun(experiment, listJobs(experiment), finished);
}

const experimentOf = async (settings: NonNullable<SmallRun['settings']>, more: SmallRun = {}) =>
  (await smallExperiment({ train: 20, test: 10, seeds: SEEDS, settings, ...more })).experiment;

describe('a run is judged', () => {
  it.each([
    [{}, 'accuracy', 'points', 'BEATS'],
    [{ selectBy: 'accuracy' }, 'accuracy', 'points', 'BEATS'],
    [{ selectBy: 'macroF1' }, 'macroF1', 'points', 'NO BEATS'],
    // Less of it is better.
    [{ selectBy: 'crossEntropy' }, 'loss/ce', 'nats', 'NO BEATS'],
    // Of other terms and weights in each phase.
    [{ selectBy: 'loss' }, 'accuracy', 'points', 'BEATS'],
    // It is not among what was measured.
    [{ selectBy: 'balancedAccuracy' }, 'accuracy', 'points', 'BEATS'],
  ] as const)('with %o by %s', async (settings, metric, unit, word) => {
    const { verdict, metric: told } = judged(await experimentOf(settings));
    expect(told).toBe(metric);
    expect(verdict).toMatchObject({ metric, unit, verdict: word, pairs: SEEDS.length });
    const sign = unit === 'points' ? 100 : 1;
    const reached = (phase: keyof typeof REACHED) => REACHED[phase][metric];
    expect(verdict?.difference).toBeCloseTo(sign * (reached('student') - reached('baseline') + 0.002), 9);
    expect(verdict?.lastEpoch?.difference).toBeCloseTo(verdict?.difference ?? NaN, 9);
  });

  it('by accuracy where student and baseline choose by different metrics', async () => {
    const experiment = await experimentOf({ selectBy: 'macroF1' });
    const phases = experiment.phases.map((phase) =>
      phase.name === 'baseline' ? { ...phase, settingsOf: { model: 'teacher' } } : phase,
    );
    const teacher = experiment.models['teacher'];
    if (teacher?.source !== 'architecture' || teacher.train === null) throw new Error('it has its own');
    const models = {
      ...experiment.models,
      teacher: { ...teacher, train: { ...teacher.train, selectBy: 'accuracy' as const } },
    };
    expect(judged({ ...experiment, phases, models }).metric).toBe('accuracy');
  });

  it('by what chose the weights also where nothing stands beside the student', async () => {
    const { verdict, metric } = judged(await experimentOf({ selectBy: 'macroF1' }, { baseline: false }));
    expect({ verdict, metric }).toEqual({ verdict: null, metric: 'macroF1' });
  });
});
