import { describe, expect, it } from 'vitest';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { describe as describeModel } from '../../src/models/describe.ts';
import { withModule } from '../../src/models/modules/index.ts';
import { widthsOf, widthsOfTensors, withWidths } from '../../src/models/pruning.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { MEASURED_VALUES } from '../../src/protocol/records.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';
import { ACTIVITY } from '../../src/training/activity.ts';
import { finishedTeachers } from '../../src/training/book/finished-teachers.ts';
import { cutSilentNeurons } from '../../src/training/cut.ts';
import { inOrder } from '../../src/training/data.ts';
import { FinishedRun } from '../../src/training/finished-run.ts';
import { measureRun } from '../../src/training/gap/measure-run.ts';
import { initialTensors } from '../../src/training/initial-tensors.ts';
import { trainedModel } from '../../src/training/inference.ts';
import { newProgress } from '../../src/training/job-progress.ts';
import { PhaseProgram } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { planModel } from '../../src/training/planned-model.ts';
import { scratchFolder } from '../runs/scratch.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const LAYER = 'hidden1.fc';
const BEGINS = 24;

/** A student whose hidden layer begins wide, under a penalty that silences some of it within a few epochs. */
async function pruned(run: SmallRun = {}, settings: Readonly<Record<string, unknown>> = {}) {
  const made = await smallExperiment({ train: 120, epochs: 5, teacherEpochs: 1, ...run });
  const { student } = made.experiment.models;
  if (student === undefined) throw new Error('no student');
  const wide = buildArchitecture('convnet', made.dataset.shape, made.dataset.classes.length, {
    filters: [2, 4],
    hidden: [BEGINS],
  });
  const graph = withModule(wide, { name: 'prune', settings: { at: ['hidden1'], weight: 0.02, ...settings } });
  const models = { ...made.experiment.models, student: { ...student, graph } };
  return { ...made, experiment: { ...made.experiment, models } };
}

const ADAM: SmallRun['optimizer'] = {
  kind: 'adam',
  learningRate: 0.02,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 1e-4,
};

const widths = (writer: MemoryWriter, phase: string, seed = 1) =>
  writer.metricsLog.flatMap((one) =>
    one.phase === phase && one.seed === seed && one.values[`width/${LAYER}`] !== undefined
      ? [Number(one.values[`width/${LAYER}`])]
      : [],
  );

describe('a student that is pruned while it learns', () => {
  it('becomes narrower from epoch to epoch, has fewer parameters, and is kept small', async () => {
    const made = await pruned({ optimizer: ADAM, seeds: [1, 2] });
    const { writer } = await train(made, { executor });
    const { student } = made.experiment.models;
    for (const phase of ['student', 'baseline']) {
      for (const seed of [1, 2]) {
        const found = widths(writer, phase, seed);
        expect(found).toHaveLength(5);
        expect(found).toEqual(found.toSorted((a, b) => b - a));
        const last = found.at(-1) ?? NaN;
        expect(last).toBeLessThan(BEGINS);
        const kept = writer.models.get(`${phase}-${seed}`) ?? {};
        expect(kept[`${LAYER}/kernel`]?.shape[1]).toBe(last);
        expect(kept['head.fc/kernel']?.shape[0]).toBe(last);
        const result = writer.lastResults?.phases.find((one) => one.phase === phase && one.seed === seed);
        const small = withWidths(student.graph, widthsOfTensors(student.graph, kept));
        expect(result?.parameters).toBe(describeModel(small).parameters);
        expect(result?.parameters).toBeLessThan(describeModel(student.graph).parameters);
        const { learner } = trainedModel(made.experiment, 100, `${phase}-${seed}`, kept);
        expect(describeModel(learner.kept).parameters).toBe(result?.parameters);
      }
    }
    for (const { phase, split, values } of writer.metricsLog) {
      expect(Number.isFinite(values['loss'])).toBe(true);
      if (phase === 'baseline' && split === 'validation') expect(values['loss']).toBe(values['loss/ce']);
    }
    expect(writer.events.some(({ message }) => /neurons of hidden1.fc are silent and go/.test(message))).toBe(
      true,
    );
  });

  it('says the same to every sample before and after a cut', async () => {
    const { experiment, dataset } = await pruned({ baseline: false });
    const phase = experiment.phases.find(({ loss }) => loss === 'distill');
    if (phase === undefined) throw new Error('nobody is taught');
    const { count } = dataset.splits.train;
    const job = { phase, seed: 1 };
    const sizes = { train: 16, accumulate: 0, trainLast: 0, shares: 0, predict: 16, evaluate: 0, evaluateLast: 0, probe: 0, attention: 0 }; // prettier-ignore
    const load = (widthsNow?: Readonly<Record<string, number>>) =>
      PhaseProgram.load(
        planPhase(experiment, phase, count, new Map(widthsNow && [['student', widthsNow]])),
        sizes,
        executor,
      );
    const before = await load();
    const tensors = structuredClone(initialTensors(before.plan.learner, 1));
    const bias = tensors[`${LAYER}/bias`]?.data;
    if (bias === undefined) throw new Error('no bias');
    for (const neuron of [0, 7, 23]) bias[neuron] = -100;
    await before.writeState(tensors);
    const answersOf = async (program: PhaseProgram) => {
      const logits: number[] = [];
      for (const batch of inOrder(dataset, 'train', sizes.predict))
        logits.push(...((await program.run('predict', { images: batch.inputs }))['logits'] ?? []));
      return logits;
    };
    const said = await answersOf(before);
    const progress = newProgress();
    const writer = new MemoryWriter();
    const look = { dataset, writer, job, progress };
    const state = await cutSilentNeurons({ ...look, program: before });
    // Others may be silent by chance.
    const width = progress.pruning?.widths[LAYER] ?? NaN;
    expect(width).toBeLessThanOrEqual(BEGINS - 3);
    expect(Object.keys(state ?? {}).some((name) => name.startsWith('momentum'))).toBe(true);
    const after = await load(progress.pruning?.widths);
    await after.writeState(state ?? {});
    const now = await answersOf(after);
    expect(now).toHaveLength(said.length);
    now.forEach((value, at) => expect(value).toBeCloseTo(said[at] ?? NaN, 5));
    // Nobody looks twice after one epoch, and whoever looks after the next finds nothing more.
    expect(await cutSilentNeurons({ ...look, program: after })).toBeNull();
    progress.epoch++;
    expect(await cutSilentNeurons({ ...look, program: after })).toBeNull();
    expect(progress.pruning).toMatchObject({ widths: { [LAYER]: width }, unchanged: { [LAYER]: 1 } });
    const [first] = inOrder(dataset, 'train', sizes.predict);
    expect(Object.keys(await after.run(ACTIVITY, { images: first?.inputs ?? new Float32Array() }))).toEqual([
      `${LAYER}/0`,
    ]);
    await before.dispose();
    await after.dispose();
  });

  it('goes on from a checkpoint bit for bit, before a cut and after it, with a mean of weights', async () => {
    const made = await pruned({ optimizer: ADAM, settings: { ema: { decay: 0.9, warmUp: true } } });
    const whole = (await train(made, { executor })).writer;
    const found = widths(whole, 'student');
    expect(found.at(-1)).toBeLessThan(BEGINS);
    const writer = new MemoryWriter();
    let resume: Checkpoint | undefined;
    // Three steps an epoch: within the teacher, within an epoch, right after one, and late.
    for (const stop of [2, 6, 4, 7, 5]) {
      let looks = 0;
      const control = {
        get request() {
          return looks++ >= stop ? ('stop' as const) : ('none' as const);
        },
        untilResumed: () => Promise.resolve(),
      };
      const { outcome } = await train(made, { executor, writer, control, ...(resume && { resume }) });
      expect(outcome.status).toBe('stopped');
      resume = writer.checkpoints.at(-1);
    }
    await train(made, { executor, writer, ...(resume && { resume }) });
    expect([...writer.models]).toEqual([...whole.models]);
    const unmeasured = (log: MemoryWriter['metricsLog']) =>
      log.map(({ values, ...rest }) => ({
        ...rest,
        values: Object.fromEntries(
          Object.entries(values).filter(([name]) => !MEASURED_VALUES.includes(name)),
        ),
      }));
    expect(unmeasured(writer.metricsLog)).toEqual(unmeasured(whole.metricsLog));
  });

  it('is compared with its teacher, each seed as wide as it was kept, also before it has finished', async () => {
    const made = await pruned({ optimizer: ADAM, seeds: [1, 2], baseline: false });
    const { writer } = await train(made, { executor });
    const { experiment, dataset } = made;
    const open = (names: readonly string[], checkpoint: Checkpoint | null = null) =>
      new FinishedRun({
        ...{ experiment, dataset, executor },
        run: { models: () => names, model: (name) => writer.loadModel(name), checkpoint: () => checkpoint },
        earlierModel: () => ({}),
      });
    const opened = open([...writer.models.keys()]);
    for (const seed of [1, 2]) {
      const width = widths(writer, 'student', seed).at(-1);
      expect(width).toBeLessThan(BEGINS);
      const { learner } = opened.model(`student-${seed}`);
      expect(widthsOf(learner.kept)).toEqual({ [LAYER]: width });
      const now = await measureRun(opened, { student: null, seed, samples: null, temperature: null });
      const before = writer.gapReports.get(`student-${seed}`);
      expect(now.confusion).toEqual(before?.confusion);
      expect(Number(now.numbers.kl)).toBeCloseTo(Number(before?.numbers.kl), 4);
    }
    const late = writer.checkpoints.findLast(({ meta }) => meta.phase === 'student' && meta.seed === 1);
    if (late === undefined) throw new Error('there is no such checkpoint');
    const working = open(['teacher-1'], late);
    const student = working.model('student-1');
    expect([student.state, widthsOf(student.learner.kept)]).toEqual([
      'training',
      { [LAYER]: widths(writer, 'student').at(-1) },
    ]);
    const report = await measureRun(working, { student: null, seed: 1, samples: 8, temperature: null });
    expect(report).toMatchObject({ state: 'training', samples: 8 });
  });

  it('is compared with a student, where it teaches, as wide as it was kept', async () => {
    const made = await pruned({
      optimizer: ADAM,
      scheme: ['chain', { through: ['teacher', 'student', 'middle'] }],
      baseline: false,
    });
    const { writer } = await train(made, { executor });
    const { experiment, dataset } = made;
    const run = {
      models: () => [...writer.models.keys()],
      model: (name: string) => writer.loadModel(name),
      checkpoint: () => null,
    };
    const opened = new FinishedRun({ experiment, dataset, run, executor, earlierModel: () => ({}) });
    const last = opened.students().at(-1);
    expect(last?.plan.teacher?.model).toBe('student');
    const report = await measureRun(opened, {
      ...{ student: last?.name ?? '', seed: null, samples: null, temperature: null },
    });
    expect(report.numbers).toMatchObject({
      teacherAccuracy: writer.gapReports.get(report.student)?.numbers.teacherAccuracy,
    });
  });

  it('may teach another, small as it is', async () => {
    const made = await pruned({
      optimizer: ADAM,
      scheme: ['chain', { through: ['teacher', 'student', 'middle'] }],
      terms: [term('kd'), term('rkd', { pairs: [{ teacher: 'hidden1', student: 'hidden1' }] })],
      baseline: false,
    });
    const { writer, outcome } = await train(made, { executor });
    expect(outcome.status).toBe('completed');
    expect(widths(writer, 'student').at(-1)).toBeLessThan(BEGINS);
  });

  it.each([
    ['first', ['teacher', 'middle']],
    ['beside others', ['middle', 'teacher']],
  ])('speaks in a merged book, %s, and is compared with who reads it', async (_, from) => {
    const small: SmallRun = {
      ...{ optimizer: ADAM, from, baseline: false, epochs: 1, teacherEpochs: 5 },
      scheme: ['book', { ensemble: 'logits', temperature: 4, correct: 'none', blend: 0 }],
      book: { precision: 'float32', topK: null, views: 1, name: null },
    };
    const [plain, wide] = [await smallExperiment({ train: 120, ...small }), await pruned(small)];
    const { teacher, ...models } = plain.experiment.models;
    const { student } = wide.experiment.models;
    if (teacher === undefined) throw new Error('no teacher');
    const narrowing = { ...models, teacher: { ...teacher, graph: student.graph } };
    const made = { ...plain, experiment: { ...plain.experiment, models: narrowing } };
    const { writer } = await train(made, { executor, bookshelf: new Bookshelf(scratchFolder()) });
    expect(widths(writer, 'teacher').at(-1)).toBeLessThan(BEGINS);
    const opened = new FinishedRun({
      ...{ ...made, executor, earlierModel: () => ({}) },
      run: {
        models: () => [...writer.models.keys()],
        model: (name) => writer.loadModel(name),
        checkpoint: () => null,
      },
    });
    const now = await measureRun(opened, { student: null, seed: 1, samples: null, temperature: null });
    expect(now.numbers.teacherAccuracy).toBe(
      writer.gapReports.get('student-1')?.numbers.teacherAccuracy ?? NaN,
    );
  });

  it('answers into the book of a later run as wide as it was kept', async () => {
    const { experiment } = await pruned({ baseline: false });
    const { student } = experiment.models;
    const later: Experiment = {
      ...experiment,
      models: {
        teacher: { name: 'teacher', source: 'run', run: 'one', model: 'student-1', graph: student.graph },
      },
    };
    const narrow = withWidths(student.graph, { [LAYER]: 7 });
    const learner = { ...planModel('student', 'student', narrow), variant: 0, prefix: '', lessons: [] };
    const kept = initialTensors(learner, 1);
    const [found] = finishedTeachers({ teachers: ['teacher'] }, later, () => kept) ?? [];
    expect(widthsOf(found?.model.graph ?? student.graph)).toEqual({ [LAYER]: 7 });
    expect(found?.weights).toBe(kept);
    expect(finishedTeachers({ teachers: ['student'] }, experiment, () => kept)).toBeNull();
  });

  it('without penalty and silent neurons keeps them all', async () => {
    const { writer } = await train(await pruned({ epochs: 1, baseline: false }, { weight: 0, minimum: BEGINS }), { executor }); // prettier-ignore
    expect(widths(writer, 'student')).toEqual([BEGINS]);
  });
});
