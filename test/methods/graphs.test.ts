import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { simkd } from '../../src/methods/feature/simkd.ts';
import { besideLossOf, context, drawn, goldenCases, lossOf, sizes, started, value, values, variablesOf } from './context.ts'; // prettier-ignore

describe('layers matched by a plan of transport', () => {
  const loss = lossOf('gemd');
  const pairs = [{ student: [1], teacher: [1] }, { student: [1], teacher: [1] }]; // prettier-ignore
  const parameters = { reweigh: true, smoothing: 0.005, iterations: 400 };
  /** Adapters that change nothing. */
  const plainVariables = () =>
    Object.fromEntries(
      Object.entries(started(variablesOf('gemd', sizes({ pairs }), parameters))).map(([name, tensor]) => [
        name,
        name.endsWith('kernel') ? tf.ones([1, 1]) : name.endsWith('bias') ? tf.zeros([1]) : tensor,
      ]),
    );
  const column = (x: number) => tf.tensor2d([[x]]);

  it('costs nothing where the teacher’s layers are the student’s in another order', () => {
    const [a, b] = [column(1), column(4)];
    const got = loss({ maps: [[a, b], [b, a]], variables: plainVariables(), parameters }); // prettier-ignore
    expect(value(got)).toBeCloseTo(0, 5);
  });

  it('is the cheapest plan’s cost: half of each layer’s own mass times its squared distance', () => {
    // Students 0 and 2, teachers 1 and 4: costs (1, 16; 1, 4); cheapest is 0 → 1, 2 → 4: (1 + 4) / 2.
    const got = loss({ maps: [[column(0), column(2)], [column(1), column(4)]], variables: plainVariables(), parameters }); // prettier-ignore
    expect(value(got)).toBeCloseTo(2.5, 3);
  });

  it('has the gradient of the costs under a fixed plan', () => {
    const slope = tf.grad(
      (x: tf.Tensor) =>
      loss({ maps: [[x, column(2)], [column(1), column(4)]], variables: plainVariables(), parameters }), // prettier-ignore
    )(column(0));
    expect(value(slope)).toBeCloseTo(0.5 * 2 * (0 - 1), 2);
  });

  it('weighs a layer more that is carried cheaply, in inverse proportion', () => {
    const updates: Record<string, readonly number[]> = {};
    loss({
      maps: [[column(0), column(2)], [column(1), column(4)]], // prettier-ignore
      variables: plainVariables(),
      parameters,
      update: (name, tensor) => (updates[name] = values(tensor)),
    });
    for (const side of ['studentWeights', 'teacherWeights']) {
      expect(updates[side]?.[0]).toBeCloseTo(0.8, 2); // 1/1 against 1/4
      expect(updates[side]?.[1]).toBeCloseTo(0.2, 2);
    }
  });
});

describe('how samples attend to one another', () => {
  const layers = (seed: number) => [drawn([5, 3, 3, 4], seed), drawn([5, 2, 2, 6], seed + 1)];
  const pairs = [{ student: [3, 3, 4], teacher: [3, 3, 4] }, { student: [2, 2, 6], teacher: [2, 2, 6] }]; // prettier-ignore
  const parameters = { heads: 3 };
  const variables = started(variablesOf('mhgd', sizes({ pairs }), parameters));
  const loss = (student: readonly tf.Tensor[], teacher: readonly tf.Tensor[]) =>
    lossOf('mhgd')({ maps: [student, teacher], variables, parameters });

  it('is the same for the same layers', () => {
    expect(value(loss(layers(1), layers(1)))).toBeCloseTo(0, 5);
    expect(value(loss(layers(1), layers(5)))).toBeGreaterThan(1e-3);
  });

  it('does not depend on the order of the batch', () => {
    const permuted = (maps: readonly tf.Tensor[]) => maps.map((map) => tf.gather(map, [3, 0, 4, 1, 2]));
    expect(value(loss(permuted(layers(1)), permuted(layers(5))))).toBeCloseTo(
      value(loss(layers(1), layers(5))),
      4,
    );
  });

  it('is estimated by heads that learn from the teacher alone', () => {
    const opponent = (student: readonly tf.Tensor[]) =>
      value(besideLossOf('mhgd')({ maps: [student, layers(5)], variables, parameters }));
    expect(opponent(layers(1))).toBe(opponent(layers(3)));
    expect(opponent(layers(1))).toBeGreaterThanOrEqual(0);
    expect(opponent(layers(1))).toBeLessThanOrEqual(2);
  });

  it('keeps the statistics of the heads to their own step', () => {
    const names: string[] = [];
    const update = (name: string) => void names.push(name);
    lossOf('mhgd')({ maps: [layers(1), layers(5)], variables, parameters, update });
    expect(names).toEqual([]);
    besideLossOf('mhgd')({ maps: [layers(1), layers(5)], variables, parameters, update });
    expect(names).toContain('step0/sender/runningMean');
  });
});

describe('the teacher’s classifier in the student’s hands', () => {
  it.each(goldenCases('simkd').map((one) => [one.id, one] as const))(
    '%s: answers with the classifier of the mean of the projected map',
    (_, golden) => {
      const [mapping] = simkd.fixtures;
      const names = Object.entries(mapping?.variables ?? {}) as [string, string][];
      const map = golden.tensor('feat_student');
      const teacher = golden.tensor('feat_teacher').shape.slice(1);
      const pairs = [{ student: map.shape.slice(1), teacher }];
      const answer = simkd.answer?.(tf, {
        ...context({
          layers: [map],
          variables: {
            ...started(variablesOf('simkd', sizes({ pairs }))),
            ...Object.fromEntries(names.map(([name, from]) => [name, golden.tensor(from)])),
          },
          teacherWeights: {
            'classifier/kernel': golden.tensor('teacher_classifier.fc.weight'),
            'classifier/bias': golden.tensor('teacher_classifier.fc.bias'),
          },
        }),
        parameters: { reduction: 2 },
        pairs,
      });
      values(answer as tf.Tensor).forEach((got, i) =>
        expect(got).toBeCloseTo(golden.output('logits')[i] ?? NaN, 4),
      );
    },
  );
});

describe('answers on two views at five temperatures', () => {
  const loss = lossOf('mlkd');
  const [s, t] = [drawn([1, 4], 1), drawn([1, 4], 2)];

  it('takes each instance part twice where the views are equal and nothing is masked', () => {
    const off = { strongLabels: tf.scalar(0) };
    const kd = (temperature: number) =>
      value(lossOf('kd')({ logits: [s, t], parameters: { temperature: tf.scalar(temperature) } }));
    const gram = (logits: tf.Tensor, temperature: number, columns: boolean) => {
      const p = tf.softmax(tf.div<tf.Tensor2D>(logits, temperature));
      return tf.matMul(p, p, columns, !columns);
    };
    const apart = (temperature: number, columns: boolean) =>
      value(tf.sum(tf.squaredDifference(gram(s, temperature, columns), gram(t, temperature, columns))));
    // One sample is its own median; of four classes two lie below theirs.
    const want = [4, 3, 5, 2, 6].reduce(
      (sum, at) => sum + 2 * kd(at) + (0.5 * apart(at, true)) / 4 + apart(at, false),
      0,
    );
    expect(value(loss({ logits: [s, t], strong: [s, t], labels: [1], parameters: off }))).toBeCloseTo(
      want,
      3,
    );
  });

  it('reaches both views', () => {
    const [weak, strong] = tf.grads((own: tf.Tensor, stronger: tf.Tensor) =>
      loss({ logits: [own, t], strong: [stronger, drawn([1, 4], 4)], labels: [1] }),
    )([s, drawn([1, 4], 3)]);
    for (const slope of [weak, strong])
      expect(Math.max(...values(slope as tf.Tensor).map(Math.abs))).toBeGreaterThan(1e-3);
  });
});
