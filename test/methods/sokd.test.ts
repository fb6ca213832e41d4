import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { dafa } from '../../src/methods/refine/dafa.ts';
import {
  OPERATIONS,
  POLICIES,
  policyVariables,
  samplePolicy,
  type Operation,
} from '../../src/methods/refine/dafa-policy.ts';
import { dam } from '../../src/methods/refine/dam.ts';
import { covered, warps } from '../../src/methods/refine/feature-warp.ts';
import { findBoxes, maskOf } from '../../src/methods/refine/regions.ts';
import { normal, permutation, randomStream, uniform } from '../../src/random/random.ts';
import { withGradients } from '../../src/training/gradients.ts';
import { context, drawn, sizes, started, value, values } from './context.ts';

type Tensors = Record<string, tf.Tensor>;
const PLAIN = { relaxation: 0.5, magnitudeGradient: 'operation' } as const;
const [BATCH, SIDE, CHANNELS] = [3, 4, 5];
const shape = [SIDE, SIDE, CHANNELS];
const map = drawn([BATCH, SIDE, SIDE, CHANNELS], 1);

/** What the refiner draws in a step. */
function drawsAt(step: number): Tensors {
  const declared = dafa.draws?.(sizes({ pairs: [{ teacher: shape, student: shape }] }), PLAIN as never) ?? [];
  return Object.fromEntries(
    declared.map(({ name, kind, shape: own }) => {
      const size = own.reduce((product, length) => product * length, 1);
      const stream = randomStream(7, name);
      if (kind === 'order') return [name, tf.tensor1d(permutation(stream, step, size), 'int32')];
      const numbers = (kind === 'normal' ? normal : uniform)(stream, step, new Float32Array(size));
      return [name, tf.tensor(numbers, [...own])];
    }),
  );
}

/** The policy of one operation, carried out always, by a share 0..1 of its range; the other of its pair never. */
function only(operation: Operation, magnitude: number): Tensors {
  const at = OPERATIONS.findIndex(({ name }) => name === operation);
  const chosen = POLICIES.findIndex((policy) => policy.includes(at));
  return surely(
    chosen,
    [0, 1].map((stage) => POLICIES[chosen]?.[stage] === at),
    magnitude,
  );
}

/** One policy, each of its operations carried out always or never. */
function surely(chosen: number, done: readonly boolean[], magnitude: number): Tensors {
  const score = new Float32Array(POLICIES.length);
  score[chosen] = 100;
  const pair = done.map((one) => (one ? 50 : -50));
  const logit = Math.log(magnitude / (1 - magnitude));
  return {
    score: tf.tensor1d(score),
    probability: tf.tile(tf.tensor2d([pair]), [POLICIES.length, 1]),
    magnitude: tf.fill([POLICIES.length, 2], logit),
  };
}

function refine(
  variables: Tensors,
  parts: { searching?: boolean; training?: boolean; step?: number; plain?: object } = {},
  teacher = map,
) {
  const { searching = false, training = !searching, step = 0, plain = {} } = parts;
  return dafa.refine(tf, {
    ...context({ maps: [map, teacher], variables, training }),
    draws: drawsAt(step),
    searching,
    parameters: { ...PLAIN, ...plain } as never,
  });
}
const augmented = (variables: Tensors, parts?: Parameters<typeof refine>[1], teacher = map) =>
  refine(variables, parts, teacher).teacher.maps[0] as tf.Tensor4D;

const start = (): Tensors => started(policyVariables());
const never = (): Tensors => ({ ...start(), probability: tf.fill([POLICIES.length, 2], -50) });

describe('the augmentations of a teacher’s map', () => {
  it('are 36 pairs of nine', () => {
    expect([OPERATIONS.length, POLICIES.length]).toEqual([9, 36]);
    expect(new Set(POLICIES.map((pair) => [...pair].sort().join())).size).toBe(36);
  });

  it('leave it as it is, to the bit, where nothing is carried out', () => {
    for (const step of [0, 1, 2]) expect(values(augmented(never(), { step }))).toEqual(values(map));
  });

  it('leave it as it is on validation, and the student’s always', () => {
    const { student, teacher } = refine(only('noise', 0.9), { training: false });
    expect(teacher.maps[0]).toBe(map);
    expect(student.maps[0]).toBe(map);
    expect(refine(only('noise', 0.9)).student.maps[0]).toBe(map);
  });

  it('shift by a share of the map, zeros behind', () => {
    // −0.45 + 0.9 m = 0.25: one of four pixels.
    const shifted = augmented(only('translateX', 0.7 / 0.9));
    const left = tf.slice(map as tf.Tensor4D, [0, 0, 1, 0], [BATCH, SIDE, SIDE - 1, CHANNELS]);
    const wanted = values(tf.pad(left, [[0, 0], [0, 0], [0, 1], [0, 0]])); // prettier-ignore
    values(shifted).forEach((one, i) => expect(one).toBeCloseTo(wanted[i] ?? NaN, 4));
  });

  it('warp as the matrix says: half a turn turns both axes round', () => {
    const [zero, minus] = [tf.tensor1d([0]), tf.tensor1d([-1])];
    const affine = { xx: minus, xy: zero, x0: zero, yx: zero, yy: minus, y0: zero };
    const pixels = tf.reshape(map, [BATCH, SIDE ** 2, CHANNELS]);
    const turned = tf.matMul(warps(tf, affine, SIDE, SIDE), pixels);
    expect(values(turned)).toEqual(values(tf.reverse(map, [1, 2])));
  });

  it('shear rows by their distance from the middle', () => {
    const sheared = augmented(only('shearX', 0.999999));
    // Row 0 lies 1.5 pixels above the middle: moved by 0.3 · 1.5, between two pixels.
    const row = tf.slice(map as tf.Tensor4D, [0, 0, 0, 0], [1, 1, SIDE, CHANNELS]);
    const [first, second] = tf.unstack(tf.reshape(row, [SIDE, CHANNELS])).map(values);
    const found = values(tf.slice(sheared, [0, 0, 1, 0], [1, 1, 1, CHANNELS]));
    found.forEach((one, c) =>
      expect(one).toBeCloseTo(0.45 * (first?.[c] ?? NaN) + 0.55 * (second?.[c] ?? NaN), 3),
    );
  });

  it('cut out a square of a side, to the part of a pixel', () => {
    const hole = covered(tf, tf.scalar(0.5), [tf.scalar(0.5), tf.scalar(0.5)], 4, 6);
    expect(value(tf.sum(hole))).toBeCloseTo(0.25 * 24, 5);
    const corner = covered(tf, tf.scalar(0.5), [tf.scalar(0), tf.scalar(0)], 4, 4);
    expect(values(corner).slice(0, 5)).toEqual([1, 0, 0, 0, 0]);
    expect(value(tf.sum(covered(tf, tf.scalar(0), [tf.scalar(0.3), tf.scalar(0.3)], 4, 4)))).toBe(0);
  });

  it('add noise of a deviation, drop channels without making up for them, and shuffle them', () => {
    const noise = values(tf.sub(augmented(only('noise', 0.5)), map));
    const own = values(drawsAt(0)['noise0'] as tf.Tensor);
    noise.forEach((one, i) => expect(one).toBeCloseTo(0.05 * (own[i % own.length] ?? NaN), 5));
    const dropped = augmented(only('channelDrop', 0.999999));
    const keep = values(drawsAt(0)['keep0'] as tf.Tensor).map((u) => (u >= 0.5 ? 1 : 0));
    expect(keep).toContain(0);
    // Whichever sign a zero has.
    expect(values(tf.add(dropped, 0))).toEqual(values(tf.add(tf.mul(map, tf.tensor1d(keep)), 0)));
    const order = drawsAt(0)['order0'] as tf.Tensor1D;
    const shuffled = values(tf.gather(map, order, 3));
    values(augmented(only('channelShuffle', 0.1))).forEach((one, i) =>
      expect(one).toBeCloseTo(shuffled[i] ?? NaN, 5),
    );
  });

  it('are carried out one after the other, whichever two they are', () => {
    POLICIES.forEach((_, chosen) => {
      const both = augmented(surely(chosen, [true, true], 0.8));
      const first = augmented(surely(chosen, [true, false], 0.8));
      const second = values(augmented(surely(chosen, [false, true], 0.8), {}, first));
      values(both).forEach((one, i) => expect(one).toBeCloseTo(second[i] ?? NaN, 4));
    });
  });

  it('act on vectors by their channels alone', () => {
    const vectors = drawn([BATCH, CHANNELS], 4);
    const given = context({ maps: [vectors, vectors], variables: only('rotate', 0.9) });
    const draws = { ...drawsAt(0), noise0: tf.ones([CHANNELS]) };
    const refined = dafa.refine(tf, { ...given, draws, searching: false, parameters: PLAIN as never });
    expect(values(refined.teacher.maps[0] as tf.Tensor)).toEqual(values(vectors));
  });
});

describe('the policy of augmentations', () => {
  it('is drawn by the softmax of its scores', () => {
    const score = new Float32Array(POLICIES.length).fill(-20);
    [score[3], score[8]] = [Math.log(0.75), Math.log(0.25)];
    const variables = {
      ...start(),
      score: tf.tensor1d(score),
      probability: tf.fill([POLICIES.length, 2], 50),
    };
    const [first, second] = POLICIES[3] ?? [0, 0];
    let hits = 0;
    const draws = 400;
    for (let step = 0; step < draws; step++) {
      tf.tidy(() => {
        const choice = tf.tensor1d(
          uniform(randomStream(1, 'choice'), step, new Float32Array(POLICIES.length)),
        );
        const execute = tf.fill([POLICIES.length, 2], 0.5);
        const { amounts } = samplePolicy(
          tf,
          { ...variables, magnitude: tf.fill([POLICIES.length, 2], 3) },
          { choice, execute },
          null,
        );
        const found = values(amounts);
        if (found[first] !== 0 && found[OPERATIONS.length + second] !== 0) hits++;
      });
    }
    // Five deviations of a share of 400 draws.
    expect(Math.abs(hits / draws - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / draws));
  });

  it('is relaxed to a mixture that becomes the draw as the relaxation goes to 0', () => {
    const draws = drawsAt(3);
    const hard = samplePolicy(tf, start(), draws, null);
    const soft = samplePolicy(tf, start(), draws, 0.01);
    const far = samplePolicy(tf, start(), draws, 2);
    const all = ({ amounts }: typeof hard) => values(amounts);
    all(soft).forEach((one, i) => expect(one).toBeCloseTo(all(hard)[i] ?? NaN, 2));
    expect(Math.max(...all(far).map((one, i) => Math.abs(one - (all(hard)[i] ?? NaN))))).toBeGreaterThan(
      0.01,
    );
  });

  it('has a gradient to scores, probabilities and magnitudes in the search, and none to draw by', () => {
    const variables = { ...start() };
    const { gradients } = withGradients(tf, variables, () => ({
      loss: tf.mean<tf.Scalar>(tf.square(augmented(variables, { searching: true, step: 2 }))),
      aside: {},
    }));
    for (const gradient of Object.values(gradients))
      expect(Math.max(...values(gradient).map(Math.abs))).toBeGreaterThan(1e-7);
  });

  it('moves a magnitude straight through by the sum of the gradient, and one that is not carried out not at all', () => {
    const variables = only('translateY', 0.6);
    const weights = drawn([BATCH, SIDE, SIDE, CHANNELS], 11);
    const plain = { magnitudeGradient: 'straightThrough', relaxation: 0.01 };
    const { gradients } = withGradients(tf, variables, () => ({
      loss: tf.sum<tf.Scalar>(tf.mul(weights, augmented(variables, { searching: true, plain }))),
      aside: {},
    }));
    const at = OPERATIONS.findIndex(({ name }) => name === 'translateY');
    const chosen = POLICIES.findIndex((policy) => policy.includes(at));
    const stage = POLICIES[chosen]?.[0] === at ? 0 : 1;
    const got = values(gradients['magnitude'] as tf.Tensor);
    // The slope of the sigmoid that holds the magnitude stands before it.
    expect(got[chosen * 2 + stage]).toBeCloseTo(value(tf.sum(weights)) * 0.6 * 0.4, 3);
    expect(got[chosen * 2 + 1 - stage]).toBeCloseTo(0, 6);
    expect(got.filter((one) => Math.abs(one) > 1e-6)).toHaveLength(1);
  });

  describe('searched where a shift brings the teacher to the student', () => {
    // The student has the teacher’s map a pixel to the left; it lies far from 0, so that dropping or cutting does not help.
    const bright = tf.add(map, 3);
    const left = tf.slice(bright as tf.Tensor4D, [0, 0, 1, 0], [BATCH, SIDE, SIDE - 1, CHANNELS]);
    const student = tf.pad(left, [[0, 0], [0, 0], [0, 1], [0, 0]]); // prettier-ignore
    const distance = (variables: Tensors, parts: Parameters<typeof refine>[1]) =>
      tf.mean<tf.Scalar>(tf.squaredDifference(student, augmented(variables, parts, bright)));
    const pairOf = (...names: readonly Operation[]) =>
      POLICIES.findIndex((pair) => names.every((one) => pair.some((at) => OPERATIONS[at]?.name === one)));
    /** What these variables come to after so many steps. */
    const searched = (begin: Tensors, names: readonly string[], steps: number): Tensors => {
      const all = Object.fromEntries(
        Object.entries(begin).map(([name, tensor]) => [
          name,
          names.includes(name) ? tf.variable(tensor) : tensor,
        ]),
      );
      const optimizer = tf.train.adam(0.1);
      const moving = names.map((name) => all[name] as tf.Variable);
      for (let step = 0; step < steps; step++)
        optimizer.minimize(() => distance(all, { searching: true, step }), false, moving);
      return all;
    };

    it('turns its magnitude that way and carries it out more often', () => {
      const chosen = pairOf('translateX', 'noise');
      const score = tf.tensor1d(POLICIES.map((_, s) => (s === chosen ? 100 : 0)));
      const begin = { ...start(), score };
      const found = searched(begin, ['probability', 'magnitude'], 40);
      const at = (name: string) => 1 / (1 + Math.exp(-(values(found[name] as tf.Tensor)[chosen * 2] ?? NaN)));
      expect(-0.45 + 0.9 * at('magnitude')).toBeGreaterThan(0.15);
      expect(at('probability')).toBeGreaterThan(0.7);
      const mean = (variables: Tensors) =>
        Array.from({ length: 10 }, (_, step) => value(distance(variables, { step: 100 + step }))).reduce(
          (a, b) => a + b,
        );
      expect(mean(found)).toBeLessThan(0.8 * mean(begin));
    });

    it('prefers the pair that has it', () => {
      const [good, bad] = [pairOf('translateX', 'channelShuffle'), pairOf('cutout', 'channelDrop')];
      const score = tf.tensor1d(POLICIES.map((_, s) => (s === good || s === bad ? 0 : -30)));
      const probability = tf.tensor2d(POLICIES.map((_, s) => (s === good ? [50, -50] : [50, 50])));
      const magnitude = tf.tensor2d(POLICIES.map((_, s) => (s === good ? [1.25, 0] : [0, 0])));
      const found = searched({ score, probability, magnitude }, ['score'], 40);
      const shares = values(tf.softmax(found['score'] as tf.Tensor1D));
      expect(shares[good]).toBeGreaterThan(0.9);
      expect(shares[bad]).toBeLessThan(0.1);
    });
  });
});

/** A map that is 0 but for a bright square in channel 0. */
function planted(top: number, left: number, side: number, size = 8): tf.Tensor4D {
  const pixels = new Float32Array(size * size * 2);
  for (let y = top; y < top + side; y++)
    for (let x = left; x < left + side; x++)
      pixels[(y * size + x) * 2] = 4 - Math.hypot(y - top - (side - 1) / 2, x - left - (side - 1) / 2);
  return tf.tensor4d(pixels, [1, size, size, 2]);
}

const DAM = { regions: 1, detectorWeight: tf.scalar(1), mask: 'union' } as const;

/** A detector of bright places of channel 0, with boxes of this side. */
function detector(side: number): Tensors {
  const pairs = [{ teacher: [8, 8, 2], student: [8, 8, 2] }];
  const zero = Object.fromEntries(
    (dam.variables?.(sizes({ pairs, classes: 3 }), DAM as never) ?? []).map(({ name, shape: own }) => [
      name,
      tf.zeros([...own]),
    ]),
  );
  const centre = (channels: number, to: number) => {
    const kernel = new Float32Array(9 * channels * to);
    for (let c = 0; c < Math.min(channels, to); c++) kernel[(4 * channels + c) * to + c] = 1;
    return tf.tensor4d(kernel, [3, 3, channels, to]);
  };
  return {
    ...zero,
    'pair0/adapter/kernel': tf.tensor4d([1, 0, 0, 1], [1, 1, 2, 2]),
    'pair0/heat/conv/kernel': centre(2, 2),
    'pair0/heat/out/kernel': tf.tensor4d([1, 0, 0, 0, 0, 0], [1, 1, 2, 3]),
    'pair0/heat/out/bias': tf.tensor1d([0, -9, -9]),
    'pair0/size/out/bias': tf.tensor1d([side, side]),
  };
}

function detectIn(student: tf.Tensor, teacher: tf.Tensor, variables: Tensors, plain: object = {}) {
  return dam.refine(tf, {
    ...context({ maps: [student, teacher], variables }),
    draws: {},
    searching: false,
    parameters: { ...DAM, ...plain },
  });
}

describe('the regions that matter', () => {
  it('are the boxes around the hottest peaks, moved by the offset and cut to pixels', () => {
    const heat = new Float32Array(6 * 6 * 2).fill(0.1);
    const at = (y: number, x: number, kind: number) => (y * 6 + x) * 2 + kind;
    [heat[at(2, 3, 0)], heat[at(2, 4, 0)], heat[at(5, 0, 1)]] = [0.9, 0.8, 0.7];
    const found = findBoxes(
      tf,
      {
        heat: tf.tensor4d(heat, [1, 6, 6, 2]),
        size: tf.fill<tf.Rank.R4>([1, 6, 6, 2], 2),
        offset: tf.fill<tf.Rank.R4>([1, 6, 6, 2], 0.5),
      },
      2,
    );
    // The second hottest is no peak; the third is cut at the lower edge.
    expect(found.places.arraySync()).toEqual([[[1, 2, 3, 4], [4, 0, 5, 1]]]); // prettier-ignore
    expect(values(found.scores).map((score) => Number(score.toFixed(4)))).toEqual([0.9, 0.7]);
  });

  it('lie on an object that was planted, wherever it is', () => {
    for (const [top, left] of [
      [0, 0],
      [1, 4],
      [5, 5],
    ] as const) {
      // prettier-ignore
      const image = planted(top, left, 3);
      const [looked] =
        dam.regions?.(tf, {
          ...context({ maps: [image, image], variables: detector(2) }),
          draws: {},
          searching: false,
          parameters: DAM,
        }) ?? [];
      const box = values(looked?.boxes as tf.Tensor).map((edge) => edge * 8);
      expect(box).toEqual([top, left, top + 3, left + 3]);
    }
  });

  it('are all that is left of both maps', () => {
    const image = planted(2, 3, 3);
    const full = tf.add(image, 1);
    const { student, teacher } = detectIn(full, tf.mul(full, 2), detector(2));
    const mask = values(tf.cast(tf.greater(image, 0), 'float32')).filter((_, i) => i % 2 === 0);
    const shown = (side: typeof student) =>
      values(tf.slice(side.maps[0] as tf.Tensor4D, [0, 0, 0, 1], [1, 8, 8, 1]));
    expect(shown(student)).toEqual(mask);
    expect(shown(teacher)).toEqual(mask.map((one) => 2 * one));
  });

  it('count a pixel once, or as often as they cover it', () => {
    const places = tf.tensor3d([[[0, 0, 3, 3], [0, 0, 3, 3], [2, 2, 9, 9]]]); // prettier-ignore
    const boxes = { places, scores: tf.ones<tf.Rank.R2>([1, 3]) };
    const sum = values(maskOf(tf, boxes, 4, 4, 'sum'));
    const union = values(maskOf(tf, boxes, 4, 4, 'union'));
    expect([sum[0], sum[15], union[0], union[15]]).toEqual([2, 3, 1, 1]);
    // Two equal masks over everything: four times the squared difference.
    const twice = { places: tf.tensor3d([[[0, 0, 3, 3], [0, 0, 3, 3]]]), scores: boxes.scores }; // prettier-ignore
    const [a, b] = [drawn([2, 4, 4, 3], 1), drawn([2, 4, 4, 3], 2)];
    const error = (mask: tf.Tensor) => value(tf.mean(tf.squaredDifference(tf.mul(a, mask), tf.mul(b, mask))));
    expect(error(maskOf(tf, twice, 4, 4, 'sum'))).toBeCloseTo(4 * error(maskOf(tf, twice, 4, 4, 'union')), 4);
    expect(error(maskOf(tf, twice, 4, 4, 'union'))).toBeCloseTo(
      value(tf.mean(tf.squaredDifference(a, b))),
      5,
    );
  });

  it('cost nothing between equal maps, and teach the detector by what both say otherwise', () => {
    const image = tf.add(planted(2, 3, 3), 0.5);
    const same = detectIn(image, image, detector(2));
    expect(value(same.loss as tf.Scalar)).toBe(0);
    const variables = detector(2);
    const { loss, gradients } = withGradients(tf, variables, () => ({
      loss: detectIn(image, tf.mul(image, 2), variables).loss as tf.Scalar,
      aside: {},
    }));
    expect(value(loss)).toBeGreaterThan(0);
    expect(
      Math.max(...values(gradients['pair0/heat/out/kernel'] as tf.Tensor).map(Math.abs)),
    ).toBeGreaterThan(0);
    expect(Math.max(...values(gradients['pair0/adapter/kernel'] as tf.Tensor).map(Math.abs))).toBeGreaterThan(
      0,
    );
  });

  it('give the student a gradient through the term within them alone', () => {
    const image = tf.add(planted(2, 3, 3), 1);
    const slope = tf.grad((own: tf.Tensor) => {
      const { student, teacher } = detectIn(own, tf.mul(image, 3), detector(2), {
        detectorWeight: tf.scalar(0),
      });
      return tf.mean(tf.squaredDifference(student.maps[0] as tf.Tensor, teacher.maps[0] as tf.Tensor));
    })(image);
    const inside = values(tf.cast(tf.greater(planted(2, 3, 3), 0), 'float32')).filter((_, i) => i % 2 === 0);
    const own = values(tf.slice(slope as tf.Tensor4D, [0, 0, 0, 1], [1, 8, 8, 1])).map((one) =>
      one === 0 ? 0 : 1,
    );
    expect(own).toEqual(inside);
  });

  it('are found over the student’s own channels as over the adapted ones', () => {
    const [few, many, classes] = [2, 6, 3];
    const of = (student: number) =>
      started(
        dam.variables?.(
          sizes({ pairs: [{ teacher: [5, 5, many], student: [5, 5, student] }], classes }),
          DAM as never,
        ) ?? [],
      );
    const variables = of(few);
    const [kernel, bias] = ['pair0/adapter/kernel', 'pair0/adapter/bias'] as const;
    const unadapted = {
      ...variables,
      [kernel]: tf.reshape(tf.eye(many), [1, 1, many, many]),
      [bias]: tf.zeros([many]),
    };
    const [student, teacher] = [drawn([2, 5, 5, few], 21), drawn([2, 5, 5, many], 22)];
    const narrow = (own: tf.Tensor, given: Tensors) => detectIn(own, teacher, given).loss as tf.Scalar;
    const wide = (own: tf.Tensor, given: Tensors) => {
      const layer = given[kernel] as tf.Tensor4D;
      const adapted = tf.add(tf.conv2d(own as tf.Tensor4D, layer, 1, 'same'), given[bias] as tf.Tensor);
      return detectIn(adapted, teacher, { ...given, [kernel]: unadapted[kernel], [bias]: unadapted[bias] })
        .loss as tf.Scalar;
    };
    const slopes = (loss: typeof narrow) => {
      const all = { ...variables, student };
      const found = withGradients(tf, all, () => ({ loss: loss(student, variables), aside: {} }));
      return { ...found.gradients, loss: found.loss };
    };
    const [ours, wanted] = [slopes(narrow), slopes(wide)];
    for (const [name, tensor] of Object.entries(wanted)) {
      const own = values(ours[name as keyof typeof ours]);
      values(tensor).forEach((one, i) => expect(own[i]).toBeCloseTo(one, 5));
      expect(Math.max(...values(tensor).map(Math.abs))).toBeGreaterThan(1e-4);
    }
  });

  it('of networks whose maps differ in size are the same places of both', () => {
    const pairs = [{ teacher: [4, 4, 3], student: [8, 8, 2] }];
    const variables = started(dam.variables?.(sizes({ pairs, classes: 3 }), DAM as never) ?? []);
    const { student, teacher, loss } = detectIn(tf.ones([2, 8, 8, 2]), tf.ones([2, 4, 4, 3]), variables, {
      regions: 4,
    });
    const [own, other] = [student.maps[0], teacher.maps[0]].map((one) =>
      values(tf.mean(one as tf.Tensor, 3)),
    );
    other?.forEach((cell, i) => {
      const [y, x] = [Math.floor((i % 16) / 4), i % 4];
      expect(own?.[Math.floor(i / 16) * 64 + 2 * y * 8 + 2 * x]).toBe(cell);
    });
    expect(Number.isFinite(value(loss as tf.Scalar))).toBe(true);
  });
});
