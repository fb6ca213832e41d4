import { describe, expect, it } from 'vitest';
import type { Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import type { ProfiledPhase } from '../../src/protocol/records.ts';
import { LoadedStep } from '../../src/training/profile/loaded-step.ts';
import { forwardStep, gradientStep } from '../../src/training/profile/partial-steps.ts';
import { OpenPhase } from '../../src/training/profile/open-phase.ts';
import { profilePhase } from '../../src/training/profile/profile-phase.ts';
import { quantile, timesInTurns } from '../../src/training/profile/timing.ts';
import { wholeSteps } from '../../src/training/profile/whole-steps.ts';
import { planPhase } from '../../src/training/plan.ts';
import { scalarsAt } from '../../src/training/step-feeds.ts';
import { trainStep } from '../../src/training/train-step.ts';
import { smallExperiment, term, type SmallRun } from './small-run.ts';

const RUNS = 2;
const executor = onnxCpu({ threads: 1 });
const TERMS = [
  term('kd', { weight: 0.9, parameters: { temperature: 4 } }),
  term('fitnet', { pairs: [{ teacher: 'stage2', student: 'stage2' }] }),
];

async function profiled(name: string, run: SmallRun = {}): Promise<ProfiledPhase> {
  const { experiment, dataset } = await smallExperiment({ terms: TERMS, ...run });
  const phase = experiment.phases.find((one) => one.name === name);
  if (phase === undefined) throw new Error(`no phase ${name}`);
  return profilePhase(phase, { experiment, dataset, executor, runs: RUNS });
}

describe('the profile of a phase', () => {
  it('splits a step into parts that add up to it, and names every loss term and operation', async () => {
    const phase = await profiled('student');
    expect(phase).toMatchObject({ phase: 'student', batch: 32, steps: 2 * Math.ceil(80 / 32) });
    const sum = Object.values(phase.parts).reduce((total, part) => total + part, 0);
    expect(sum).toBeCloseTo(phase.milliseconds, 6);
    expect(phase.terms.map(({ id }) => id)).toEqual(['kd', 'fitnet']);
    expect(phase.terms.every(({ milliseconds }) => Number.isFinite(milliseconds))).toBe(true);
    expect(phase.operations?.map(({ operation }) => operation)).toContain('Conv');
  });

  it('counts the memory of weights, optimizer, teacher and batch to the byte', async () => {
    const { memory, peak } = await profiled('baseline');
    // conv 5x5x1x2 + 2, conv 5x5x2x4 + 4, dense 7*7*4 x 16 + 16, dense 16 x 10 + 10
    const weights = 52 + 204 + 196 * 16 + 16 + 170;
    expect(memory).toMatchObject({ learner: weights * 4, optimizer: weights * 4, teacher: 0 });
    // Images, labels, and the scalars of the step.
    expect(memory.batch).toBe(32 * 28 * 28 * 4 + 32 * 4 + 4);
    expect(peak.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(memory.values);
    expect(memory.values).toBeGreaterThan(0);
  });

  it('counts the teacher in every step only where its answers cannot be stored', async () => {
    const stored = await profiled('student');
    expect(stored.parts.teacher).toBe(0);
    expect(stored.storedAnswers).toBeGreaterThan(0);
    const live = await profiled('student', { augment: [{ kind: 'randomFlip', probability: 0.5 }] });
    expect(live.parts.teacher).toBeGreaterThan(0);
    expect(live.storedAnswers).toBeNull();
    const alone = await profiled('baseline');
    expect({ teacher: alone.parts.teacher, stored: alone.storedAnswers, terms: alone.terms }).toEqual({
      ...{ teacher: 0, stored: null, terms: [] },
    });
  });

  it('measures the student of a data-free scheme on images made of noise', async () => {
    const settings = { latent: 8, filters: 4, stepsPerEpoch: 6, generatorSteps: 1, studentSteps: 1 };
    const generator = { dafl: { oneHot: 1, entropy: 5, activation: 0.1 } };
    const phase = await profiled('student', {
      scheme: ['dataFree', { generator, ...settings, learningRate: 0.001 }],
      terms: [term('kd', { parameters: { temperature: 4 } })],
      batchSize: 16,
    });
    expect(phase).toMatchObject({ batch: 16, steps: 2 * 6, terms: [{ id: 'kd' }] });
    expect(phase.parts.forward).toBeGreaterThan(0);
    // The noise is all that a step takes beside scalars.
    expect(phase.memory.batch).toBeGreaterThanOrEqual(16 * 8 * 4);
    expect(phase.memory.batch).toBeLessThan(16 * 28 * 28 * 4);
  });

  it('measures a student that sees two views of each sample', async () => {
    const phase = await profiled('student', { terms: [term('ccd')], batchSize: 16 });
    const one = await profiled('student', { terms: [term('kd')], batchSize: 16 });
    expect(phase).toMatchObject({ batch: 16, terms: [{ id: 'ccd' }] });
    expect(phase.memory.batch).toBeGreaterThan(1.9 * one.memory.batch);
  });

  it('has no operations where the executor cannot tell them', async () => {
    const { experiment, dataset } = await smallExperiment();
    const [phase] = experiment.phases;
    if (phase === undefined) throw new Error('no phase');
    const silent: Executor = {
      ...{ name: 'silent', description: '' },
      load: (graphs, state) => executor.load(graphs, state),
    };
    const found = await profilePhase(phase, { experiment, dataset, executor: silent, runs: 1 });
    expect(found.operations).toBeNull();
  });
});

describe('whole steps of the phases beside one another', () => {
  it('say who learns, what a step takes, and what that is of the step of the student alone', async () => {
    const { experiment, dataset } = await smallExperiment({ terms: TERMS });
    const steps = await wholeSteps(experiment.phases, { experiment, dataset, executor, runs: 8 });
    expect(steps.map(({ phase, learners }) => [phase, learners])).toEqual([
      ['teacher', ['teacher']],
      ['student', ['student']],
      ['baseline', ['student']],
    ]);
    const [, student, alone] = steps;
    expect(alone?.overAlone).toBeNull();
    const [low, high] = student?.overAlone?.quartiles ?? [NaN, NaN];
    expect(low).toBeLessThanOrEqual(student?.overAlone?.ratio ?? NaN);
    expect(high).toBeGreaterThanOrEqual(student?.overAlone?.ratio ?? NaN);
    expect(low).toBeGreaterThan(0);
  });

  it('compare with nobody where no student is trained alone', async () => {
    const { experiment, dataset } = await smallExperiment({ terms: TERMS });
    const phases = experiment.phases.filter(({ name }) => name !== 'baseline');
    const steps = await wholeSteps(phases, { experiment, dataset, executor, runs: 1 });
    expect(steps.map(({ overAlone }) => overAlone)).toEqual([null, null]);
  });

  it('ask the teacher in every step where its answers cannot be stored, and never where they are', async () => {
    const asked = async (run: SmallRun) => {
      const { experiment, dataset } = await smallExperiment({ terms: TERMS, ...run });
      const phase = experiment.phases.find(({ name }) => name === 'student');
      if (phase === undefined) throw new Error('no phase');
      const open = await OpenPhase.open(phase, { experiment, dataset, executor, runs: 1 });
      const graphs = open.whole.map(({ graph }) => graph.name);
      await open.dispose();
      return graphs;
    };
    expect(await asked({})).toEqual(['student/train']);
    const live = await asked({ augment: [{ kind: 'randomFlip', probability: 0.5 }] });
    expect(live).toHaveLength(2);
    expect(live[1]).toBe('student/train');
  });

  it('are taken in turns, the rounds that warm up left out', async () => {
    const calls: string[] = [];
    const call = (name: string) => [name, () => Promise.resolve(calls.push(name))] as const;
    const times = await timesInTurns(new Map([call('a'), call('b')]), 2);
    expect(calls.join('')).toBe('ab'.repeat(3 + 2));
    expect([...times.values()].map(({ length }) => length)).toEqual([2, 2]);
    expect([quantile([4, 1, 3, 2], 1 / 4), quantile([4, 1, 3, 2], 3 / 4), quantile([], 1 / 2)]).toEqual([
      ...[2, 4, NaN],
    ]);
  });
});

describe('the steps that end early', () => {
  it('compute the loss of the whole step, and its gradient: plain descent along it gives the new weights', async () => {
    const optimizer = { kind: 'sgd', learningRate: 0.5, momentum: 0, nesterov: false } as const;
    const { experiment, dataset } = await smallExperiment({
      optimizer: { ...optimizer, weightDecay: 0, decoupledDecay: false },
    });
    const phase = experiment.phases.find(({ name }) => name === 'baseline');
    if (phase === undefined) throw new Error('no phase');
    const batch = 8;
    const plan = planPhase(experiment, phase, dataset.splits.train.count);
    const feeds = {
      images: Float32Array.from({ length: batch * 28 * 28 }, (_, i) => Math.sin(i)),
      labels: Int32Array.from({ length: batch }, (_, i) => i),
      ...scalarsAt(plan, { step: 0, stepsPerEpoch: 1 }),
    };
    const results = [];
    for (const step of [forwardStep(plan, batch), gradientStep(plan, batch), trainStep(plan, batch)]) {
      const loaded = await LoadedStep.load('step', step, plan, 1, executor);
      const before = loaded.state['baseline/parameters'] as Float32Array;
      const fetched = await loaded.run(feeds);
      const after = (await loaded.read('baseline/parameters')) as Float32Array;
      results.push({ fetched, before, after });
      await loaded.dispose();
    }
    const [forward, gradient, whole] = results;
    const loss = whole?.fetched['loss']?.[0] ?? NaN;
    expect(loss).toBeGreaterThan(0);
    expect(forward?.fetched['loss']?.[0]).toBeCloseTo(loss, 5);
    expect(gradient?.fetched['loss']?.[0]).toBeCloseTo(loss, 5);
    expect(gradient?.after).toEqual(gradient?.before);
    const slope = gradient?.fetched['gradient/baseline'] ?? [];
    whole?.before.forEach((weight, i) => {
      expect(whole.after[i]).toBeCloseTo(weight - 0.5 * (slope[i] ?? NaN), 5);
    });
  });
});
