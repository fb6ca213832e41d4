import { beforeAll, describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { pictureRecord } from '../../src/protocol/picture-shapes.ts';
import type { TargetsPicture } from '../../src/protocol/records.ts';
import { probeSamples } from '../../src/training/data.ts';
import { FinishedRun } from '../../src/training/finished-run.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const [TEACHER_TEMPERATURE, SMOOTHING] = [4, 0.2];
const EXTRACTIVE = {
  id: 'extractive',
  refiner: 'extractive',
  parameters: {
    teacherTemperature: TEACHER_TEMPERATURE,
    studentTemperature: 1,
    smoothing: SMOOTHING,
    norm: 'l1',
  },
};

function softmax(logits: readonly number[], temperature = 1): readonly number[] {
  const powers = logits.map((z) => Math.exp((z - Math.max(...logits)) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** What extraction makes of an answer, by its formula. */
function extracted(logits: readonly number[]): readonly number[] {
  const uniform = 1 / logits.length;
  const risen = softmax(logits, TEACHER_TEMPERATURE).map((p) => Math.max(0, p - uniform));
  const sum = risen.reduce((a, b) => a + b, 0);
  return risen.map((one) => ((1 - SMOOTHING) * one) / sum + SMOOTHING * uniform);
}

const targetsOf = ({ pictures }: MemoryWriter) =>
  pictures.filter((one): one is TargetsPicture => one.kind === 'targets');

describe('the targets of a student behind a refiner', () => {
  let made: Awaited<ReturnType<typeof smallExperiment>>;
  let writer: MemoryWriter;
  beforeAll(async () => {
    made = await smallExperiment({
      terms: [term('kd', { parameters: { temperature: 2 } })],
      refine: [EXTRACTIVE],
    });
    ({ writer } = await train(made, { executor }));
  });

  it('are recorded before and after it, after each epoch, of those who are taught', () => {
    expect(targetsOf(writer).map(({ phase, epoch }) => [phase, epoch])).toEqual([
      ['student', 0],
      ['student', 1],
    ]);
  });

  it('are what teacher and formula say, of the likeliest classes and the label', async () => {
    const { experiment, dataset } = made;
    const run = {
      models: () => [...writer.models.keys()],
      model: (name: string) => writer.loadModel(name),
      checkpoint: () => null,
    };
    const opened = new FinishedRun({ experiment, dataset, run, executor, earlierModel: () => ({}) });
    const program = await opened.load(opened.kept(opened.model('teacher-1')), [], 4);
    const [last] = targetsOf(writer).slice(-1);
    const { logits } = await program.say(dataset, 'validation', Int32Array.from(last?.samples ?? []));
    await program.dispose();
    const [set] = last?.sets ?? [];
    expect(set).toMatchObject({ term: 'kd', refiners: ['extractive'], temperature: 2 });
    expect(set?.images).toHaveLength(4);
    set?.images.forEach((answers, image) => {
      const said = [...logits.subarray(image * 10, (image + 1) * 10)];
      const before = softmax(said, 2);
      const after = softmax(extracted(said).map(Math.log), 2);
      for (const one of answers) {
        const k = dataset.classes.indexOf(one.class);
        expect(Number(one.before)).toBeCloseTo(before[k] ?? NaN, 3);
        expect(Number(one.after)).toBeCloseTo(after[k] ?? NaN, 3);
      }
      const told = answers.map((one) => one.class);
      expect(told).toEqual(dataset.classes.filter((name) => told.includes(name)));
      expect(told).toContain(last?.labels[image]);
      const left = before.filter((_, k) => !told.includes(dataset.classes[k] ?? ''));
      const least = Math.min(...answers.filter((one) => one.class !== last?.labels[image]).map((one) => Math.max(Number(one.before), Number(one.after)))); // prettier-ignore
      expect(Math.max(...left)).toBeLessThanOrEqual(least + 1e-3);
    });
  });

  it('are read by the panel as they were written', () => {
    for (const picture of targetsOf(writer))
      expect(pictureRecord(JSON.parse(JSON.stringify(picture)), 'picture')).toEqual(picture);
    const [first] = targetsOf(writer);
    expect(() => pictureRecord({ ...first, sets: [{}] }, 'picture')).toThrow(/sets/);
  });
});

it('a student that hears copies of itself through a refiner trains, and has no targets of a finished teacher', async () => {
  const made = await smallExperiment({
    ...{ scheme: ['self', { bestSoFar: true }], from: [], epochs: 3, baseline: false },
    terms: [term('kd', { parameters: { temperature: 4 } })],
    refine: [{ id: 'logitStandardization', refiner: 'logitStandardization', parameters: {} }],
  });
  const { outcome, writer } = await train(made, { executor });
  expect(outcome.status).toBe('completed');
  expect(targetsOf(writer)).toEqual([]);
});

describe('the weights of the parts of a loss', () => {
  const weightsOf = ({ metricsLog }: MemoryWriter) =>
    metricsLog.flatMap(({ phase, split, values }): Record<string, unknown>[] => {
      const own = Object.entries(values).filter(([name]) => name.startsWith('weight/'));
      return own.length === 0 ? [] : [{ phase, split, ...Object.fromEntries(own) }];
    });
  const mixing: SmallRun = {
    ...{ epochs: 4, baseline: true },
    terms: [
      term('kd', {
        weight: { kind: 'linear', from: 1, to: 0, over: { value: 4, unit: 'epochs' } },
        parameters: { temperature: 4 },
      }),
    ],
    hardLabelWeight: { kind: 'linear', from: 0, to: 1, over: { value: 4, unit: 'epochs' } },
  };

  it('are recorded where they change, as they were in the step', async () => {
    const { writer } = await train(await smallExperiment(mixing), { executor });
    const told = weightsOf(writer);
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.every(({ phase, split }) => phase === 'student' && split === 'train')).toBe(true);
    const kd = told.map((one) => Number(one['weight/kd']));
    expect(kd).toEqual(kd.toSorted((a, b) => b - a));
    expect(kd.at(-1)).toBeLessThan(0.2);
    for (const one of told) expect(Number(one['weight/kd']) + Number(one['weight/ce'])).toBeCloseTo(1, 9);
  });

  it('are recorded of a term that begins late, and nowhere else', async () => {
    const late = await train(
      await smallExperiment({ epochs: 2, terms: [term('kd', { start: 1, parameters: { temperature: 4 } })] }),
      { executor },
    );
    const kd = weightsOf(late.writer).map((one) => one['weight/kd']);
    expect([kd[0], kd.at(-1)]).toEqual([0, 1]);
    const fixed = await train(await smallExperiment({ epochs: 1 }), { executor });
    expect(weightsOf(fixed.writer)).toEqual([]);
  });
});

it('a probe of fewer images than are drawn is drawn whole', async () => {
  const made = await smallExperiment({
    train: 10,
    validation: 0.3,
    epochs: 1,
    refine: [EXTRACTIVE],
    baseline: false,
  });
  const { writer } = await train(made, { executor });
  const { count } = made.dataset.splits.validation;
  expect(targetsOf(writer).map(({ samples }) => samples)).toEqual([[...probeSamples(count, count)]]);
});
