import { describe, expect, it } from 'vitest';
import type { PhaseResult, RunStatus } from '../../src/protocol/records.ts';
import { judge } from '../../src/statistics/verdict.ts';
import { ablationAnswer, type AblationRun } from '../../src/reports/ablation-answer.ts';

const run = (file: string, accuracies: readonly number[], status: RunStatus = 'completed') => {
  const phases = accuracies.map((accuracy, at) => ({ phase: 'student', seed: at + 1, test: { accuracy } }));
  const results = { phases: phases as unknown as PhaseResult[], verdict: null };
  return { record: { config: `/w/${file}`, results }, status };
};

/** Of runs that all chose their weights by one metric of validation. */
const answerOf = (config: string, runs: readonly AblationRun[], selectBy = 'accuracy') =>
  ablationAnswer(config, runs, () => `train: { selectBy: ${selectBy} }\n`);

/** A run whose students reached these values of one metric, each with the accuracy beside it. */
const runOf = (file: string, metric: string, values: readonly number[], accuracy: number) => {
  const phases = values.map((value, at) => ({
    phase: 'student',
    seed: at + 1,
    test: { accuracy, loss: 1, [metric]: value },
  }));
  const results = { phases: phases as unknown as PhaseResult[], verdict: null };
  return { record: { config: `/w/${file}`, results }, status: 'completed' as const };
};

describe('the answer of an ablation', () => {
  it.each([
    ['balancedAccuracy', 'balancedAccuracy', 'points', 'higher'],
    ['macroF1', 'macroF1', 'points', 'higher'],
    ['crossEntropy', 'loss/ce', 'nats', 'lower'],
  ])('is told in what chose the weights: %s', (selectBy, name, unit, better) => {
    const runs = [
      runOf('a.ablation-best-pairs.kd.yaml', name, [0.5, 0.6, 0.7], 0.9),
      runOf('a.ablation-no-pairs.kd.yaml', name, [0.4, 0.45, 0.5], 0.95),
    ];
    const answer = answerOf('/w/a.kd.yaml', runs, selectBy);
    expect(answer?.metric).toEqual({ name, unit, better });
    expect(answer?.variants.map(({ value }) => value)).toEqual([
      expect.closeTo(0.6, 12),
      expect.closeTo(0.45, 12),
    ]);
    expect(answer?.differences[0]?.mean).toBeCloseTo(unit === 'points' ? 15 : 0.15, 12);
  });

  it('is told in accuracy where a run lacks what chose its weights, where runs chose by other metrics, and of the whole loss', () => {
    const best = runOf('a.ablation-best-pairs.kd.yaml', 'macroF1', [0.5, 0.6, 0.7], 0.9);
    const none = runOf('a.ablation-no-pairs.kd.yaml', 'macroF1', [0.4, 0.45, 0.5], 0.95);
    const old = run('a.ablation-no-pairs.kd.yaml', [0.9, 0.9, 0.9]);
    const metricOf = (answer: ReturnType<typeof answerOf>) => answer?.metric.name;
    expect(metricOf(answerOf('/w/a.kd.yaml', [best, none], 'macroF1'))).toBe('macroF1');
    expect(metricOf(answerOf('/w/a.kd.yaml', [best, old], 'macroF1'))).toBe('accuracy');
    expect(metricOf(answerOf('/w/a.kd.yaml', [best, none], 'loss'))).toBe('accuracy');
    const differs = ablationAnswer(
      '/w/a.kd.yaml',
      [best, none],
      (one) => `train: { selectBy: ${one === best ? 'macroF1' : 'accuracy'} }\n`,
    );
    expect(metricOf(differs)).toBe('accuracy');
  });

  it('is in decibels where images are the answers', () => {
    const images = (file: string, values: readonly number[]) => {
      const phases = values.map((psnr, at) => ({
        phase: 'student',
        seed: at + 1,
        test: { psnr, ssim: 0.9 },
      }));
      const results = { phases: phases as unknown as PhaseResult[], verdict: null };
      return { record: { config: `/w/${file}`, results }, status: 'completed' as const };
    };
    const answer = answerOf('/w/a.kd.yaml', [
      images('a.ablation-best-pairs.kd.yaml', [31, 32, 33.5]),
      images('a.ablation-no-pairs.kd.yaml', [30, 31.5, 32]),
    ]);
    expect(answer?.metric).toEqual({ name: 'psnr', unit: 'dB', better: 'higher' });
    expect(answer?.variants[0]?.value).toBeCloseTo(96.5 / 3, 12);
    const [difference] = answer?.differences ?? [];
    expect(difference?.mean).toBeCloseTo(1, 12);
    // By hand, with t(0.975; 2).
    expect(difference?.interval?.[0]).toBeCloseTo(1 - 4.302653 * Math.sqrt(0.25 / 3), 5);
  });

  const best = [0.91, 0.93, 0.92, 0.95];
  const none = [0.9, 0.935, 0.905, 0.93];

  it('is the differences paired by seed, with the interval of the verdict', () => {
    const answer = answerOf('/w/a.kd.yaml', [
      run('a.ablation-best-pairs.kd.yaml', best),
      run('a.ablation-no-pairs.kd.yaml', none),
      run('a.ablation-best-pairs.kd.yaml', [0.1]),
      run('b.ablation-random-pairs.kd.yaml', [0.1, 0.1, 0.1]),
      run('a.kd.yaml', [0.5]),
    ]);
    expect(answer?.variants.map(({ kind, seeds }) => [kind, seeds])).toEqual([
      ['best', 4],
      ['none', 4],
    ]);
    const pairs = best.map((student, at) => ({ seed: at + 1, student, baseline: none[at] ?? NaN }));
    const verdict = judge(pairs);
    const [difference] = answer?.differences ?? [];
    expect(difference).toMatchObject({ of: 'best', to: 'none', level: verdict.level, pairs: 4 });
    expect(difference?.mean).toBe(verdict.difference);
    expect(difference?.interval).toEqual(verdict.interval);
    // By hand, with t(0.975; 3).
    const apart = best.map((one, at) => (one - (none[at] ?? NaN)) * 100);
    const mean = apart.reduce((sum, value) => sum + value, 0) / 4;
    const variance = apart.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3;
    expect(difference?.interval?.[0]).toBeCloseTo(mean - 3.182446 * Math.sqrt(variance / 4), 5);
  });

  it.each([3, 5, 12, 21, 60])('has the quantile of Student for %d seeds', (count) => {
    const [one, other] = [0, 1].map((side) =>
      Array.from({ length: count }, (_, at) => 0.9 + 0.01 * Math.sin(at * (side + 2.3))),
    );
    const answer = answerOf('/w/a.kd.yaml', [
      run('a.ablation-best-pairs.kd.yaml', one ?? []),
      run('a.ablation-no-pairs.kd.yaml', other ?? []),
    ]);
    const pairs = (one ?? []).map((student, at) => ({ seed: at + 1, student, baseline: other?.[at] ?? NaN }));
    expect(answer?.differences[0]?.interval).toEqual(judge(pairs).interval);
  });

  it('gives no interval below three seeds, takes the newest set alone, and is none without runs', () => {
    const answer = answerOf('/w/a.kd.yaml', [
      run('a.ablation-2-best-pairs.kd.yaml', [0.9, 0.8]),
      run('a.ablation-2-no-pairs.kd.yaml', [0.8, 0.8], 'running'),
      run('a.ablation-random-pairs.kd.yaml', best),
    ]);
    expect(answer?.variants.map(({ kind, status }) => [kind, status])).toEqual([
      ['best', 'completed'],
      ['none', 'running'],
    ]);
    expect(answer?.differences).toMatchObject([{ of: 'best', to: 'none', interval: null, pairs: 2 }]);
    expect(answerOf('/w/a.kd.yaml', [run('a.kd.yaml', best)])).toBeNull();
  });
});
