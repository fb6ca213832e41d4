import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { conflictsStep } from '../../src/training/gates.ts';
import { planPhase } from '../../src/training/plan.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, train } from './small-run.ts';

const SETTINGS = { experts: [2, 3], filters: [4], hidden: [8], dropout: 0, annealingSteps: 5 };

async function explaining() {
  const made = await smallExperiment({ train: 90, batchSize: 16, epochs: 2, teacherEpochs: 1 });
  const { dataset, experiment } = made;
  const graph = buildArchitecture('experts', dataset.shape, dataset.classes.length, SETTINGS);
  const student = {
    ...experiment.models['student'],
    name: 'student',
    source: 'architecture',
    architecture: 'experts',
    graph,
    train: null,
  } as const;
  return { dataset, experiment: { ...experiment, models: { ...experiment.models, student } } };
}

describe('a mixture of experts that learns', () => {
  let writer: MemoryWriter;
  beforeAll(async () => {
    ({ writer } = await train(await explaining(), { executor: onnxCpu({ threads: 1, spinning: false }) }));
  });

  it('reports the entropy of its gates and the conflicts of its classes after every epoch, with and without a teacher', () => {
    for (const phase of ['student', 'baseline']) {
      const recorded = writer.metricsLog.filter((one) => one.phase === phase && one.split === 'validation');
      expect(recorded).toHaveLength(2);
      for (const { values } of recorded) {
        expect(values['gates/level1/entropy']).toBeGreaterThan(0);
        expect(values['gates/level1/entropy']).toBeLessThanOrEqual(Math.log(2) + 1e-9);
        expect(values['gates/level2/overlap']).toBeLessThanOrEqual(1);
        expect(values['subtaskConflicts']).toBeGreaterThanOrEqual(0);
      }
      const pictures = writer.pictures.filter((one) => one.phase === phase);
      expect(pictures.map(({ epoch }) => epoch)).toEqual([0, 1]);
      for (const picture of pictures) {
        if (picture.kind !== 'gates') throw new Error(picture.kind);
        expect(picture.levels.map(({ weights }) => [weights.length, weights[0]?.length])).toEqual([[3, 2], [10, 3]]); // prettier-ignore
        picture.conflicts.forEach((row, a) => expect(row[a]).toBeCloseTo(1, 3));
        expect(picture.conflicts).toHaveLength(10);
      }
    }
  });

  it('makes its gates sharper as it is annealed', () => {
    const [first, last] = writer.pictures
      .filter(({ phase }) => phase === 'student')
      .map((one) => (one.kind === 'gates' ? one.levels[1]?.entropy : NaN));
    expect(last).toBeLessThan(first ?? NaN);
  });
});

describe('the conflict of two classes', () => {
  it('is the cosine of the gradients of their binary tasks on the experts', async () => {
    const { dataset, experiment } = await explaining();
    const phase = experiment.phases.find(({ name }) => name === 'baseline');
    if (phase === undefined) throw new Error('no baseline');
    const plan = planPhase(experiment, phase, dataset.splits.train.count);
    const { graph, parameters, statistics, instance } = plan.learner;
    const values = initialParameters(graph, 1, 'student');
    const named = (of: typeof parameters) =>
      tf.concat(of.parts.map(({ name }) => tf.tensor1d(values[name] ?? [])));
    const images = tf.randomNormal([4, ...dataset.shape], 0, 1, 'float32', 5);
    const labels = tf.tensor1d([0, 1, 1, 2], 'int32');
    const { step, specs } = conflictsStep(plan, 4);
    const [weights, running] = Object.keys(specs).filter((name) => specs[name]?.role === 'state');
    const outputs = step(tf, {
      [weights ?? '']: named(parameters),
      [running ?? '']: named(statistics),
      images,
      labels,
    });
    const got = (outputs['conflicts'] as tf.Tensor2D).arraySync();
    expect(instance).toBe('baseline');
    // Symmetric, 1 with itself, and within the bounds of a cosine.
    got.forEach((row, a) =>
      row.forEach((cosine, b) => {
        expect(Math.abs(cosine)).toBeLessThanOrEqual(1 + 1e-5);
        expect(cosine).toBeCloseTo(got[b]?.[a] ?? NaN, 4);
      }),
    );
    // Classes that none of the images has are one task but for their heads: nobody is of either.
    expect(parameterSpecs(graph).some(({ name }) => name === 'level1.expert1.conv1/kernel')).toBe(true);
    expect(got.flat().some((cosine) => cosine < 0.999)).toBe(true);
  });
});
