import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { context, value, values } from './context.ts';

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
