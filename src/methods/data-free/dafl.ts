import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { detached } from '../math.ts';
import type { Ops } from '../method.ts';
import { defineGeneratorLoss } from './generator-loss.ts';

const weight = (value: number, doc: string) =>
  number({
    doc,
    default: value,
    minimum: 0,
    maximum: 1e6,
    schedulable: true,
    source: 'Chen et al. 2019, section 4; the authors’ code',
  });

/** Keeps `p log p` at 0 where a class never comes up. */
const SMALLEST_SHARE = 1e-30;

/**
 * Data-free learning: samples that the teacher is sure about, of all classes alike, and that excite it.
 *
 *     L = λ_oh · 1/N · Σₙ −log p_t[argmax p_t]  +  λ_ie · Σ_c p̄_c log₁₀ p̄_c  −  λ_a · mean |f_t|
 *     p_t = softmax(z_t), p̄ = 1/N · Σₙ p_t                                    z: [batch, classes], f: [batch, features]
 *
 * Minimising Σ p̄ log p̄ maximises the entropy of the classes. The student learns from the samples by kd at a temperature of 1.
 * Source: Chen et al. 2019, equations 3 to 6; logarithm to base 10 as in the authors' code.
 */
export const dafl = defineGeneratorLoss({
  name: 'dafl',
  title: 'Data-free learning',
  summary: 'Samples the teacher is sure of, evenly over the classes, that excite it (Chen 2019).',
  formula: [
    'one-hot = 1/N · Σₙ −log p_teacher[argmax],  entropy = Σ_c p̄_c log₁₀ p̄_c,  activation = −mean |f_teacher|',
    'L = λ_oh · one-hot + λ_ie · entropy + λ_a · activation',
  ].join('\n'),
  papers: [
    {
      title: 'Data-Free Learning of Student Networks',
      authors: 'Chen, Wang, Xu, Yang, Liu, Shi, Xu, Xu, Tian',
      where: 'ICCV 2019',
      arxiv: '1904.01186',
    },
  ],
  parameters: object(
    {
      oneHot: weight(1, 'Weight λ_oh of the part that makes the teacher sure of one class.'),
      entropy: weight(5, 'Weight λ_ie of the part that spreads the samples over all classes.'),
      activation: weight(0.1, 'Weight λ_a of the part that makes the teacher’s features large.'),
    },
    { doc: 'Settings of the generator’s loss.' },
  ),
  readsStudent: false,
  studentLoss: {
    method: 'kd',
    parameters: { temperature: 1 },
    source: 'the authors’ code: divergence at a temperature of 1, on samples that are constants',
  },
  recipe: {
    latent: 100,
    studentSteps: 1,
    generatorSteps: 1,
    source: 'the authors’ code: both step on the same samples, 120 times an epoch, 512 samples each',
  },
  fixtures: [
    {
      method: 'dafl',
      student: 'logits_student',
      teacher: { logits: 'logits_teacher', embedding: 'feat_teacher' },
      parameters: { oneHot: 'oh', entropy: 'ie', activation: 'a' },
    },
  ],
  loss(ops, { teacher, parameters: { oneHot, entropy, activation } }) {
    return ops.addN([
      ops.mul<tf.Scalar>(oneHot, certainty(ops, teacher.logits)),
      ops.mul<tf.Scalar>(entropy, balance(ops, teacher.logits)),
      ops.mul<tf.Scalar>(activation, ops.neg(ops.mean(ops.abs(teacher.embedding)))),
    ]);
  },
});

/** Cross-entropy with the teacher's own answer. */
function certainty(ops: Ops, logits: tf.Tensor2D): tf.Scalar {
  const own = detached(
    ops,
    [logits],
    (held) => ops.oneHot(ops.argMax(held, 1), logits.shape[1], 1, 0, 'float32') as tf.Tensor2D,
  );
  return ops.neg(ops.mean(ops.sum(ops.mul(own, ops.logSoftmax(logits)), 1)));
}

/** `Σ_c p̄_c log₁₀ p̄_c`: −log₁₀ K where all classes come up alike, 0 where one does. */
function balance(ops: Ops, logits: tf.Tensor2D): tf.Scalar {
  const shares = ops.mean(ops.softmax(logits), 0);
  return ops.div(ops.sum(ops.mul(shares, ops.log(ops.maximum(shares, SMALLEST_SHARE)))), Math.LN10);
}
