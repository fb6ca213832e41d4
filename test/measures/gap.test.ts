import { describe, expect, it } from 'vitest';
import { measureGap } from '../../src/measures/gap.ts';
import { draw } from '../process/harness.ts';

const names = ['cat', 'dog'];

describe('the gap between teacher and student', () => {
  it('is the hand-computed divergence, agreement and accuracy, in all and by class', () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    const teacher = Float32Array.from([logit(0.9), 0, logit(0.2), 0, logit(0.6), 0]);
    const student = Float32Array.from([logit(0.5), 0, logit(0.4), 0, logit(0.3), 0]);
    const gap = measureGap(teacher, student, [0, 1, 1], names, 4);
    const kl = (t: number, s: number) => t * Math.log(t / s) + (1 - t) * Math.log((1 - t) / (1 - s));
    expect(gap.numbers.kl).toBeCloseTo((kl(0.9, 0.5) + kl(0.2, 0.4) + kl(0.6, 0.3)) / 3, 6);
    expect(gap.numbers.agreement).toBeCloseTo(2 / 3, 12);
    expect(gap.numbers.teacherAccuracy).toBeCloseTo(2 / 3, 12);
    expect(gap.numbers.studentAccuracy).toBe(1);
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
      4,
    );
    expect(gap.numbers.kl).toBeCloseTo(0, 12);
    expect(gap.numbers.agreement).toBe(1);
    expect(gap.numbers.js).toBeCloseTo(0, 12);
  });

  it('stays finite for very large logits and says NaN in words', () => {
    expect(
      measureGap(Float32Array.of(1e4, 0), Float32Array.of(0, 1e4), [0], names, 4).numbers.kl,
    ).toBeCloseTo(1e4, 6);
    expect(measureGap(Float32Array.of(NaN, 0), Float32Array.of(0, 1), [0], names, 4).numbers.kl).toBe('NaN');
  });

  it('equals second formulas of every number, on random answers at random temperatures', () => {
    for (let round = 0; round < 20; round += 1) {
      const classes = 2 + (round % 6);
      const [samples, temperature] = [30, 0.5 + draw(7, round) * 6];
      const logits = (salt: number) =>
        Float32Array.from({ length: samples * classes }, (_, at) => 8 * draw(salt, round * 1000 + at) - 4);
      const [teacher, student] = [logits(1), logits(2)];
      const labels = Array.from({ length: samples }, (_, n) => Math.floor(draw(3, n + round) * classes));
      const gap = measureGap(teacher, student, labels, Array.from({ length: classes }, String), temperature);
      const [p, q] = [probabilities(teacher, classes, 1), probabilities(student, classes, 1)];
      const [soft, softStudent] = [
        probabilities(teacher, classes, temperature),
        probabilities(student, classes, temperature),
      ];
      expect(gap.numbers.kl).toBeCloseTo(mean(p.map((row, n) => crossEntropy(row, q[n]) - entropy(row))), 9);
      expect(gap.numbers.softened.kl).toBeCloseTo(
        mean(soft.map((row, n) => crossEntropy(row, softStudent[n]) - entropy(row))),
        9,
      );
      expect(gap.numbers.js).toBeCloseTo(mean(p.map((row, n) => jensen(row, q[n]))), 9);
      expect(gap.numbers.softened.js).toBeCloseTo(mean(soft.map((row, n) => jensen(row, softStudent[n]))), 9);
      expect(gap.numbers.softened.targetEntropy).toBeCloseTo(mean(soft.map(entropy)) / Math.log(classes), 9);
      const others = soft.map((row, n) => 1 - (row[labels[n] ?? -1] ?? NaN));
      expect(gap.numbers.softened.targetOthers).toBeCloseTo(mean(others), 9);
      gap.jsOfSamples.forEach((value, n) => expect(value).toBeCloseTo(jensen(p[n] ?? [], q[n]), 9));
      expect(gap.numbers.teacherCalibrationError).toBeCloseTo(calibration(p, labels), 9);
      expect(gap.numbers.studentCalibrationError).toBeCloseTo(calibration(q, labels), 9);
      gap.perClass.forEach(({ count, kl, js, agreement }, c) => {
        const own = labels.flatMap((label, n) => (label === c ? [n] : []));
        expect(count).toBe(own.length);
        if (own.length === 0) return;
        const same = own.filter((n) => top(p[n]) === top(q[n])).length;
        expect(agreement).toBeCloseTo(same / own.length, 12);
        expect(kl).toBeCloseTo(mean(own.map((n) => crossEntropy(p[n] ?? [], q[n]) - entropy(p[n] ?? []))), 9);
        expect(js).toBeCloseTo(mean(own.map((n) => jensen(p[n] ?? [], q[n]))), 9);
      });
    }
  });

  it('tells how soft the targets are: all alike at a great temperature, one class at a small one', () => {
    const teacher = Float32Array.of(3, 0, 1, 4);
    const soft = (temperature: number, labels: readonly number[]) =>
      measureGap(teacher, teacher, labels, names, temperature).numbers.softened;
    expect(soft(1e4, [0, 1]).targetEntropy).toBeCloseTo(1, 7);
    expect(soft(1e4, [0, 1]).targetOthers).toBeCloseTo(0.5, 3);
    expect(soft(0.01, [0, 1]).targetEntropy).toBeCloseTo(0, 12);
    expect(soft(0.01, [0, 0]).targetOthers).toBeCloseTo(0.5, 12);
    expect(soft(0.01, [0, -1]).targetOthers).toBeCloseTo(0, 12);
    expect(soft(0.01, [-1, -1]).targetOthers).toBe('NaN');
  });

  it('knows the bounds of the Jensen-Shannon divergence, and counts nothing for impossible classes', () => {
    const apart = measureGap(Float32Array.of(800, 0), Float32Array.of(0, 800), [0], names, 1);
    expect(apart.numbers.js).toBeCloseTo(Math.LN2, 12);
    const impossible = Float32Array.of(0, -Infinity);
    expect(measureGap(impossible, impossible, [0], names, 2).numbers).toMatchObject({ kl: 0, js: 0 });
    expect(measureGap(Float32Array.of(0, 0), impossible, [0], names, 2).numbers.kl).toBe('Infinity');
  });
});

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const top = (row: readonly number[] = []) => row.indexOf(Math.max(...row));

/** By the definition of softmax, with shares of a sum. */
function probabilities(logits: Float32Array, classes: number, temperature: number): number[][] {
  return Array.from({ length: logits.length / classes }, (_, n) => {
    const powers = Array.from(logits.subarray(n * classes, (n + 1) * classes), (z) =>
      Math.exp(z / temperature),
    );
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  });
}

const entropy = (p: readonly number[]) => -p.reduce((sum, value) => sum + value * Math.log(value), 0);
const crossEntropy = (p: readonly number[], q: readonly number[] = []) =>
  -p.reduce((sum, value, k) => sum + value * Math.log(q[k] ?? NaN), 0);

/** JS = H(m) − (H(p) + H(q)) / 2 */
function jensen(p: readonly number[], q: readonly number[] = []): number {
  const middle = p.map((value, k) => (value + (q[k] ?? NaN)) / 2);
  return entropy(middle) - (entropy(p) + entropy(q)) / 2;
}

/** ECE with samples sorted into bins by comparing with every upper bound. */
function calibration(rows: readonly (readonly number[])[], labels: readonly number[]): number {
  let error = 0;
  for (let bin = 1; bin <= 15; bin += 1) {
    const own = rows.flatMap((row, n) => {
      const confidence = Math.max(...row);
      return confidence > (bin - 1) / 15 && confidence <= bin / 15
        ? [{ confidence, right: Number(top(row) === labels[n]) }]
        : [];
    });
    if (own.length === 0) continue;
    const apart = mean(own.map(({ right }) => right)) - mean(own.map(({ confidence }) => confidence));
    error += (own.length / rows.length) * Math.abs(apart);
  }
  return error;
}
