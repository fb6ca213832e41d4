import type * as tf from '@tensorflow/tfjs-core';
import { choice, number, object } from '../../schema/field.ts';
import { detached, divergence, flatten, oneHot, softenedLog, unit } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { temperature } from '../response/temperature.ts';

/** Beside a count of pairs, as in the authors' code. */
const EPSILON = 1e-6;
/** Under a root, so that its derivative at a norm of 0 is 0. */
const SMALLEST_SQUARE = 1e-24;

const part = (doc: string) =>
  number({
    doc,
    default: 0.2,
    minimum: 0,
    maximum: 1000,
    schedulable: true,
    source: 'the authors’ code; 0.1 in its example',
  });

/**
 * Class specialisation: a student of some of its teacher's classes learns the teacher's answers among these alone, and keeps features of
 * one class together.
 *
 *     RKD = T² · 1/N · Σₙ KL(softmax(z_t,S / T) ‖ softmax(z_s / T))            z_t,S: the teacher's logits of the student's classes
 *     OPL = (1 − mean of cos(φᵢ, φⱼ), yᵢ = yⱼ, i ≠ j) + ½ · mean of cos(φᵢ, φⱼ), yᵢ ≠ yⱼ       φ: [batch, features]
 *     ICV = Σ_c ‖Var φ of the samples of class c‖₂
 *     L   = r · RKD + o · OPL + v · ICV
 *
 * Variances are unbiased. `feature`: over the features of one sample, as the authors' code has it; `sample`: over the samples of
 * the class, as the name says (*inferred*); classes with one sample then count 0. Source: Wang, Rhodes, Feng 2022, in the form of the authors'
 * code, which adds OPL though the paper's title does not name it.
 */
export const cskd = defineMethod({
  name: 'cskd',
  title: 'Class specialisation',
  knowledge: 'response',
  summary:
    'The teacher’s answers among the student’s classes alone, and features tight within a class (Wang 2022).',
  formula: [
    'RKD = T² · 1/N · Σₙ KL(softmax(z_teacher,S / T) ‖ softmax(z_student / T)), S: the student’s classes',
    'OPL = (1 − mean cos(φᵢ, φⱼ) of one class) + ½ · mean cos(φᵢ, φⱼ) of two classes',
    'ICV = Σ_c ‖Var φ of class c‖₂',
    'L = renormalised · RKD + orthogonal · OPL + variance · ICV',
  ].join('\n'),
  papers: [
    {
      title: 'Class Specialized Knowledge Distillation',
      authors: 'Wang, Rhodes, Feng',
      where: 'ACCV 2022',
    },
  ],
  parameters: object(
    {
      temperature: temperature(1, 'the authors’ code'),
      renormalised: part('Factor r of the renormalised answers.'),
      orthogonal: part('Factor o of the orthogonal projection loss.'),
      variance: part('Factor v of the variance within a class.'),
      varianceOver: choice(
        {
          feature: 'The features of one sample, as the authors’ code has it.',
          sample: 'The samples of a class, as the name says.',
        },
        {
          doc: 'What the variance is taken over.',
          default: 'feature',
          source: 'the authors’ code',
        },
      ),
    },
    { doc: 'Shares of the three parts.' },
  ),
  defaultWeight: { value: 1, source: 'the authors’ code: its parts have their own weights' },
  hardLabelWeight: { value: 1, source: 'the authors’ code' },
  needs: { logits: true, labels: true, layers: { minimum: 1, maximum: 1, rank: 'any' } },
  figure: [
    'images of the subset ─┬─► teacher ─► logits of all classes ─► those of the subset ─► softmax ─┐',
    '                      │                                                                      KL ─► RKD',
    '                      └─► student ─► features φ ─► logits of the subset ─────────► softmax ─┘',
    '                                        └─► by labels: OPL (apart), ICV (tight)',
  ].join('\n'),
  notes: [
    'The layer is what the student’s classifier reads; of a map the mean over space.',
    'Where the student has all of its teacher’s classes the first part is kd.',
    'Over features the variance does not see how far two samples of a class lie apart. It grows with the root of the batch, with the classes and with the square of the features, and can drown the labels where these are not small: weigh it less then (0.01).',
    'Inferred: `sample`. The released code chooses its epoch on the test data; here validation chooses.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, labels, parameters }) {
    const { temperature, renormalised, orthogonal, variance, varianceOver } = parameters;
    const [map] = student.maps;
    const features = flatten(ops, map?.rank === 4 ? ops.mean(map, [1, 2]) : (map as tf.Tensor));
    const members = oneHot(ops, labels, student.logits.shape[1]);
    const soft = divergence(
      ops,
      softenedLog(ops, teacher.logits, temperature),
      softenedLog(ops, student.logits, temperature),
    );
    const spread =
      varianceOver === 'feature'
        ? varianceOfFeatures(ops, features, members)
        : varianceOfSamples(ops, features, members);
    return ops.addN<tf.Scalar>([
      ops.mul(renormalised, ops.mul(ops.square(temperature), soft)),
      ops.mul(orthogonal, projectionLoss(ops, features, members)),
      ops.mul(variance, spread),
    ]);
  },
});

function projectionLoss(ops: Ops, features: tf.Tensor2D, members: tf.Tensor2D): tf.Scalar {
  const [batch] = features.shape;
  const directions = unit(ops, features, 1);
  const cosines = ops.matMul(directions, directions, false, true);
  const same = ops.matMul(members, members, false, true);
  const mean = (mask: tf.Tensor) =>
    ops.div<tf.Scalar>(ops.sum(ops.mul(cosines, mask)), ops.add(ops.sum(mask), EPSILON));
  const within = mean(ops.sub(same, ops.eye(batch)));
  return ops.add(ops.sub(1, within), ops.mul(0.5, mean(ops.sub(1, same))));
}

/** `Σ_c ‖(Var_d φ_n) of the samples of c‖₂`. */
function varianceOfFeatures(ops: Ops, features: tf.Tensor2D, members: tf.Tensor2D): tf.Scalar {
  const count = features.shape[1];
  const centred = ops.sub(features, ops.mean(features, 1, true));
  const variances = ops.div(ops.sum(ops.square(centred), 1, true), Math.max(1, count - 1)); // [batch, 1]
  return sumOfRoots(ops, ops.sum(ops.mul(members, ops.square(variances)), 0));
}

/** `Σ_c ‖Var_n φ_n, feature by feature‖₂` over the samples of c. */
function varianceOfSamples(ops: Ops, features: tf.Tensor2D, members: tf.Tensor2D): tf.Scalar {
  const counts = detached(ops, [members], (m) => ops.reshape(ops.sum(m, 0), [-1, 1])); // [classes, 1]
  const sums = ops.matMul(members, features, true);
  const means = ops.div<tf.Tensor2D>(sums, ops.maximum(counts, 1));
  const centred = ops.sub<tf.Tensor2D>(features, ops.matMul(members, means));
  const squares = ops.matMul(members, ops.square(centred), true); // [classes, features]
  const variances = ops.div(squares, ops.maximum(ops.sub(counts, 1), 1));
  return sumOfRoots(ops, ops.sum(ops.square(variances), 1));
}

function sumOfRoots(ops: Ops, squares: tf.Tensor): tf.Scalar {
  return ops.sum(ops.sqrt(ops.maximum(squares, SMALLEST_SQUARE)));
}
