import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { context, value } from './context.ts';

/** One channel a column: student against teacher, with the teacher's batch norm. */
function distance(student: number[], teacher: number[], scale: number[], offset: number[]): number {
  const map = (numbers: number[]) => tf.tensor4d(numbers, [1, 1, 1, numbers.length]);
  const parts = context({ maps: [map(student), map(teacher)] });
  const teacherWeights = { 'pair0/scale': tf.tensor1d(scale), 'pair0/offset': tf.tensor1d(offset) };
  return value(findMethod('ofdOfficial')?.loss(tf, { ...parts, teacherWeights }) ?? tf.scalar(NaN));
}

/** Mean of the negative half of a normal distribution around zero. */
const MARGIN = -Math.sqrt(2 / Math.PI);

describe('the distance of the overhaul', () => {
  it('is the squared difference where the teacher is positive', () => {
    expect(distance([3], [1], [1], [0])).toBeCloseTo(4, 5);
    expect(distance([-2], [1], [1], [0])).toBeCloseTo(9, 5);
  });

  it('asks of a negative response only that it stays below, down to the margin', () => {
    expect(distance([-0.9], [-0.5], [1], [0])).toBe(0);
    expect(distance([0.5], [-0.5], [1], [0])).toBeCloseTo(1, 5);
    expect(distance([-0.7], [-5], [1], [0])).toBeCloseTo((-0.7 - MARGIN) ** 2, 5);
    expect(distance([-0.9], [-5], [1], [0])).toBe(0);
  });

  it('takes the size of the scale, and three of it where negative responses are rare', () => {
    expect(distance([0], [-100], [-2], [0])).toBeCloseTo((2 * MARGIN) ** 2, 4);
    expect(distance([0], [-100], [0.1], [5])).toBeCloseTo(0.3 ** 2, 5);
    expect(distance([0], [-100], [0], [5])).toBeCloseTo(0, 6);
  });
});
