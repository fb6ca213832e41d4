import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import {
  firstBadTensor,
  firstNonFinite,
  requireEffect,
  requireUnchanged,
  type PartSigns,
} from '../../src/training/guards.ts';
import type { NamedTensors } from '../../src/training/phase-program.ts';
import { trainExperiment } from '../../src/training/train-experiment.ts';
import { MemoryWriter } from './memory-writer.ts';
import { NO_REQUEST, smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const SGD = {
  kind: 'sgd',
  learningRate: 0.02,
  momentum: 0.9,
  nesterov: false,
  weightDecay: 0,
  decoupledDecay: false,
} as const;
const QUICK: SmallRun = { train: 80, epochs: 1, teacherEpochs: 1, baseline: false };

/** A student whose teacher comes from an earlier run, with the weights that `weights` gives. */
async function taughtBy(weights: (graph: NamedTensors) => NamedTensors, run: SmallRun = {}) {
  const { experiment, dataset } = await smallExperiment({ ...QUICK, ...run });
  const { student } = experiment.models;
  if (student === undefined) throw new Error('no student');
  const { graph } = student;
  const values = initialParameters(graph, 1, 'student');
  const tensors = Object.fromEntries(
    parameterSpecs(graph).map(({ name, shape }) => [
      name,
      { shape, data: values[name] ?? new Float32Array() },
    ]),
  );
  const writer = new MemoryWriter();
  const running = trainExperiment({
    experiment: {
      ...experiment,
      models: { student, teacher: { name: 'teacher', source: 'run', run: 'older', model: 'teacher', graph } },
      phases: experiment.phases.filter((phase) => phase.name !== 'teacher'),
    },
    dataset,
    executor,
    writer,
    control: NO_REQUEST,
    resume: null,
    earlierModel: () => weights(tensors),
  });
  return { running, writer };
}

describe('guards', () => {
  it('training that diverges stops, says where it began, and leaves the last good checkpoint', async () => {
    const writer = new MemoryWriter();
    const learningRate = { kind: 'step', from: 0.02, milestones: [1], unit: 'epochs', factor: 1e30 } as const;
    const made = await smallExperiment({ ...QUICK, teacherEpochs: 3, optimizer: { ...SGD, learningRate } });
    await expect(train(made, { executor, writer })).rejects.toMatchObject({
      problem: {
        code: 'KD4004',
        message: expect.stringMatching(/teacher \(seed 1\).* made "[\w./]+" not finite/) as string,
      },
    });
    expect(writer.checkpoints).toHaveLength(1);
    expect(writer.checkpoints[0]?.meta.epoch).toBe(1);
    expect(firstBadTensor(writer.checkpoints[0]?.tensors ?? {})).toBeNull();
  });

  it('names the term that is not finite', async () => {
    const temperature = { kind: 'step', from: 4, milestones: [1], unit: 'steps', factor: 1e-40 };
    const made = await smallExperiment({ ...QUICK, terms: [term('kd', { parameters: { temperature } })] });
    await expect(train(made, { executor })).rejects.toMatchObject({
      problem: { code: 'KD4004', message: expect.stringContaining('"kd"') as string },
    });
  });

  it('stops a term that teaches nothing: the teacher is the student itself', async () => {
    const { running } = await taughtBy((own) => own, { hardLabelWeight: 0, terms: [term('kd')] });
    await expect(running).rejects.toMatchObject({
      problem: { code: 'KD4005', message: expect.stringContaining('"kd"') as string },
    });
  });

  it('refuses a teacher whose weights are missing or not finite, by name', async () => {
    const missing = await taughtBy((own) =>
      Object.fromEntries(Object.entries(own).filter(([name]) => name !== 'stage1.conv/kernel')),
    );
    await expect(missing.running).rejects.toMatchObject({
      problem: { code: 'KD4003', message: expect.stringContaining('stage1.conv/kernel') as string },
    });
    const broken = await taughtBy((own) => {
      const kernel = own['stage1.conv/kernel'];
      if (kernel === undefined) throw new Error('no kernel');
      return { ...own, 'stage1.conv/kernel': { ...kernel, data: Float32Array.from(kernel.data, () => NaN) } };
    });
    await expect(broken.running).rejects.toMatchObject({ problem: { code: 'KD4003' } });
  });

  it('says aloud that a teacher knows no more than chance, or than the student before training', async () => {
    const zeros = (own: NamedTensors): NamedTensors =>
      Object.fromEntries(
        Object.entries(own).map(([name, tensor]) => [
          name,
          { ...tensor, data: new Float32Array(tensor.data.length) },
        ]),
      );
    const chance = await taughtBy(zeros);
    await chance.running;
    expect(chance.writer.events.filter((event) => event.kind === 'guard')).toMatchObject([
      { phase: 'student', message: expect.stringContaining('no better than chance') as string },
    ]);
  });

  it('is silent about a teacher that has learned', async () => {
    const made = await smallExperiment({ ...QUICK, train: 400, teacherEpochs: 5 });
    const { writer } = await train(made, { executor });
    expect(writer.events.filter((event) => event.kind === 'guard')).toEqual([]);
  });

  it.each<{ name: string; steps: readonly PartSigns[] }>([
    { name: 'zero in value', steps: [{ value: 0, gradientNorm: 1 }] },
    { name: 'zero in gradient', steps: [{ value: 1, gradientNorm: 0 }] },
    {
      name: 'no more than rounding',
      steps: [
        { value: 4e-7, gradientNorm: 5e-6 },
        { value: -9e-8, gradientNorm: 1e-6 },
      ],
    },
  ])('a term that is $name in every watched step is stopped, one that speaks once is not', ({ steps }) => {
    const ce = { value: 2.3, gradientNorm: 0.7 };
    const signs = steps.map((kd) => ({ ce, kd }));
    expect(() => requireEffect(signs, ['kd'])).toThrow('teaches the student nothing');
    // Attention maps have small values; their gradient tells them from rounding.
    const small = { ce, kd: { value: 4e-7, gradientNorm: 1e-3 } };
    expect(() => requireEffect([...signs, small], ['kd'])).not.toThrow();
  });

  it('a teacher that changed by one bit is found', () => {
    const tensors = (value: number): NamedTensors => ({ k: { shape: [2], data: Float32Array.of(1, value) } });
    expect(() => requireUnchanged('teacher', tensors(0), tensors(0))).not.toThrow();
    expect(() => requireUnchanged('teacher', tensors(0), tensors(-0))).toThrow('changed');
    expect(() => requireUnchanged('teacher', tensors(1), {})).toThrow('changed');
  });

  it('names a term before the sum it spoils', () => {
    expect(firstNonFinite({ loss: NaN, 'loss/ce': 1, 'loss/kd': Infinity })).toBe('loss/kd');
    expect(firstNonFinite({ loss: Infinity, 'loss/ce': 1 })).toBe('loss');
    expect(firstNonFinite({ loss: 1 })).toBeNull();
  });
});
