import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { context, drawn, value, values } from './context.ts';

interface Tensor {
  readonly shape: number[];
  readonly data: number[];
}
interface Case {
  readonly id: string;
  readonly params: Readonly<Record<string, number>>;
  readonly loss: number;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

const file = join(import.meta.dirname, '../golden/losses/crd.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };
const crd = findMethod('crd');
if (crd === undefined) throw new Error('no crd');
const contrast = crd;

/** The loss of a golden case and what it leaves in its memories. */
function run(
  { params, inputs, weights }: Case,
  changed: Readonly<Record<string, tf.Tensor>> = {},
  training = true,
) {
  const of = (from: Readonly<Record<string, Tensor>>, name: string, type: 'float32' | 'int32' = 'float32') =>
    tf.tensor(from[name]?.data ?? [], from[name]?.shape, type);
  const table = of(inputs, 'contrast_idx', 'int32');
  const [rows = 0, columns = 0] = table.shape;
  const side = (letter: 's' | 't', name: string, memory: string) => ({
    [`pair0/${name}/kernel`]: tf.transpose(of(weights, `crd.embed_${letter}.linear.weight`)),
    [`pair0/${name}/bias`]: of(weights, `crd.embed_${letter}.linear.bias`),
    [`pair0/${name}/memory`]: of(inputs, memory),
    [`pair0/${name}/normaliser`]: tf.scalar(params[`Z_${letter}`] ?? NaN),
  });
  const updates: Record<string, tf.Tensor> = {};
  const parts = context({
    maps: [of(inputs, 'feat_student'), of(inputs, 'feat_teacher')],
    draws: { negatives: tf.slice(table, [0, 1], [rows, columns - 1]) as tf.Tensor2D },
    parameters: { temperature: params['temperature'], momentum: params['momentum'] },
    variables: { ...side('s', 'student', 'memory_v1'), ...side('t', 'teacher', 'memory_v2'), ...changed },
    training,
    update: (name, tensor) => (updates[name] = tensor),
  });
  const loss = value(contrast.loss(tf, { ...parts, indices: of(inputs, 'idx', 'int32') as tf.Tensor1D }));
  return { loss, updates };
}

describe.each(cases.map((one) => [one.id, one] as const))('%s', (_, one) => {
  const { loss, updates } = run(one);

  it('leaves normalisers and memories as the reference does', () => {
    expect(loss).toBeCloseTo(one.loss, 3);
    for (const [ours, theirs] of [
      ['pair0/student/normaliser', 'Z_s'],
      ['pair0/teacher/normaliser', 'Z_t'],
      ['pair0/student/memory', 'memory_v1_after'],
      ['pair0/teacher/memory', 'memory_v2_after'],
    ] as const) {
      const want = one.outputs[theirs]?.data ?? [];
      const got = values(updates[ours] as tf.Tensor);
      expect(got).toHaveLength(want.length);
      got.forEach((number, i) => expect(Math.abs(number / (want[i] ?? NaN) - 1)).toBeLessThan(1e-4));
    }
  });

  it('keeps the normaliser of the first batch, and rows of the memory at length one', () => {
    const kept = run(one, { 'pair0/student/normaliser': tf.scalar(123) });
    expect(values(kept.updates['pair0/student/normaliser'] as tf.Tensor)).toEqual([123]);
    const memory = updates['pair0/student/memory'] as tf.Tensor2D;
    const rows = tf.gather(memory, tf.tensor1d(one.inputs['idx']?.data ?? [], 'int32'));
    for (const length of values(tf.norm(rows, 2, 1))) expect(length).toBeCloseTo(1, 5);
  });

  it('renews nothing while validating, where a sample’s own row is not in the memory', () => {
    const validation = run(one, {}, false);
    expect(validation.updates).toEqual({});
    expect(Number.isFinite(validation.loss)).toBe(true);
    expect(validation.loss).not.toBeCloseTo(loss, 3);
  });
});

describe.each([30, 100])('negatives among %i samples in the memory', (samples) => {
  const [batch, count, features] = [3, 2, 4];
  const table = [[1, 5, 29], [2, 7, 7], [3, 0, 11]]; // prettier-ignore
  const memory = (seed: number) => drawn([samples, features], seed);
  const side = (name: string, seed: number) => ({
    [`pair0/${name}/kernel`]: tf.eye(features),
    [`pair0/${name}/bias`]: tf.zeros([features]),
    [`pair0/${name}/memory`]: memory(seed),
    [`pair0/${name}/normaliser`]: tf.scalar(50),
  });
  const [student, teacher] = [drawn([batch, features], 1), drawn([batch, features], 2)];
  const lossOf = (...maps: [tf.Tensor, tf.Tensor]) =>
    contrast.loss(tf, {
      ...context({
        maps,
        draws: { negatives: tf.tensor2d(table.map((row) => row.slice(1)), [batch, count], 'int32') }, // prettier-ignore
        parameters: { temperature: 0.5, momentum: 0.5 },
        variables: { ...side('student', 3), ...side('teacher', 4) },
      }),
      indices: tf.tensor1d(
        table.map(([own = 0]) => own),
        'int32',
      ),
    });
  const rowsOf = (tensor: tf.Tensor) => tensor.arraySync() as number[][];
  const banks = [rowsOf(memory(4)), rowsOf(memory(3))];

  /** The loss of embeddings of both sides, in double precision. */
  const byHand = (maps: readonly number[][][]): number => {
    const noise = count / samples;
    const losses = maps.flatMap((own, at) =>
      own.map((row, n) => {
        const scores = (table[n] ?? []).map((sample) => {
          const product = row.reduce((sum, x, i) => sum + x * (banks[at]?.[sample]?.[i] ?? NaN), 0);
          return Math.exp(product / Math.hypot(...row) / 0.5) / 50;
        });
        const [near = NaN, ...far] = scores;
        return far.reduce((sum, g) => sum - Math.log(noise / (g + noise)), -Math.log(near / (near + noise)));
      }),
    );
    return losses.reduce((sum, loss) => sum + loss, 0) / batch;
  };

  it('cost what the formula says', () => {
    expect(value(lossOf(student, teacher))).toBeCloseTo(byHand([rowsOf(student), rowsOf(teacher)]), 4);
  });

  it('pull at both sides by the slope of the formula', () => {
    const [ofStudent, ofTeacher] = tf.grads(lossOf)([student, teacher]);
    const [step, maps] = [1e-4, [rowsOf(student), rowsOf(teacher)]];
    [ofStudent, ofTeacher].forEach((slope, at) =>
      values(slope as tf.Tensor).forEach((found, place) => {
        const moved = (by: number) =>
          byHand(
            maps.map((rows, which) =>
              rows.map((row, n) =>
                row.map((x, i) => (which === at && n * features + i === place ? x + by : x)),
              ),
            ),
          );
        expect(found).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 3);
      }),
    );
  });
});
