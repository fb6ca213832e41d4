import type * as tfTypes from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, withBackend } from '../../src/compiler/tfjs.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { forward } from '../../src/models/build.ts';
import type { ModelGraph } from '../../src/models/description.ts';
import type { GapReport } from '../../src/protocol/gap-report.ts';
import { gapReport } from '../../src/protocol/gap-shapes.ts';
import { inOrder } from '../../src/training/data.ts';
import { FinishedRun } from '../../src/training/finished-run.ts';
import { isLookedAt } from '../../src/training/gap/gap-bounds.ts';
import { measureRun } from '../../src/training/gap/measure-run.ts';
import { attentionPairs } from '../../src/training/gap/attention-pairs.ts';
import type { StoredTensor } from '../../src/runs/writer.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const PLAIN = { student: null, seed: null, samples: null, temperature: null };
type Made = Awaited<ReturnType<typeof smallExperiment>>;

function open({ experiment, dataset }: Made, writer: MemoryWriter): FinishedRun {
  const run = {
    models: () => [...writer.models.keys()],
    model: (name: string) => writer.loadModel(name),
    checkpoint: () => null,
  };
  return new FinishedRun({ experiment, dataset, run, executor, earlierModel: () => ({}) });
}

/** Logits and maps of a model on validation, eagerly and by no part of what is tested. */
function eagerly(
  { dataset }: Made,
  graph: ModelGraph,
  weights: Readonly<Record<string, StoredTensor>>,
  layer: string,
): { logits: number[][]; energy: number[][] } {
  const [batch] = inOrder(dataset, 'validation', dataset.splits.validation.count);
  if (batch === undefined) throw new Error('no validation');
  return withBackend('cpu', () =>
    tf.tidy(() => {
      const tensors = Object.fromEntries(
        Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
      );
      const images = tf.tensor4d(batch.inputs, [batch.count, ...dataset.shape]);
      const { logits, outputs } = forward(tf, graph, tensors, images, { training: false, wanted: [layer] });
      const map = outputs[layer] as tfTypes.Tensor4D;
      return {
        logits: logits.arraySync(),
        energy: tf.reshape<tfTypes.Rank.R2>(tf.sum(tf.pow(map, 2), 3), [batch.count, -1]).arraySync(),
      };
    }),
  );
}

const softmax = (row: readonly number[], temperature = 1) => {
  const powers = row.map((z) => Math.exp(z / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};
const kl = (p: readonly number[], q: readonly number[]) =>
  p.reduce((sum, value, k) => sum + value * Math.log(value / (q[k] ?? NaN)), 0);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const top = (row: readonly number[] = []) => row.indexOf(Math.max(...row));

describe('the report of the gap of a run', () => {
  let made: Made;
  let writer: MemoryWriter;
  let written: Omit<GapReport, 'run'>;
  beforeAll(async () => {
    made = await smallExperiment({ train: 200, seeds: [1, 2], epochs: 3 });
    ({ writer } = await train(made, { executor }));
    const found = writer.gapReports.get('student-2');
    if (found === undefined) throw new Error('there is no report');
    written = found;
  });

  it('is written for each student at its end, and is what the panel reads', () => {
    expect([...writer.gapReports.keys()]).toEqual(['student-1', 'student-2']);
    for (const report of writer.gapReports.values()) {
      const whole = { run: 'small', ...report };
      expect(gapReport(JSON.parse(JSON.stringify(whole)), 'report')).toEqual(whole);
    }
    expect(written).toMatchObject({
      phase: 'student',
      seed: 2,
      student: 'student-2',
      state: 'kept',
      split: 'validation',
      samples: made.dataset.splits.validation.count,
      picture: { height: 28, width: 28, channels: 1 },
    });
    expect(written.cost.share).toBeGreaterThan(0);
    expect(JSON.stringify(written).length).toBeLessThan(2 ** 21);
  });

  it('equals what is reckoned anew, eagerly, from the kept weights', () => {
    const { models } = made.experiment;
    const [teacherGraph, studentGraph] = [models['teacher']?.graph, models['student']?.graph];
    if (teacherGraph === undefined || studentGraph === undefined) throw new Error('no models');
    const teacher = eagerly(made, teacherGraph, writer.loadModel('teacher-1'), 'stage2');
    const student = eagerly(made, studentGraph, writer.loadModel('student-2'), 'stage2');
    const labels = [...made.dataset.splits.validation.labels];
    const at = (temperature: number) =>
      mean(
        teacher.logits.map((row, n) =>
          kl(softmax(row, temperature), softmax(student.logits[n] ?? [], temperature)),
        ),
      );
    const { numbers } = written;
    expect(Number(numbers.kl)).toBeCloseTo(at(1), 4);
    expect(numbers.softened.temperature).toBe(4);
    expect(Number(numbers.softened.kl)).toBeCloseTo(at(4), 4);
    const named = (rows: readonly (readonly number[])[]) => rows.map((row) => top(row));
    const [t, s] = [named(teacher.logits), named(student.logits)];
    expect(numbers.agreement).toBeCloseTo(mean(t.map((one, n) => Number(one === s[n]))), 12);
    expect(numbers.studentAccuracy).toBeCloseTo(mean(s.map((one, n) => Number(one === labels[n]))), 12);
    written.confusion?.student.forEach((row, i) =>
      row.forEach((count, j) =>
        expect(count).toBe(labels.filter((label, n) => label === i && s[n] === j).length),
      ),
    );
    written.outputDifference?.forEach((row, i) => {
      const own = labels.flatMap((label, n) => (label === i ? [n] : []));
      row.forEach((value, k) => {
        const apart = own.map((n) =>
          Math.abs((student.logits[n]?.[k] ?? NaN) - (teacher.logits[n]?.[k] ?? NaN)),
        );
        expect(Number(value)).toBeCloseTo(own.length === 0 ? 0 : mean(apart), 3);
      });
    });
    const middle = (n: number) => {
      const [p, q] = [softmax(teacher.logits[n] ?? []), softmax(student.logits[n] ?? [])];
      const m = p.map((value, k) => (value + (q[k] ?? NaN)) / 2);
      return (kl(p, m) + kl(q, m)) / 2;
    };
    const order = labels.map((_, n) => middle(n)).sort((a, b) => b - a);
    written.disagreed.forEach(({ js, index, label, teacher: own }, rank) => {
      expect(Number(js)).toBeCloseTo(order[rank] ?? NaN, 4);
      expect(Number(js)).toBeCloseTo(middle(index), 4);
      expect(label).toBe(labels[index]);
      own.forEach((value, k) => expect(Number(value)).toBeCloseTo(teacher.logits[index]?.[k] ?? NaN, 3));
    });
    const pair = written.attention?.pairs.findIndex((one) => one.student === 'stage2') ?? -1;
    expect(written.attention?.pairs[pair]).toEqual({ teacher: 'stage2', student: 'stage2' });
    written.attention?.samples.forEach(({ index }, n) => {
      const map = written.attention?.student[pair]?.[n];
      const energy = student.energy[index] ?? [];
      const bytes = Buffer.from(map?.energy ?? '', 'base64');
      expect(bytes).toHaveLength(14 * 14);
      const highest = Math.max(...energy);
      energy.forEach((value, place) =>
        expect(Math.abs((bytes[place] ?? NaN) - (value / highest) * 255)).toBeLessThan(1),
      );
      const held = (map?.crucial ?? []).reduce((sum, place) => sum + (energy[place] ?? NaN), 0);
      expect(held).toBeGreaterThanOrEqual((energy.reduce((a, b) => a + b, 0) / 2) * (1 - 1e-5));
    });
  });

  it('holds pictures of the samples as they lie in the data', () => {
    const { positions, samples } = made.dataset.splits.validation;
    for (const { index, pixels } of written.disagreed) {
      const start = (positions[index] ?? 0) * 784;
      expect([...Buffer.from(pixels ?? '', 'base64')]).toEqual([
        ...samples.pixels.subarray(start, start + 784),
      ]);
    }
  });

  it('is the same when the run is opened again, for one seed and for the other', async () => {
    const run = open(made, writer);
    for (const seed of [1, 2]) {
      const again = await measureRun(run, { ...PLAIN, seed });
      const before = writer.gapReports.get(`student-${seed}`);
      expect(again.student).toBe(`student-${seed}`);
      expect(again.teachers).toEqual(['teacher-1']);
      for (const part of ['perClass', 'confusion', 'reliability'] as const)
        expectNear(again[part], before?.[part]);
      expectNear(again.numbers, before?.numbers);
      expect(again.disagreed.map(({ index }) => index)).toEqual(before?.disagreed.map(({ index }) => index));
      expect(again.attention?.overlap.length).toBe(before?.attention?.overlap.length);
    }
  });

  it('takes fewer samples and another temperature where that is asked for, and names who is not there', async () => {
    const run = open(made, writer);
    const few = await measureRun(run, { ...PLAIN, samples: 10, temperature: 2 });
    expect(few).toMatchObject({
      student: 'student-1',
      samples: 10,
      numbers: { softened: { temperature: 2 } },
    });
    await expect(measureRun(run, { ...PLAIN, seed: 9 })).rejects.toThrow(/no such student/);
    await expect(measureRun(run, { ...PLAIN, student: 'baseline-1' })).rejects.toMatchObject({
      problem: { code: 'KD5041', help: 'it holds: student-1, student-2' },
    });
  });

  it('stands beside records of every epoch, in numbers and in where the student looks', () => {
    const validation = writer.metricsLog.filter(
      ({ split, phase }) => split === 'validation' && phase === 'student',
    );
    expect(validation).toHaveLength(6);
    validation.forEach(({ values, epoch, seed }) => {
      const gap = writer.gaps.find((one) => one.epoch === epoch && one.seed === seed);
      expect(values['gap/kl']).toBe(gap?.kl);
      expect(values['gap/js']).toBe(gap?.js);
      expect(values['gap/agreement']).toBe(gap?.agreement);
      expect(Number(values['gap/accuracy'])).toBeCloseTo(
        (gap?.studentAccuracy ?? NaN) - (gap?.teacherAccuracy ?? NaN),
        12,
      );
      expect(Number(gap?.studentCalibrationError)).toBeCloseTo(Number(values['calibrationError']), 12);
    });
    expect(writer.attentions.map(({ seed, epoch }) => [seed, epoch])).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 0],
      [2, 1],
      [2, 2],
    ]);
    for (const { samples, pairs, student } of writer.attentions) {
      expect(samples).toHaveLength(8);
      expect(student).toHaveLength(pairs.length);
    }
  });
});

/** Compiled twice, in batches of other sizes. */
function expectNear(got: unknown, want: unknown): void {
  const flat = (value: unknown): unknown[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(flat) : [value];
  const [one, other] = [flat(got), flat(want)];
  expect(one).toHaveLength(other.length);
  one.forEach((value, at) =>
    typeof value === 'number'
      ? expect(value).toBeCloseTo(Number(other[at]), 4)
      : expect(value).toEqual(other[at]),
  );
}

describe('a run without teachers', () => {
  it('has no gap, and says so', async () => {
    const made = await smallExperiment({
      scheme: ['online', { peers: 2 }],
      terms: [term('dml')],
      ...{ train: 60, epochs: 1, baseline: false },
    });
    const { writer } = await train(made, { executor });
    expect(writer.gapReports.size).toBe(0);
    await expect(measureRun(open(made, writer), PLAIN)).rejects.toMatchObject({
      problem: { code: 'KD5041' },
    });
  });
});

describe('several teachers', () => {
  it('are compared with as one, the mean of their probabilities', async () => {
    const made = await smallExperiment({
      scheme: ['multiTeacher', { combine: 'average' }],
      from: ['teacher', 'middle'],
      ...{ train: 100, epochs: 1, baseline: false },
    });
    const { writer } = await train(made, { executor });
    const again = await measureRun(open(made, writer), PLAIN);
    expect(again.teachers).toEqual(['teacher-1', 'middle-1']);
    expectNear(again.numbers, writer.gapReports.get('student-1')?.numbers);
  });
});

describe('what is looked at', () => {
  it('are eight epochs at most, the first and the last among them', () => {
    const looked = (epochs: number) =>
      Array.from({ length: epochs }, (_, epoch) => epoch).filter((epoch) => isLookedAt(epoch, epochs, 8));
    expect(looked(1)).toEqual([0]);
    expect(looked(3)).toEqual([0, 1, 2]);
    expect(looked(100)).toHaveLength(8);
    expect([looked(100)[0], looked(100).at(-1)]).toEqual([0, 99]);
  });

  it('are maps of the same size, the deepest of each, and none where a network has no map', async () => {
    const { experiment } = await smallExperiment({ teacher: 'resnet14', student: 'resnet8' });
    const [teacher, student] = [experiment.models['teacher']?.graph, experiment.models['student']?.graph];
    if (teacher === undefined || student === undefined) throw new Error('no models');
    expect(attentionPairs(teacher, student)).toEqual([
      { teacher: 'stage1', student: 'stage1' },
      { teacher: 'stage2', student: 'stage2' },
      { teacher: 'stage3', student: 'stage3' },
    ]);
    const flat = await smallExperiment({ student: 'mlp' });
    expect(attentionPairs(teacher, flat.experiment.models['student']?.graph ?? teacher)).toEqual([]);
  });
});
