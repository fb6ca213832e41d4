import type * as tf from '@tensorflow/tfjs-core';
import { choice, integer, object } from '../../schema/field.ts';
import { unit } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';

/** A matrix product for every second shift of the channels: more would make the step long. */
const MOST_CHANNELS = 128;

/**
 * Channel and spatial correlation: how channels go together at each pixel, compared from pixel to pixel.
 *
 *     f̂_i = f_i / ‖f_i‖,  a_i⁽ᵏ⁾ = f̂_i ⊙ shift(f̂_i, k)                      f: [pixels, channels], k = 0 … C − 1
 *     shifts: R⁽ᵏ⁾ = A⁽ᵏ⁾ A⁽ᵏ⁾ᵀ,  L = 1/(C·P²) · Σ_k ‖R_t⁽ᵏ⁾ − R_s⁽ᵏ⁾‖²         P pixels; mean over the batch
 *     joint:  R = [A⁽⁰⁾ … A⁽ᶜ⁻¹⁾] [A⁽⁰⁾ … A⁽ᶜ⁻¹⁾]ᵀ = (f̂_i · f̂_j)²,  L = 1/P² · ‖R_t − R_s‖²
 *
 * R of the shifts k and C − k is the same, so half of them are computed. Summed over all shifts nothing of the channels is left but the
 * cosine of two pixels, squared. Source: Park and Heo 2020; vectors, shift and norm from the claims of their patent, the
 * product, what follows it and the scale are *inferred*.
 */
export const csc = defineMethod({
  name: 'csc',
  title: 'Channel and spatial correlation',
  knowledge: 'feature',
  summary: 'How channels go together at each pixel, compared from pixel to pixel (Park 2020).',
  formula: [
    'f̂ = f / ‖f‖,  a⁽ᵏ⁾ = f̂ ⊙ shift(f̂, k)',
    'shifts: R⁽ᵏ⁾ = A⁽ᵏ⁾ A⁽ᵏ⁾ᵀ,  L = 1/(C·P²) · Σ_k ‖R_teacher⁽ᵏ⁾ − R_student⁽ᵏ⁾‖²',
    'joint:  R_ij = (f̂_i · f̂_j)²,  L = 1/P² · ‖R_teacher − R_student‖²',
  ].join('\n'),
  papers: [
    {
      title:
        'Knowledge Distillation for Semantic Segmentation Using Channel and Spatial Correlations and Adaptive Cross Entropy',
      authors: 'Park, Heo',
      where: 'Sensors 20(16), 2020',
    },
  ],
  parameters: object(
    {
      form: choice(
        {
          shifts: 'Each shift of the channels by itself.',
          joint: 'All together: the squared cosine of two pixels.',
        },
        {
          doc: 'What is compared.',
          default: 'shifts',
          source: 'inferred: the form that keeps what channels say of each other',
        },
      ),
      size: integer({
        doc: 'Maps of more pixels a side are average-pooled to it.',
        default: 8,
        minimum: 1,
        maximum: 64,
        unit: 'pixels',
        source: 'inferred: the square of the pixels is compared',
      }),
    },
    { doc: 'Settings of the correlations.' },
  ),
  defaultWeight: { value: 1, source: 'inferred' },
  hardLabelWeight: { value: 1, source: 'inferred' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'Maps of unlike size are average-pooled to the smaller one; channels must be as many on both sides.',
  checkPair({ teacher: [, , t = 0], student: [, , s = 0] }) {
    if (t !== s)
      return {
        message: `csc compares channel by channel, and the teacher’s layer has ${t} channels, the student’s ${s}.`,
        help: 'Choose layers with equal numbers of channels, or a relation that needs none, such as sp.',
      };
    if (t <= MOST_CHANNELS) return null;
    return {
      message: `csc shifts channels by one another, and ${t} are more than ${MOST_CHANNELS}.`,
      help: 'Choose a layer with fewer channels, or a relation of pixels, such as at.',
    };
  },
  notes: [
    'Made for the last map of a segmenter, whose channels are the classes.',
    'Inferred: the product of the two vectors, what follows it, the scale and the weight. The article’s body was not read.',
    'Scaling a pixel’s vector by a positive number changes nothing.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, parameters: { form, size } }) {
    const losses = student.maps.map((map, pair) => {
      const target = teacher.maps[pair] as tf.Tensor4D;
      const side = (axis: 1 | 2) => Math.min(size, map.shape[axis] ?? 1, target.shape[axis]);
      const directions = (x: tf.Tensor4D) => pixels(ops, adaptiveAveragePool(ops, x, side(1), side(2)));
      const [s, t] = [directions(map as tf.Tensor4D), directions(target)];
      if (form === 'joint') {
        const squares = (x: tf.Tensor3D) => ops.square(ops.matMul(x, x, false, true));
        return ops.mean<tf.Scalar>(ops.squaredDifference(squares(s), squares(t)));
      }
      const channels = s.shape[2];
      const parts = Array.from({ length: Math.floor(channels / 2) + 1 }, (_, k) => {
        const apart = ops.mean<tf.Scalar>(
          ops.squaredDifference(association(ops, s, k), association(ops, t, k)),
        );
        return ops.mul<tf.Scalar>(apart, (k === 0 || 2 * k === channels ? 1 : 2) / channels);
      });
      return ops.addN(parts);
    });
    return ops.addN(losses);
  },
});

/** `[batch, pixels, channels]`, each pixel's vector of length one. */
function pixels(ops: Ops, map: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape;
  return unit(ops, ops.reshape(map, [batch, height * width, channels]), 2);
}

/** `R⁽ᵏ⁾`, `[batch, pixels, pixels]`. */
function association(ops: Ops, x: tf.Tensor3D, k: number): tf.Tensor3D {
  const channels = x.shape[2];
  const shifted =
    k === 0
      ? x
      : ops.concat(
          [ops.slice(x, [0, 0, k], [-1, -1, channels - k]), ops.slice(x, [0, 0, 0], [-1, -1, k])],
          2,
        );
  const a = ops.mul<tf.Tensor3D>(x, shifted);
  return ops.matMul(a, a, false, true);
}
