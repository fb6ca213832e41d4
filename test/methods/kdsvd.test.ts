import { describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { tf } from '../../src/compiler/tfjs.ts';
import { kdsvd, vectorLoss } from '../../src/methods/relation/kdsvd.ts';
import { readFixtures } from '../../src/training/fixture.ts';
import { fromChannelsLast } from '../../src/training/layout.ts';
import { context, drawn, value, values } from './context.ts';

const fixtures = readFixtures(join(import.meta.dirname, '../golden/losses')).filter(
  (one) => one.method === 'kdsvd',
);

/** Signs with which the reference's linear algebra returned the teacher's vectors; all others agree with ours. */
const SIGNS: Readonly<Record<string, readonly tf.Tensor1D[]>> = {
  'kdsvd-A1': [tf.tensor1d([-1, 1]), tf.tensor1d([1, 1])],
};

describe.each(fixtures.map((one) => [one.id, one] as const))(
  '%s',
  (id, { tensors, loss, gradients, tolerance }) => {
    const maps = (side: string) =>
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(`feats_${side}.`))
        .map(([, { shape, data }]) => tf.tensor4d(data, [...shape] as [number, number, number, number]));
    const [students, teachers] = [maps('student'), maps('teacher')];
    const lossOf = (...inputs: tf.Tensor[]) => vectorLoss(tf, inputs as tf.Tensor4D[], teachers, SIGNS[id]);

    it('has the reference’s value, with the signs of its singular vectors', () => {
      expect(Math.abs(value(lossOf(...students)) - loss)).toBeLessThan(tolerance.lossAbsolute + 1e-4 * loss);
    });

    it('has the reference’s gradients', () => {
      tf.grads(lossOf)(students).forEach((slope, layer) => {
        const ours = fromChannelsLast('NCHW', {
          shape: slope.shape,
          data: slope.dataSync() as Float32Array,
        }).data;
        const { data: want, absolute } = gradients[`feats_student.${layer}`] ?? { data: [], absolute: 0 };
        expect(want).toHaveLength(ours.length);
        ours.forEach((got, i) => {
          const expected = want[i] ?? NaN;
          expect(Math.abs(got - expected)).toBeLessThanOrEqual(
            absolute + tolerance.gradientRelative * Math.abs(expected),
          );
        });
      });
    });
  },
);

describe('singular vectors', () => {
  const [s, t] = [drawn([3, 4, 4, 5], 1), drawn([3, 4, 4, 5], 2)];
  const parts = (student: tf.Tensor[], teacher: tf.Tensor[]) => {
    const base = context({ maps: [s, t] });
    const side = (maps: tf.Tensor[]) => ({ ...base.student, maps, layers: ['a', 'b'] });
    return { ...base, student: side(student), teacher: side(teacher) };
  };
  const loss = (student: tf.Tensor[], teacher: tf.Tensor[]) => value(kdsvd.loss(tf, parts(student, teacher)));
  const [later, target] = [drawn([3, 3, 3, 6], 3), drawn([3, 3, 3, 6], 4)];

  it('are zero apart where both sides are the same', () => {
    expect(loss([s, later], [s, later])).toBeCloseTo(0, 6);
  });

  it('do not change with the scale or sign of a layer, nor with the order of its places', () => {
    const want = loss([s, later], [t, target]);
    expect(want).toBeGreaterThan(1e-3);
    expect(loss([tf.mul(s, -3), later], [t, target])).toBeCloseTo(want, 5);
    expect(loss([s, later], [tf.mul(t, -3), target])).toBeCloseTo(want, 5);
    expect(loss([tf.reverse(s, 1), later], [t, tf.reverse(target, 2)])).toBeCloseTo(want, 5);
  });

  it('are found on either side of a matrix: more channels than places', () => {
    const wide = drawn([2, 2, 3, 20], 7);
    const first = singular(wide);
    const gram = tf.reshape(wide, [2, 6, 20]);
    const image = tf.matMul(tf.matMul(gram, gram, true), tf.expandDims(first, 2));
    const stretch = tf.norm(image, 2, 1, true);
    values(tf.sub(tf.div(image, stretch), tf.expandDims(first, 2))).forEach((off) =>
      expect(off).toBeCloseTo(0, 3),
    );
  });

  function singular(map: tf.Tensor): tf.Tensor {
    let vector: tf.Tensor = tf.ones([2, 20, 1]);
    const rows = tf.reshape(map, [2, 6, 20]);
    for (let i = 0; i < 300; i++) {
      vector = tf.matMul(tf.matMul(rows, rows, true), vector);
      vector = tf.div(vector, tf.norm(vector, 2, 1, true));
    }
    return tf.reshape(vector, [2, 20]);
  }
});
