import { describe, expect, it } from 'vitest';
import { measureGap } from '../../src/measures/gap.ts';

const names = ['cat', 'dog'];

describe('the gap between teacher and student', () => {
  it('is the hand-computed divergence, agreement and accuracy, in all and by class', () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    const teacher = Float32Array.from([logit(0.9), 0, logit(0.2), 0, logit(0.6), 0]);
    const student = Float32Array.from([logit(0.5), 0, logit(0.4), 0, logit(0.3), 0]);
    const gap = measureGap(teacher, student, [0, 1, 1], names);
    const kl = (t: number, s: number) => t * Math.log(t / s) + (1 - t) * Math.log((1 - t) / (1 - s));
    expect(gap.kl).toBeCloseTo((kl(0.9, 0.5) + kl(0.2, 0.4) + kl(0.6, 0.3)) / 3, 6);
    expect(gap.agreement).toBeCloseTo(2 / 3, 12);
    expect(gap.teacherAccuracy).toBeCloseTo(2 / 3, 12);
    expect(gap.studentAccuracy).toBe(1);
    expect(gap.perClass[1]).toMatchObject({
      name: 'dog',
      count: 2,
      teacherAccuracy: 0.5,
      studentAccuracy: 1,
    });
    expect(gap.perClass[1]?.kl).toBeCloseTo((kl(0.2, 0.4) + kl(0.6, 0.3)) / 2, 6);
  });

  it('is zero for equal logits, also after adding a constant to each row', () => {
    const teacher = Float32Array.from([1, 2, -3, 4]);
    const gap = measureGap(
      teacher,
      teacher.map((value) => value + 16),
      [0, 1],
      names,
    );
    expect(gap.kl).toBeCloseTo(0, 12);
    expect(gap.agreement).toBe(1);
  });

  it('stays finite for very large logits and says NaN in words', () => {
    expect(measureGap(Float32Array.of(1e4, 0), Float32Array.of(0, 1e4), [0], names).kl).toBeCloseTo(1e4, 6);
    expect(measureGap(Float32Array.of(NaN, 0), Float32Array.of(0, 1), [0], names).kl).toBe('NaN');
  });
});
