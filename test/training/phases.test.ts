import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { speakersOf } from '../../src/schemes/lessons.ts';
import type { Phase } from '../../src/schemes/phase.ts';
import { turnAt, type PlannedTurn } from '../../src/training/turns.ts';
import { SGD, smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const PAIR = [{ teacher: 'stage2', student: 'stage2' }];
const KERNEL = 'stage1.conv/kernel';

async function run(small: SmallRun, change: (phases: readonly Phase[]) => readonly Phase[] = (all) => all) {
  const made = await smallExperiment({ epochs: 1, teacherEpochs: 1, baseline: false, ...small });
  const experiment = { ...made.experiment, phases: change(made.experiment.phases) };
  const { outcome, writer } = await train({ ...made, experiment }, { executor });
  const kernel = (name: string) => writer.models.get(name)?.[KERNEL]?.data;
  return { outcome, writer, kernel };
}

describe('a cycle of peers', () => {
  it('lets each hear the one before it, and the first the last', () => {
    const train = ['a', 'b', 'c'].map((model) => ({ instance: model, model }));
    const phase: Phase = {
      name: 'a',
      train,
      freeze: [],
      loss: 'distill',
      source: { kind: 'peers', combine: 'each' },
      epochs: 1,
      settingsOf: { experiment: true },
      perSeed: true,
    };
    const heard = train.map((learner) =>
      speakersOf(phase, learner, [], null, { cycle: true }).map(({ instance }) => instance),
    );
    expect(heard).toEqual([['c'], ['a'], ['b']]);
  });
});

describe('turns', () => {
  it('go round, and each counts its own steps', () => {
    const turn = (steps: number): PlannedTurn => ({ generator: false, learners: [], opponents: [], steps });
    const turns = [turn(2), turn(1)];
    const places = Array.from({ length: 7 }, (_, step) => {
      const { index, before } = turnAt(turns, step);
      return [index, before];
    });
    expect(places).toEqual([[0, 0], [0, 1], [1, 0], [0, 2], [0, 3], [1, 1], [0, 4]]); // prettier-ignore
  });

  it('move the learner that is named, and let the others stand', async () => {
    // Three steps an epoch: with turns of two steps and then many, the second peer never comes to move.
    const online: SmallRun = { scheme: ['online', { peers: 2, combine: 'each' }] };
    const alternate = [
      { update: ['student'], steps: 3 },
      { update: ['student-2'], steps: 9 },
    ];
    const taken = await run(online, (phases) => phases.map((phase) => ({ ...phase, alternate })));
    const both = await run(online);
    const untouched = await run(online, (phases) =>
      phases.map((phase) => ({
        ...phase,
        train: phase.train.map((one, at) =>
          at === 1 ? { ...one, optimizer: { ...SGD, learningRate: 0, weightDecay: 0 } } : one,
        ),
      })),
    );
    expect(taken.kernel('student-2-1')).toEqual(untouched.kernel('student-2-1'));
    expect(taken.kernel('student-2-1')).not.toEqual(both.kernel('student-2-1'));
    // Who moves does not depend on how the other is kept from it.
    expect(taken.kernel('student-1')).toEqual(untouched.kernel('student-1'));
  });
});

describe('a network beside the student that is trained ahead', () => {
  it('stands still while the student learns', async () => {
    const { writer } = await run({ terms: [term('ft', { pairs: PAIR, parameters: { aheadEpochs: 1 } })] });
    const ahead = writer.models.get('student-ahead-1') ?? {};
    const [name] = Object.keys(ahead).filter((one) => one.endsWith('encoder/0/kernel'));
    const last = writer.checkpoints.at(-1)?.tensors ?? {};
    const kept = last['beside:student/ft|encoder/0/kernel'];
    expect(name).toBe('0/ft|encoder/0/kernel');
    expect(kept?.data).toEqual(ahead[name ?? '']?.data);
    expect(Object.keys(last).some((one) => one.startsWith('beside:student/ft|firstMoment'))).toBe(false);
    const records = writer.metricsLog.filter(
      ({ phase, split }) => phase === 'student-ahead' && split === 'train',
    );
    expect(records.length).toBeGreaterThan(0);
  });
});

describe('a term for another student', () => {
  it('teaches that one alone, beside the student', async () => {
    const kd = term('kd', { weight: 0.9, parameters: { temperature: 4 } });
    const alone = await run({ terms: [kd] });
    const beside = await run({
      terms: [kd, term('fitnet', { pairs: PAIR, to: ['middle'] })],
      alsoTo: ['middle'],
    });
    // Other graphs, other roundings.
    const [together, without] = [beside.kernel('student-1'), alone.kernel('student-1')];
    expect(without).toBeDefined();
    without?.forEach((value, at) => expect(Math.abs(value - (together?.[at] ?? NaN))).toBeLessThan(1e-6));
    const [record] = beside.writer.metricsLog.filter(({ phase }) => phase === 'student');
    const losses = Object.keys(record?.values ?? {}).filter((name) => name.includes('loss/'));
    expect(losses.sort()).toEqual(['loss/ce', 'loss/kd', 'middle/loss/ce', 'middle/loss/fitnet']);
  });
});

describe('rounds of interaction', () => {
  it('let the assistants go on from what they were, taught by the student', async () => {
    const { kernel, outcome } = await run({
      scheme: ['interactive', { assistants: 2, rounds: 1, epochs: 1 }],
    });
    const before = kernel('student-assistant1-1');
    const after = kernel('student-assistant1-round1-1');
    expect(before).toBeDefined();
    expect(after).toBeDefined();
    expect(after).not.toEqual(before);
    const reached = (name: string) =>
      Number(outcome.results.phases.find(({ phase }) => phase === name)?.validation['accuracy']);
    expect(reached('student')).toBe(Math.max(reached('student-round0'), reached('student-round1')));
  });

  it('end when the student has gained nothing', async () => {
    const still = { ...SGD, learningRate: 1e-12 };
    const { outcome, writer } = await run({
      scheme: ['interactive', { assistants: 2, rounds: 3, epochs: 1 }],
      optimizer: still,
    });
    expect(outcome.results.phases.map(({ phase }) => phase)).not.toContain('student-round2');
    const told = writer.events.map(({ message }) => message).filter((message) => /left out/.test(message));
    expect(told).toHaveLength(4);
  });
});

describe('the branches of a student-aware teacher', () => {
  const settings = {
    branches: [['stage1', 'stage1']],
    labelWeight: 1,
    imitationWeight: 1,
    temperature: 1,
    direction: 'branchToTeacher',
    constantTeacher: false,
  };

  it('change the teacher, are dropped from it, and can be what the student starts from', async () => {
    const plain = await run({});
    const aware = await run({ scheme: ['studentAware', { ...settings, shared: true, start: 'branches' }] });
    const teacher = aware.writer.models.get('teacher-1') ?? {};
    expect(Object.keys(teacher)).toEqual(Object.keys(plain.writer.models.get('teacher-1') ?? {}));
    expect(teacher[KERNEL]?.data).not.toEqual(plain.kernel('teacher-1'));
    const tails = Object.keys(aware.writer.models.get('teacher-tails-1') ?? {});
    expect(tails).toContain('stage2.conv/kernel');
    expect(tails).not.toContain(KERNEL);
  });

  it('of no weight leave the teacher as labels alone make it', async () => {
    const plain = await run({});
    const idle = { ...settings, labelWeight: 0, imitationWeight: 0, shared: false, start: 'fresh' };
    const aware = await run({ scheme: ['studentAware', idle] });
    const [a, b] = [plain.kernel('teacher-1'), aware.kernel('teacher-1')];
    a?.forEach((value, at) => expect(Math.abs(value - (b?.[at] ?? NaN))).toBeLessThan(1e-5));
  });
});
