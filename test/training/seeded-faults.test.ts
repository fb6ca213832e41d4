import { describe, expect, it } from 'vitest';
import type { StepGraph } from '../../src/compiler/graph.ts';
import { trace } from '../../src/compiler/trace.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { forward } from '../../src/models/build.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { split } from '../../src/training/flat.ts';
import { planPhase } from '../../src/training/plan.ts';
import { answersStep } from '../../src/training/steps.ts';
import { trainExperiment } from '../../src/training/train-experiment.ts';
import { MemoryWriter } from './memory-writer.ts';
import { NO_REQUEST, smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const QUICK: SmallRun = { train: 80, epochs: 1, teacherEpochs: 1, baseline: false };
const guards = (writer: MemoryWriter) =>
  writer.events.filter(({ kind }) => kind === 'guard').map(({ message }) => message);

/** An executor that does everything right but what `fault` changes. */
function faulty(
  fault: Partial<{
    graphs: (graphs: Readonly<Record<string, StepGraph>>) => Readonly<Record<string, StepGraph>>;
    forgets: string;
  }>,
): Executor {
  return {
    ...executor,
    async load(graphs, state) {
      const program = await executor.load(fault.graphs?.(graphs) ?? graphs, state);
      return new Proxy(program, {
        get(target, key) {
          if (key !== 'writeState' || fault.forgets === undefined) {
            const value: unknown = Reflect.get(target, key);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          }
          return (vectors: Readonly<Record<string, Float32Array>>) =>
            target.writeState(
              Object.fromEntries(
                Object.entries(vectors).filter(([name]) => !name.startsWith(fault.forgets ?? '')),
              ),
            );
        },
      });
    },
  };
}

describe('a fault that is planted is caught', () => {
  it('a teacher whose weights never reach the program', async () => {
    const made = await smallExperiment(QUICK);
    // The phase that trains it must still hold it: only as a teacher it is forgotten.
    const forgetful: Executor = {
      ...executor,
      load: (graphs, state) =>
        (graphs['answers/teacher'] === undefined ? executor : faulty({ forgets: 'teacher/' })).load(
          graphs,
          state,
        ),
    };
    await expect(train(made, { executor: forgetful })).rejects.toMatchObject({
      problem: { code: 'KD4010', message: expect.stringContaining('"teacher"') as string },
    });
  });

  it('a teacher in training mode', async () => {
    const { experiment, dataset } = await smallExperiment(QUICK);
    const graph = buildArchitecture('resnet8', dataset.shape, dataset.classes.length);
    const values = initialParameters(graph, 1, 'teacher');
    const weights = Object.fromEntries(
      parameterSpecs(graph).map(({ name, shape }) => [
        name,
        { shape, data: values[name] ?? new Float32Array() },
      ]),
    );
    const models = {
      ...experiment.models,
      teacher: { name: 'teacher', source: 'run', run: 'older', model: 'teacher', graph } as const,
    };
    const taught = {
      ...experiment,
      models,
      phases: experiment.phases.filter(({ name }) => name === 'student'),
    };
    const [phase] = taught.phases;
    if (phase === undefined) throw new Error('no student');
    const plan = planPhase(taught, phase, dataset.splits.train.count);
    const [teacher] = plan.teachers;
    if (teacher === undefined) throw new Error('no teacher');
    const run = (chosen: Executor) =>
      trainExperiment({
        ...{ experiment: taught, dataset, executor: chosen, writer: new MemoryWriter() },
        control: NO_REQUEST,
        resume: null,
        earlierModel: () => weights,
      });
    const training = faulty({
      graphs: (graphs) => {
        const { specs } = answersStep(plan, teacher, 32);
        const inTraining = trace(
          'answers',
          (ops, inputs) => {
            const variables = {
              ...split(ops, inputs['teacher/parameters'], teacher.parameters),
              ...split(ops, inputs['teacher/statistics'], teacher.statistics),
            };
            const images = inputs['images'] as Parameters<typeof forward>[3];
            const { logits } = forward(ops, graph, variables, images, {
              ...{ training: true, wanted: [], dropoutMasks: {} },
            });
            return { 'says/teacher/logits': logits };
          },
          specs,
        );
        return { ...graphs, 'answers/teacher': inTraining };
      },
    });
    await expect(run(training)).rejects.toMatchObject({ problem: { code: 'KD4011' } });
    await expect(run(executor)).resolves.toMatchObject({ status: 'completed' });
  });

  it('weights of another network of the same shape', async () => {
    const made = await smallExperiment({ ...QUICK, train: 300, teacherEpochs: 3 });
    const writer = new MemoryWriter();
    const load = writer.loadModel.bind(writer);
    writer.loadModel = (name) =>
      Object.fromEntries(
        Object.entries(load(name)).map(([key, { shape, data }]) => [
          key,
          { shape, data: key.endsWith('/kernel') ? data.map((value) => -value) : data },
        ]),
      );
    await expect(train(made, { executor, writer })).rejects.toMatchObject({
      problem: { code: 'KD4012', message: expect.stringContaining('not its weights') as string },
    });
  });

  it('swapped roles: the smaller network teaches the larger, which alone is better', async () => {
    const { experiment, dataset } = await smallExperiment({ train: 400, epochs: 4, teacherEpochs: 1 });
    const { teacher, student } = experiment.models;
    if (teacher?.source !== 'architecture' || student?.source !== 'architecture')
      throw new Error('no models');
    const swapped = {
      ...experiment,
      models: {
        ...experiment.models,
        teacher: { ...teacher, graph: student.graph },
        student: { ...student, graph: teacher.graph },
      },
    };
    const { writer } = await train({ experiment: swapped, dataset }, { executor });
    expect(guards(writer)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/teacher "teacher" .* is smaller than the student/),
        expect.stringMatching(/^The student alone \(.*\) is better than its teacher/),
      ]),
    );
  });

  it('a term whose weight leaves it without effect', async () => {
    const made = await smallExperiment({ ...QUICK, terms: [term('kd', { weight: 1e-6 })] });
    const { writer } = await train(made, { executor });
    expect(guards(writer)).toContainEqual(expect.stringContaining('The term "kd" makes up'));
  });

  it('shuffled labels', async () => {
    const { experiment, dataset } = await smallExperiment({ ...QUICK, train: 400, teacherEpochs: 3 });
    const shuffled = (name: 'train' | 'validation') => {
      const own = dataset.splits[name];
      return { ...own, labels: own.labels.map((_, n) => (n * 7919) % 10) };
    };
    const splits = { ...dataset.splits, train: shuffled('train'), validation: shuffled('validation') };
    const { writer } = await train({ experiment, dataset: { ...dataset, splits } }, { executor });
    expect(guards(writer)).toContainEqual(
      expect.stringContaining('teacher learned nothing that holds on validation'),
    );
  });

  it('test samples among the training samples', async () => {
    const { experiment, dataset } = await smallExperiment(QUICK);
    const report = {
      groups: null,
      copies: { exact: 0, near: 0 },
      acrossTest: { exact: 1, near: 1, examples: ['a/1.png = a/9.png'] },
      dropped: 0,
      perClass: { train: [], validation: [], test: [] },
    };
    const { writer } = await train({ experiment, dataset: { ...dataset, report } }, { executor });
    expect(guards(writer)).toContainEqual(
      expect.stringMatching(/^2 test samples are copies of training samples .*a\/1.png = a\/9.png/),
    );
  });
});

describe('a healthy run', () => {
  it('raises nothing, from the first step to the comparison', async () => {
    const { experiment, dataset } = await smallExperiment({ train: 400, epochs: 3, teacherEpochs: 6 });
    const { writer } = await train({ experiment, dataset }, { executor });
    expect(guards(writer)).toEqual([]);
  });
});
