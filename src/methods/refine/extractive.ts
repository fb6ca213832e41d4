import type * as tf from '@tensorflow/tfjs-core';
import { choice, number, object } from '../../schema/field.ts';
import { norm } from '../math.ts';
import type { Ops } from '../method.ts';
import { defineRefiner } from '../refiner.ts';
import { temperature } from '../response/temperature.ts';

/** Share of the uniform level that single precision cannot tell from it. */
const ROUNDING = 1e-6;
/** Smallest probability whose logarithm is taken: where nothing is smoothed, most of the target is 0. */
const SMALLEST_PROBABILITY = 1e-7;

/**
 * Extractive distillation: of the teacher's answer only what rises above the uniform level is kept, and what the temperature of
 * soft targets does at once is set apart.
 *
 *     u = 1/K,  δ = max(0, softmax(z_t / T_t) − u)               z: [batch, classes]
 *     q = (1 − ε) · δ / ‖δ‖ + ε · u
 *     z_t ← log q,   z_s ← z_s / T_s
 *
 * A term at temperature 1 then compares q with softmax(z_s / T_s). A teacher that is uniform leaves q = u. With ε = 0 most of q is 0 and
 * counts as 10⁻⁷. With `l2` the sum of q is not 1, and the softmax of the term divides by it. Source: Kobayashi 2022 by way of
 * two re-implementations, whose paper was not read: which norm, and whether T_s scales the loss, is *inferred*.
 */
export const extractive = defineRefiner({
  name: 'extractive',
  title: 'Extractive distillation',
  summary:
    'Keep what of the teacher’s answer rises above the uniform level, with temperatures apart (Kobayashi 2022).',
  formula: [
    'u = 1/K,  δ = max(0, softmax(z_teacher / T_teacher) − u)',
    'q = (1 − ε) · δ / ‖δ‖ + ε · u',
    'z_teacher ← log q,  z_student ← z_student / T_student',
  ].join('\n'),
  papers: [
    {
      title: 'Extractive Knowledge Distillation',
      authors: 'Kobayashi',
      where: 'WACV 2022',
    },
  ],
  parameters: object(
    {
      teacherTemperature: temperature(
        4,
        'a re-implementation of Kobayashi 2022',
        'Softens the teacher alone.',
      ),
      studentTemperature: temperature(
        1,
        'a re-implementation of Kobayashi 2022',
        'Softens the student alone.',
      ),
      smoothing: number({
        doc: 'Share ε of the uniform distribution in the target.',
        default: 0.2,
        minimum: 0,
        maximum: 1,
        schedulable: true,
        source: 'a re-implementation of Kobayashi 2022',
      }),
      norm: choice(
        { l1: 'Its sum.', l2: 'Its Euclidean norm.' },
        {
          doc: 'What the extracted part is divided by: its sum, or its Euclidean norm.',
          default: 'l1',
          source: 'inferred: the one choice for which the target sums to 1',
        },
      ),
    },
    { doc: 'Settings of the extraction.' },
  ),
  changes: 'logits',
  notes: [
    'Give the term behind it temperature 1; another one softens q and the student once more.',
    'The re-implementation weighs the term 7.2 and the hard labels 0.1. Another multiplies the loss by T_student: put that into the weight.',
    'With hard, one-hot teachers the target is that of label smoothing with ε.',
    'Known from two re-implementations alone, neither of which ran its own extraction; the paper’s figures were not seen.',
  ],
  fixtures: [],
  refine(ops, { student, teacher, parameters: { teacherTemperature, studentTemperature, smoothing, norm } }) {
    const softened = ops.softmax(ops.div<tf.Tensor2D>(teacher.logits, teacherTemperature));
    const target = extracted(ops, softened, smoothing, norm);
    return {
      student: { ...student, logits: ops.div<tf.Tensor2D>(student.logits, studentTemperature) },
      teacher: { ...teacher, logits: ops.log(ops.maximum(target, SMALLEST_PROBABILITY)) },
    };
  },
});

/** What rises above the uniform level, divided by its norm and mixed with it: `[batch, classes]`. */
function extracted(ops: Ops, p: tf.Tensor2D, smoothing: tf.Scalar, kind: 'l1' | 'l2'): tf.Tensor2D {
  const uniform = 1 / p.shape[1];
  const risen = ops.relu(ops.sub<tf.Tensor2D>(p, uniform * (1 + ROUNDING)));
  const size =
    kind === 'l2' ? norm(ops, risen, 1) : ops.maximum(ops.sum(risen, 1, true), SMALLEST_PROBABILITY ** 2);
  const kept = ops.div<tf.Tensor2D>(risen, size);
  return ops.add(ops.mul(ops.sub(1, smoothing), kept), ops.mul(smoothing, uniform));
}
