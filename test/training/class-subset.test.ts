import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { ofClasses } from '../../src/data/class-subset.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';
import { FinishedRun } from '../../src/training/finished-run.ts';
import { measureRun } from '../../src/training/gap/measure-run.ts';
import { dataOfPhase } from '../../src/training/phase-data.ts';
import { planPhase } from '../../src/training/plan.ts';
import { pack } from '../../src/training/flat.ts';
import { answerNames } from '../../src/training/say.ts';
import { answersStep } from '../../src/training/steps.ts';
import { trainedVectors } from '../../src/training/weight-average.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const CLASSES = [7, 1, 4];

/** A student of three of the ten digits, in an order of its own. */
async function specialised(run: SmallRun = {}, teacherClasses?: readonly number[]) {
  const made = await smallExperiment({ train: 200, teacherEpochs: 1, ...run });
  const { student, teacher } = made.experiment.models;
  if (student === undefined || teacher === undefined) throw new Error('a model is missing');
  const graph = (count: number, filters: readonly number[]) =>
    buildArchitecture('convnet', made.dataset.shape, count, { filters, hidden: [16] });
  const models = {
    ...made.experiment.models,
    student: { ...student, classes: CLASSES, graph: graph(CLASSES.length, [2, 4]) },
    ...(teacherClasses === undefined
      ? {}
      : {
          teacher: { ...teacher, classes: teacherClasses, graph: graph(teacherClasses.length, [6, 8]) },
        }),
  };
  return { ...made, experiment: { ...made.experiment, models } };
}

const CSKD = term('cskd', {
  layers: ['hidden1'],
  parameters: { temperature: 1, renormalised: 0.2, orthogonal: 0.2, variance: 0.01, varianceOver: 'feature' },
});

describe('a student of some of its teacher’s classes', () => {
  it('has the samples of these alone, labelled in its own order, in every split', async () => {
    const { dataset } = await smallExperiment();
    const part = ofClasses(dataset, CLASSES);
    expect(part.classes).toEqual(['7', '1', '4']);
    for (const name of ['train', 'validation', 'test'] as const) {
      const [all, own] = [dataset.splits[name], part.splits[name]];
      const wanted = [...all.labels].flatMap((label, at) =>
        CLASSES.includes(label) ? [[all.positions[at], CLASSES.indexOf(label)]] : [],
      );
      expect(wanted.length).toBeGreaterThan(0);
      expect([...own.positions].map((position, at) => [position, own.labels[at]])).toEqual(wanted);
      expect(own.count).toBe(wanted.length);
    }
    expect(part.normalization).toBe(dataset.normalization);
    expect(part.hash).not.toBe(dataset.hash);
    expect(ofClasses(dataset, [1, 7, 4]).hash).not.toBe(part.hash);
  });

  it('hears the teacher’s softmax renormalised over its classes, which sums to 1', async () => {
    const { experiment, dataset } = await specialised();
    const phase = experiment.phases.find(({ loss }) => loss === 'distill');
    if (phase === undefined) throw new Error('nobody is taught');
    const data = dataOfPhase(experiment, phase, dataset);
    const plan = planPhase(experiment, phase, data.splits.train.count);
    const [teacher] = plan.teachers;
    if (teacher === undefined) throw new Error('nobody teaches');
    expect([plan.classes, teacher.columns]).toEqual([3, CLASSES]);
    const values = initialParameters(teacher.graph, 3, 'teacher');
    const tensors = Object.fromEntries(
      teacher.parameters.parts.map(({ name, shape }) => [
        name,
        { shape, data: values[name] ?? new Float32Array() },
      ]),
    );
    const vector = trainedVectors(teacher.instance).parameters;
    const given = {
      [vector]: tf.tensor1d(pack(tensors, teacher.parameters)),
      images: tf.randomNormal([5, ...dataset.shape], 0, 1, 'float32', 1),
    };
    const name = answerNames(teacher.instance).logits;
    const logitsOf = (columns?: readonly number[]) => {
      const { instance, model: of, graph, parameters, statistics } = teacher;
      const plain = { instance, model: of, graph, parameters, statistics };
      const model = columns === undefined ? plain : { ...plain, columns };
      return answersStep(plan, model, 5).step(tf, given)[name] as tf.Tensor2D;
    };
    const own = await tf.softmax(logitsOf(CLASSES)).array();
    const whole = await tf.softmax(logitsOf()).array();
    own.forEach((row, n) => {
      const picked = CLASSES.map((label) => whole[n]?.[label] ?? NaN);
      const mass = picked.reduce((sum, value) => sum + value, 0);
      expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
      row.forEach((value, k) => expect(value).toBeCloseTo((picked[k] ?? NaN) / mass, 6));
    });
  });

  it('learns, is validated and tested on these alone, and so is its baseline', async () => {
    const made = await specialised({ terms: [CSKD], hardLabelWeight: 1 });
    const { writer } = await train(made, { executor });
    const results = writer.lastResults?.phases ?? [];
    for (const { phase, confusion = [] } of results) {
      const count = phase === 'teacher' ? 10 : 3;
      expect([phase, confusion.length]).toEqual([phase, count]);
      const { labels } = made.dataset.splits.test;
      const known = labels.filter((label) => phase === 'teacher' || CLASSES.includes(label)).length;
      expect(confusion.flat().reduce((sum, value) => sum + value, 0)).toBe(known);
    }
    expect(writer.gaps.every(({ perClass }) => perClass.length === 3)).toBe(true);
    expect(writer.lastVerdict?.pairs).toBe(1);
  });

  it('learns compiled what it learns kernel by kernel, also through its teacher’s classifier', async () => {
    const terms = [
      CSKD,
      term('dkd', { parameters: { temperature: 4, alpha: 1, beta: 2 } }),
      term('srrl', { pairs: [{ teacher: 'hidden1', student: 'hidden1' }] }),
    ];
    const losses = async (one: Executor) => {
      const made = await specialised({ train: 80, epochs: 1, baseline: false, terms });
      const { writer } = await train(made, { executor: one });
      return writer.metricsLog.flatMap(({ phase, values }) =>
        phase === 'student'
          ? Object.entries(values).flatMap(([name, value]) =>
              name.startsWith('loss') ? [Number(value)] : [],
            )
          : [],
      );
    };
    const [got, want] = [await losses(executor), await losses(interpreter)];
    expect(got.length).toBeGreaterThan(4);
    expect(got).toHaveLength(want.length);
    got.forEach((value, index) => expect(value).toBeCloseTo(want[index] ?? NaN, 3));
  });

  it('is compared with its teacher on its own classes, at its end and when the run is opened again', async () => {
    const made = await specialised({ baseline: false });
    const { writer } = await train(made, { executor });
    const before = writer.gapReports.get('student-1');
    const { experiment, dataset } = made;
    const run = {
      models: () => [...writer.models.keys()],
      model: (name: string) => writer.loadModel(name),
      checkpoint: () => null,
    };
    const opened = new FinishedRun({ experiment, dataset, run, executor, earlierModel: () => ({}) });
    const student = opened.model('student-1');
    expect(opened.dataOf(student).classes).toEqual(['7', '1', '4']);
    expect(opened.dataOf(opened.model('teacher-1'))).toBe(dataset);
    const now = await measureRun(opened, { student: null, seed: null, samples: null, temperature: null });
    expect(now.classes).toEqual(['7', '1', '4']);
    expect([now.samples, now.of]).toEqual([before?.samples, before?.of]);
    expect(now.confusion).toEqual(before?.confusion);
    expect(now.disagreed.map(({ index, label, pixels }) => [index, label, pixels])).toEqual(
      before?.disagreed.map(({ index, label, pixels }) => [index, label, pixels]),
    );
    expect(Number(now.numbers.kl)).toBeCloseTo(Number(before?.numbers.kl), 4);
    expect(now.numbers.teacherAccuracy).toBe(before?.numbers.teacherAccuracy);
  });

  it('may have a teacher of more classes that are not all', async () => {
    const made = await specialised({ baseline: false }, [4, 9, 1, 7]);
    const { writer } = await train(made, { executor });
    expect(writer.lastResults?.phases.map(({ confusion }) => confusion?.length)).toEqual([4, 3]);
  });

  it('goes on from a checkpoint bit for bit', async () => {
    const made = await specialised({ terms: [CSKD], hardLabelWeight: 1 });
    const whole = (await train(made, { executor })).writer;
    const writer = new MemoryWriter();
    let looks = 0;
    const control = {
      get request() {
        return looks++ >= 7 ? ('stop' as const) : ('none' as const);
      },
      untilResumed: () => Promise.resolve(),
    };
    await train(made, { executor, writer, control });
    const resume = writer.checkpoints.at(-1) as Checkpoint;
    await train(made, { executor, writer, resume });
    expect([...writer.models]).toEqual([...whole.models]);
  });
});
