import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { extractive } from '../../src/methods/refine/extractive.ts';
import { simplifier } from '../../src/methods/refine/simplifier.ts';
import { context, drawn, lossOf, sizes, started, value, values } from './context.ts';

const [s, t] = [drawn([4, 5], 1), drawn([4, 5], 2)];
const labels = [0, 3, 1, 4];
const SMALL = { temperature: 4, tokens: 'batch', heads: 2, width: 3, residual: true } as const;
type Plain = Partial<Record<keyof typeof SMALL, unknown>>;
type Variables = Record<string, tf.Tensor>;

/** Of five classes. `wired`: with an output that is not zero. */
function variablesOf(given: Plain = {}, wired = true, classes = 5): Variables {
  const plain = { ...SMALL, ...given } as Parameters<NonNullable<typeof simplifier.variables>>[1];
  const first = started(simplifier.variables?.(sizes({ classes }), plain) ?? []);
  return wired ? { ...first, output: drawn([...(first['output']?.shape ?? [])], 9) } : first;
}

/** The refined teacher. */
function simplified(teacher: tf.Tensor, variables: Variables, given: Plain = {}): tf.Tensor2D {
  const parameters = { ...SMALL, ...given, temperature: tf.scalar(Number(given.temperature ?? 4)) };
  const logits = [teacher, teacher] as const;
  return simplifier.refine(tf, { ...context({ logits, variables }), parameters: parameters as never }).teacher
    .logits;
}

const equal = (got: tf.Tensor, want: tf.Tensor, digits = 5) =>
  values(got).forEach((one, i) => expect(one).toBeCloseTo(values(want)[i] ?? NaN, digits));
const largest = (x: tf.Tensor) => Math.max(...values(x).map(Math.abs));

describe('a learned simplification of the teacher', () => {
  it.each(['batch', 'class'])(
    'of %s tokens leaves every term as it is while its output is zero',
    (tokens) => {
      const refined = simplified(t, variablesOf({ tokens }, false), { tokens });
      expect(values(refined)).toEqual(values(tf.mul(tf.div(t, 4), 4)));
      const shown = tf.tensor2d([[2, 0, -1]]);
      const kd = lossOf('kd')({
        logits: [tf.tensor2d([[1, 1, 0]]), simplified(shown, variablesOf({ tokens }, false, 3), { tokens })],
      });
      expect(value(kd)).toBeCloseTo(0.491104423533, 5);
    },
  );

  it('of batch tokens goes with the order of the batch', () => {
    const order = [2, 0, 3, 1];
    const variables = variablesOf();
    equal(simplified(tf.gather(t, order), variables), tf.gather(simplified(t, variables), order));
    expect(largest(tf.sub(simplified(t, variables), t))).toBeGreaterThan(1e-2);
  });

  it('of batch tokens lets one sample attend to itself: T · (u + u W_V W_O)', () => {
    const variables = variablesOf();
    const one: tf.Tensor2D = tf.slice(t as tf.Tensor2D, [0, 0], [1, 5]);
    const u = tf.div<tf.Tensor2D>(one, 4);
    const change = tf.matMul(
      tf.matMul(u, variables['value'] as tf.Tensor2D),
      variables['output'] as tf.Tensor2D,
    );
    equal(simplified(one, variables), tf.mul(4, tf.add(u, change)));
  });

  it('of class tokens depends on no other sample', () => {
    const given = { tokens: 'class' };
    const variables = variablesOf(given);
    const alone = [0, 1, 2, 3].map((n) =>
      simplified(tf.slice(t as tf.Tensor2D, [n, 0], [1, 5]), variables, given),
    );
    equal(simplified(t, variables, given), tf.concat(alone));
  });

  it('replaces the answers where nothing is added to them', () => {
    const variables = variablesOf({ residual: false });
    const whole = simplified(t, variables, { residual: true });
    equal(tf.sub(whole, simplified(t, variables, { residual: false })), t);
  });

  it('tends to no opinion with the temperature', () => {
    const refined = simplified(t, variablesOf({}, false), { temperature: 1e6 });
    values(tf.softmax(tf.div(refined, 1e6))).forEach((p) => expect(p).toBeCloseTo(0.2, 5));
  });

  it.each(['kd', 'dkd', 'dist', 'nkd'])('learns by the gradient of %s in every weight', (name) => {
    for (const tokens of ['batch', 'class']) {
      const variables = variablesOf({ tokens });
      const names = Object.keys(variables);
      const slopes = tf.grads((...weights: tf.Tensor[]) => {
        const now = Object.fromEntries(names.map((key, i) => [key, weights[i] as tf.Tensor]));
        return lossOf(name)({ logits: [s, simplified(t, now, { tokens })], labels });
      })(Object.values(variables));
      slopes.forEach((slope, i) => expect(largest(slope), `${tokens} ${names[i]}`).toBeGreaterThan(1e-7));
    }
  });

  it('has the gradient of the difference quotient', () => {
    const variables = variablesOf();
    const loss = (output: tf.Tensor) =>
      lossOf('kd')({ logits: [s, simplified(t, { ...variables, output })], labels });
    const at = variables['output'] as tf.Tensor;
    const along = drawn([...at.shape], 11);
    const step = 1e-2;
    const quotient =
      (value(loss(tf.add(at, tf.mul(along, step)))) - value(loss(tf.sub(at, tf.mul(along, step))))) /
      (2 * step);
    expect(value(tf.sum(tf.mul(tf.grad(loss)(at), along)))).toBeCloseTo(quotient, 2);
  });
});

/** What a term at temperature 1 is given for these probabilities or logits. */
function target(logits: tf.Tensor, given: Partial<Record<string, number | string>> = {}): tf.Tensor2D {
  const at = (name: string, otherwise: number) => tf.scalar(Number(given[name] ?? otherwise));
  const parameters = {
    teacherTemperature: at('teacherTemperature', 1),
    studentTemperature: at('studentTemperature', 1),
    smoothing: at('smoothing', 0.2),
    norm: given['norm'] ?? 'l1',
  };
  const refined = extractive.refine(tf, {
    ...context({ logits: [logits, logits] }),
    parameters: parameters as never,
  });
  return refined.teacher.logits;
}
const from = (...p: number[]) => tf.log(tf.tensor2d([p]));
const expectRow = (got: tf.Tensor, want: readonly number[], digits = 5) =>
  values(got).forEach((one, k) => expect(one).toBeCloseTo(want[k] ?? NaN, digits));

describe('what is extracted from the teacher', () => {
  it('is what rises above the uniform level, divided by its sum and smoothed', () => {
    expectRow(tf.exp(target(from(0.5, 0.3, 0.15, 0.05))), [0.716667, 0.183333, 0.05, 0.05]);
    expectRow(tf.exp(target(from(0.5, 0.3, 0.15, 0.05), { smoothing: 0 })), [0.833333, 0.166667, 0, 0]);
  });

  it('sums to 1.141357 where it is divided by the Euclidean norm, before the term’s softmax', () => {
    const sum = value(tf.sum(tf.exp(target(from(0.5, 0.3, 0.15, 0.05), { norm: 'l2' }))));
    expect(sum).toBeCloseTo(1.141357, 5);
  });

  it('is the label alone where one class rises', () => {
    expectRow(tf.exp(target(from(0.7, 0.1, 0.1, 0.1), { smoothing: 0 })), [1, 0, 0, 0]);
  });

  it('is the part of the logits above their mean at high temperatures', () => {
    const got = tf.exp(target(tf.tensor2d([[3, 1, 0.5, -2]]), { teacherTemperature: 2000, smoothing: 0 }));
    expectRow(got, [0.863636, 0.136364, 0, 0], 2);
  });

  it('is uniform for a smoothing of one, and for a teacher that is', () => {
    expectRow(tf.softmax(target(from(0.5, 0.3, 0.15, 0.05), { smoothing: 1 })), [0.25, 0.25, 0.25, 0.25]);
    for (const smoothing of [0, 0.2])
      expectRow(tf.softmax(target(tf.zeros([1, 7]), { smoothing })), Array(7).fill(1 / 7));
  });

  it('is label smoothing for a teacher that is certain', () => {
    expectRow(tf.exp(target(tf.tensor2d([[90, 0, 0, 0]]))), [0.85, 0.05, 0.05, 0.05]);
  });

  it('reaches kd at temperature 1 as the cross-entropy with the target, less its entropy', () => {
    const own = tf.tensor2d([[0.4, -0.2, 0.1, 0.3]]);
    const q = [0.716667, 0.183333, 0.05, 0.05];
    const logs = values(tf.logSoftmax(own));
    const want = q.reduce((sum, p, k) => sum + p * (Math.log(p) - (logs[k] ?? NaN)), 0);
    const got = lossOf('kd')({
      logits: [own, target(from(0.5, 0.3, 0.15, 0.05))],
      parameters: { temperature: tf.scalar(1) },
    });
    expect(value(got)).toBeCloseTo(want, 5);
  });

  it('softens the student by a temperature of its own', () => {
    const parameters = {
      teacherTemperature: tf.scalar(4),
      studentTemperature: tf.scalar(2),
      smoothing: tf.scalar(0.2),
      norm: 'l1',
    };
    const refined = extractive.refine(tf, {
      ...context({ logits: [s, t] }),
      parameters: parameters as never,
    });
    expect(values(refined.student.logits)).toEqual(values(tf.div(s, 2)));
  });
});
