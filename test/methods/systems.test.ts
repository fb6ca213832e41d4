import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { besideLossOf, crossEntropy, drawn, lossOf, sizes, started, value, values, variablesOf, zeros } from './context.ts'; // prettier-ignore

const [s, t] = [drawn([4, 5], 1), drawn([4, 5], 2)];
const labels = [0, 3, 1, 4];
const scalar = (x: number) => tf.scalar(x);
const rows = (...of: number[][]) => tf.tensor2d(of);
const expectValues = (got: tf.Tensor, want: readonly number[], digits = 5) =>
  values(got).forEach((one, i) => expect(one).toBeCloseTo(want[i] ?? NaN, digits));
const largest = (x: tf.Tensor) => Math.max(...values(x).map(Math.abs));

/** The slope of a loss along a drawn direction against its difference quotient. */
function expectSlope(loss: (x: tf.Tensor) => tf.Scalar, at: tf.Tensor, digits = 2): void {
  const along = drawn([...at.shape], 77);
  const step = 5e-3;
  const [up, down] = [1, -1].map((sign) => value(loss(tf.add(at, tf.mul(along, sign * step)))));
  const quotient = ((up ?? NaN) - (down ?? NaN)) / (2 * step);
  expect(value(tf.sum(tf.mul(tf.grad(loss)(at), along)))).toBeCloseTo(quotient, digits);
}

describe('labels smoothed by what the network knows', () => {
  const loss = lossOf('adaptiveSmoothing');
  const [z, prior] = [rows([2, 1, 0]), rows([1, 1, 0])];
  /** With the hard labels beside it. */
  const total = (own: tf.Tensor, earlier: tf.Tensor, y: number[]) =>
    value(loss({ logits: [own, earlier], labels: y })) + crossEntropy(own, y);

  it('is the cross-entropy with the mixture of label and prior, together with the hard labels', () => {
    expect(total(z, prior, [0])).toBeCloseTo(0.585238, 5);
  });

  it('has the gradient p − t, also where it turns against the label', () => {
    const slope = tf.grad((own: tf.Tensor) => loss({ logits: [own, prior], labels: [0] }))(z);
    const ofLabels = [0.665241 - 1, 0.244728, 0.090031];
    const want = [-0.194775, 0.142392, 0.052383].map((one, k) => one - (ofLabels[k] ?? NaN));
    expectValues(slope, want);
  });

  it('adds nothing for a network that is undecided, and learns from the prior alone where it is certain', () => {
    const undecided = value(loss({ logits: [tf.zeros([1, 3]), prior], labels: [2] }));
    expect(undecided).toBeCloseTo(0, 6);
    const certain = rows([30, 0, 0]);
    const towardsPrior = -values(tf.mul(tf.softmax(prior), tf.logSoftmax(certain))).reduce((a, b) => a + b);
    expect(total(certain, prior, [0])).toBeCloseTo(towardsPrior, 3);
  });
});

describe('answers selected by whether the teacher is right', () => {
  const [own, theirs] = [rows([1, 0, -1]), rows([3, 1, 0])];
  const at = (fade: number, form: string, y: number) => (x: tf.Tensor) =>
    lossOf('selective')({ logits: [x, theirs], labels: [y], parameters: { fade: scalar(fade), form } });

  it.each([
    [1, 2, 0.081555], // wrong: m = 1
    [1, 0, 2.761046], // right: m = 2
    [0.9, 2, -0.075949],
  ])('fade %d, label %d is %d in the form of the code', (fade, y, want) => {
    expect(value(at(fade, 'code', y)(own))).toBeCloseTo(want, 5);
  });

  it('counts a sample four times that the teacher has right, and twice as a weighted divergence', () => {
    expectValues(tf.grad(at(1, 'code', 0))(own), [-0.714215, 0.522133, 0.192082]);
    expectValues(tf.grad(at(1, 'weightedKL', 0))(own), [-0.357107, 0.261066, 0.096041]);
    expect(value(at(1, 'weightedKL', 0)(own))).toBeCloseTo(2 * 0.081555, 5);
    expect(value(at(1, 'weightedKL', 0)(theirs))).toBeCloseTo(0, 6);
  });

  it('marks planted errors of the teacher and no others', () => {
    const certain = tf.mul(tf.oneHot([0, 1, 2, 3], 5), 4);
    const each = (y: number[]) =>
      y.map((label, n) => {
        const one: tf.Tensor2D = tf.slice(certain as tf.Tensor2D, [n, 0], [1, 5]);
        const parameters = { form: 'weightedKL' };
        const at = lossOf('selective')({ logits: [tf.zeros([1, 5]), one], labels: [label], parameters });
        const plain = lossOf('kd')({
          logits: [tf.zeros([1, 5]), one],
          parameters: { temperature: scalar(1) },
        });
        return Math.round(value(at) / value(plain));
      });
    expect(each([0, 1, 2, 3])).toEqual([2, 2, 2, 2]);
    expect(each([0, 4, 2, 0])).toEqual([2, 1, 2, 1]);
  });
});

describe('channel means and how samples relate by them', () => {
  const loss = lossOf('ccskd');
  const pairs = [{ teacher: [1, 1, 2], student: [1, 1, 2] }];
  /** Adapters that change nothing but what is below zero. */
  const plain = {
    ...started(variablesOf('ccskd', sizes({ pairs }))),
    'pair0/kernel': tf.reshape(tf.eye(2), [1, 1, 2, 2]),
    'pair0/bias': tf.zeros([2]),
    'pair0/runningVariance': tf.fill([2], 1 - 1e-5),
  };
  const points = (...of: number[][]) => tf.reshape(rows(...of), [of.length, 1, 1, 2]);
  const at = (student: tf.Tensor, teacher: tf.Tensor, parts: readonly [number, number, number]) =>
    value(
      loss({
        maps: [student, teacher],
        variables: plain,
        training: false,
        parameters: { channels: scalar(parts[0]), distances: scalar(parts[1]), angles: scalar(parts[2]) },
      }),
    );
  const teacher = points([0, 0], [3, 0], [0, 4]);

  it('is the distances and angles of relational distillation, and the squared difference of the means', () => {
    const student = points([0, 0], [1, 0], [0, 1]);
    expect(at(student, teacher, [0, 1, 0])).toBeCloseTo(0.00348125, 6);
    expect(at(student, teacher, [0, 0, 1])).toBeCloseTo(0.00074448, 6);
    expect(at(student, teacher, [1, 0, 0])).toBeCloseTo((4 + 9) / 6, 5);
  });

  it('sees no relation change where the points are turned, moved and scaled alike', () => {
    const turned = points([20, 10], [20, 19], [8, 10]); // 3 · (x, y) Q + b
    expect(at(turned, teacher, [0, 1, 1])).toBeCloseTo(0, 5);
    expect(at(turned, teacher, [1, 0, 0])).toBeGreaterThan(1);
  });
});

describe('confidence by the cosine of two views', () => {
  const loss = lossOf('ccd');
  const at = (teacher: tf.Tensor, other: tf.Tensor, confidence = true) =>
    value(
      loss({
        logits: [s, teacher],
        strong: [drawn([4, 5], 3), other],
        labels,
        parameters: { confidence, strongLabels: scalar(0) },
      }),
    );
  const kd = (own: tf.Tensor, teacher: tf.Tensor) => value(lossOf('kd')({ logits: [own, teacher] }));

  it('counts the stronger view twice where the teacher’s answers point one way, once across, never against', () => {
    const [plain, strong] = [kd(s, t), (factor: number) => kd(drawn([4, 5], 3), tf.mul(t, factor))];
    expect(at(t, tf.mul(t, 0.5))).toBeCloseTo((plain + 2 * strong(0.5)) / 2, 4);
    expect(at(t, tf.mul(t, -1))).toBeCloseTo(plain / 2, 5);
    const [a, b] = [tf.tile(rows([1, 1, 0, 0, 0]), [4, 1]), tf.tile(rows([0, 0, 2, -1, 0]), [4, 1])];
    expect(at(a, b)).toBeCloseTo(at(a, b, false), 5);
  });

  it('is the mean of both views without confidence, and nothing where both agree with the student', () => {
    expect(at(t, drawn([4, 5], 4), false)).toBeCloseTo((kd(s, t) + kd(drawn([4, 5], 3), drawn([4, 5], 4))) / 2, 5); // prettier-ignore
    const parameters = { strongLabels: scalar(0) };
    expect(value(loss({ logits: [s, s], strong: [s, s], labels, parameters }))).toBeCloseTo(0, 6);
  });

  it('adds up with the hard labels at a half to the cross-entropy of both views and T² · soft', () => {
    const other = drawn([4, 5], 3);
    const whole = value(loss({ logits: [s, t], strong: [other, t], labels })) + 0.5 * crossEntropy(s, labels);
    const soft = value(loss({ logits: [s, t], strong: [other, t], labels, parameters: { strongLabels: scalar(0) } })); // prettier-ignore
    expect(whole).toBeCloseTo((crossEntropy(s, labels) + crossEntropy(other, labels)) / 2 + soft, 5);
  });
});

describe('an adapter on the teacher’s output', () => {
  const pairs = [{ teacher: [3], student: [2] }];
  const specs = variablesOf('pesfkd', sizes({ pairs }), { bottleneck: 4 });
  const wired = started(specs);
  const [embedding, own] = [drawn([4, 3], 5), drawn([4, 2], 6)];
  const given = (variables: Record<string, tf.Tensor>, logits: readonly [tf.Tensor, tf.Tensor] = [s, t]) => ({
    logits,
    maps: [own, embedding] as const,
    labels,
    variables,
  });
  const form = { parameters: { form: 'released' } };

  it('has features·K + K + K·b + b + b·K + K parameters', () => {
    const count = specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
    expect(count).toBe(3 * 5 + 5 + (5 * 4 + 4) + (4 * 5 + 5));
  });

  it('leaves kd as it is where it says nothing, or the same for every class', () => {
    const kd = value(lossOf('kd')({ logits: [s, t], parameters: { temperature: scalar(6) } }));
    expect(value(lossOf('pesfkd')(given(zeros(specs))))).toBeCloseTo(kd, 6);
    const shifted = { ...zeros(specs), 'last/bias': tf.fill([5], 3) };
    expect(value(lossOf('pesfkd')(given(shifted)))).toBeCloseTo(kd, 5);
    expect(value(lossOf('pesfkd')(given(wired)))).not.toBeCloseTo(kd, 3);
  });

  it('learns from the student and the labels', () => {
    const loss = besideLossOf('pesfkd');
    const kd = value(lossOf('kd')({ logits: [s, t], parameters: { temperature: scalar(6) } }));
    expect(value(loss(given(zeros(specs))))).toBeCloseTo(kd + crossEntropy(t, labels), 5);
  });

  it('changes nothing for the student in the form that was released', () => {
    const released = (variables: Record<string, tf.Tensor>) =>
      value(lossOf('pesfkd')({ ...given(variables), ...form }));
    expect(released(wired)).toBe(released(zeros(specs)));
  });

  it('exchanges the largest answer with the label’s there, and nothing where the teacher is right', () => {
    const wrong = rows([1, 5, 2, 0, -1]);
    const right = rows([5, 1, 2, 0, -1]);
    const at = (teacher: tf.Tensor, y: number) =>
      value(
        lossOf('pesfkd')({
          ...given(zeros(specs), [tf.zeros([1, 5]), teacher]),
          maps: [tf.zeros([1, 2]), tf.zeros([1, 3])],
          labels: [y],
          ...form,
        }),
      );
    const kd = value(
      lossOf('kd')({ logits: [tf.zeros([1, 5]), right], parameters: { temperature: scalar(6) } }),
    );
    expect(at(wrong, 0)).toBeCloseTo(kd, 5);
    expect(at(right, 0)).toBeCloseTo(kd, 5);
  });
});

describe('features of a student of some classes', () => {
  const features = rows([1, 2, 3], [2, 2, 2], [0, 0, 6]);
  const at = (
    parts: readonly [number, number, number],
    layer: tf.Tensor = features,
    varianceOver = 'feature',
    y = [0, 0, 1],
  ) =>
    // prettier-ignore
    value(
      lossOf('cskd')({
        logits: [tf.slice(s as tf.Tensor2D, [0, 0], [y.length, 5]), tf.slice(t as tf.Tensor2D, [0, 0], [y.length, 5])], // prettier-ignore
        layers: [layer],
        labels: y,
        parameters: {
          renormalised: scalar(parts[0]),
          orthogonal: scalar(parts[1]),
          variance: scalar(parts[2]),
          varianceOver,
        },
      }),
    );

  it('vary by 1 + 12 over the features of each sample, as released', () => {
    expect(at([0, 0, 1])).toBeCloseTo(13, 4);
  });

  it('vary within the class over samples, where one sample counts 0', () => {
    // Differences of the two of class 0: (1, 0, −1), so variances ½, 0, ½.
    expect(at([0, 0, 1], features, 'sample')).toBeCloseTo(Math.SQRT1_2, 5);
  });

  it('see two samples drift apart by a constant over samples alone', () => {
    const moved = tf.add(features, tf.tensor2d([[7], [0], [0]]));
    expect(at([0, 0, 1], moved)).toBeCloseTo(13, 3);
    expect(at([0, 0, 1], moved, 'sample')).toBeGreaterThan(5);
  });

  it('cost no projection where classes are orthogonal and of one direction each', () => {
    expect(at([0, 1, 0], rows([1, 0, 0], [3, 0, 0], [0, 2, 0]))).toBeCloseTo(0, 5);
    expect(at([0, 1, 0], rows([1, 0, 0], [0, 3, 0], [0, 2, 0]))).toBeCloseTo(1 + 0.25, 5);
  });

  it('are what kd at temperature 1 is, where it alone counts', () => {
    const kd = lossOf('kd')({ logits: [s, t], parameters: { temperature: scalar(1) } });
    expect(at([1, 0, 0], drawn([4, 3], 4), 'feature', labels)).toBeCloseTo(value(kd), 5);
  });

  it.each(['feature', 'sample'])('have the slope of the difference quotient, over a %s', (varianceOver) => {
    const parameters = { varianceOver, variance: scalar(1), orthogonal: scalar(1) };
    expectSlope((x) => lossOf('cskd')({ logits: [s, t], layers: [x], labels: [0, 1, 1, 0], parameters }), drawn([4, 3], 8)); // prettier-ignore
  });
});

describe('cross-entropy with teacher and label mixed', () => {
  const loss = (own: tf.Tensor, teacher: tf.Tensor, mix: string) =>
    lossOf('ace')({ logits: [own, teacher], labels, parameters: { mix } });
  const softOf = (teacher: tf.Tensor) =>
    -value(tf.mean(tf.sum(tf.mul(tf.softmax(teacher as tf.Tensor2D), tf.logSoftmax(s as tf.Tensor2D)), 1)));
  const spikes = (y: number[], size: number) => tf.mul(tf.oneHot(y, 5), size);

  it('is the teacher’s where it is right, the label’s where it is wrong', () => {
    const [right, wrong] = [spikes(labels, 2), spikes([1, 0, 0, 0], 2)];
    expect(value(loss(s, right, 'hard'))).toBeCloseTo(softOf(right), 5);
    expect(value(loss(s, wrong, 'hard'))).toBeCloseTo(crossEntropy(s, labels), 5);
  });

  it('has the same limits where the teacher is certain', () => {
    for (const y of [labels, [1, 0, 0, 0]])
      expect(value(loss(s, spikes(y, 60), 'soft'))).toBeCloseTo(value(loss(s, spikes(y, 60), 'hard')), 5);
  });

  it('mixes by the probability of the label: targets of (½, ¼, ¼) with label 0 are (¾, ⅛, ⅛)', () => {
    const logs = values(tf.logSoftmax(rows([1, 0, 2])));
    const want = -(0.75 * (logs[0] ?? NaN) + 0.125 * (logs[1] ?? NaN) + 0.125 * (logs[2] ?? NaN));
    const got = lossOf('ace')({ logits: [rows([1, 0, 2]), tf.log(rows([2, 1, 1]))], labels: [0] });
    expect(value(got)).toBeCloseTo(want, 5);
  });

  it.each(['soft', 'hard'])('has the slope of the difference quotient, %s', (mix) => {
    expectSlope((own) => loss(own, t, mix), s);
  });
});

describe('channels and pixels that go together', () => {
  const map = (seed: number, channels = 4) => drawn([2, 3, 2, channels], seed);
  const loss = (a: tf.Tensor, b: tf.Tensor, form = 'shifts', size = 8) =>
    lossOf('csc')({ maps: [a, b], parameters: { form, size } });

  it('cost nothing for equal maps, also where each pixel is scaled', () => {
    const scale = tf.add(1, tf.abs(drawn([2, 3, 2, 1], 9)));
    for (const form of ['shifts', 'joint']) {
      expect(value(loss(tf.mul(map(1), scale), map(1), form))).toBeCloseTo(0, 8);
      expect(value(loss(map(1), map(2), form))).toBeGreaterThan(1e-4);
    }
  });

  it.each([4, 5])('are the sum over every shift of %i channels, taken by twos', (channels) => {
    const pixels = (x: tf.Tensor) => {
      const flat = tf.reshape(x, [2, 6, channels]);
      return tf.div(flat, tf.norm(flat, 2, 2, true));
    };
    const related = (x: tf.Tensor, k: number) => {
      const order = Array.from({ length: channels }, (_, c) => (c + k) % channels);
      const a = tf.mul(x, tf.gather(x, order, 2));
      return tf.matMul(a, a, false, true);
    };
    const [p, q] = [pixels(map(1, channels)), pixels(map(2, channels))];
    const each = Array.from({ length: channels }, (_, k) =>
      value(tf.mean(tf.squaredDifference(related(p, k), related(q, k)))),
    );
    const want = each.reduce((sum, one) => sum + one, 0) / channels;
    expect(value(loss(map(1, channels), map(2, channels)))).toBeCloseTo(want, 6);
  });

  it('are the squared cosine of two pixels when all shifts are joined', () => {
    const cosine = (a: number[], b: number[]) => {
      const dot = (x: number[], y: number[]) => x.reduce((sum, one, i) => sum + one * (y[i] ?? NaN), 0);
      return (dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) ** 2;
    };
    const pixelsOf = (...of: number[][]) => tf.tensor(of.flat(), [1, 1, of.length, 2]);
    const [a, b] = [pixelsOf([1, 2], [3, -1]), pixelsOf([2, 1], [1, 4])];
    const off = cosine([1, 2], [3, -1]) - cosine([2, 1], [1, 4]);
    expect(value(loss(a, b, 'joint'))).toBeCloseTo((2 * off ** 2) / 4, 6);
  });

  it.each(['shifts', 'joint'])('have the slope of the difference quotient, %s', (form) => {
    expectSlope((x) => tf.mul(100, loss(x, map(2), form)), map(1), 1);
  });
});

describe('two views that say the same', () => {
  const loss = lossOf('consKd');
  const off = { teacher: scalar(0), consistency: scalar(0), strongLabels: scalar(0) };
  const at = (own: tf.Tensor, again: tf.Tensor, parameters: Record<string, unknown>) =>
    value(loss({ logits: [own, t], strong: [again, t], labels, parameters: { ...off, ...parameters } }));
  const other = drawn([4, 5], 3);
  const kl = (p: tf.Tensor, q: tf.Tensor) =>
    value(lossOf('kd')({ logits: [q, p], parameters: { temperature: scalar(1) } }));

  it('cost no consistency, and half of both divergences else, in either order', () => {
    expect(at(s, s, { consistency: scalar(1) })).toBeCloseTo(0, 6);
    const want = (kl(s, other) + kl(other, s)) / 2;
    expect(at(s, other, { consistency: scalar(1) })).toBeCloseTo(want, 5);
    expect(at(other, s, { consistency: scalar(1) })).toBeCloseTo(want, 5);
  });

  it('hear the teacher in both, by divergence or by the squared distance of probabilities', () => {
    expect(at(s, other, { teacher: scalar(1) })).toBeCloseTo((kl(t, s) + kl(t, other)) / 2, 5);
    const square = (a: tf.Tensor) =>
      value(
        tf.mean(tf.sum(tf.squaredDifference(tf.softmax(a as tf.Tensor2D), tf.softmax(t as tf.Tensor2D)), 1)),
      );
    expect(at(s, other, { teacher: scalar(1), distance: 'l2' })).toBeCloseTo(
      (square(s) + square(other)) / 2,
      5,
    );
  });

  it('move both answers, or each towards the other that stands', () => {
    const slopes = (detachTarget: boolean) =>
      tf.grads((a: tf.Tensor, b: tf.Tensor) =>
        loss({
          logits: [a, t],
          strong: [b, t],
          labels,
          parameters: { ...off, consistency: scalar(1), detachTarget },
        }),
      )([s, other]);
    const [free, still] = [slopes(false), slopes(true)];
    const p = (z: tf.Tensor) => tf.softmax(z as tf.Tensor2D);
    // Towards a target that stands: (p − target) / N, by half.
    expectValues(still[0] as tf.Tensor, values(tf.div(tf.sub(p(s), p(other)), 8)), 5);
    expect(largest(tf.sub(free[0] as tf.Tensor, still[0] as tf.Tensor))).toBeGreaterThan(1e-3);
    expectSlope((a) => loss({ logits: [a, t], strong: [other, t], labels }), s);
  });
});
