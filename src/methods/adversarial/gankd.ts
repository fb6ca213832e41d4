import type * as tf from '@tensorflow/tfjs-core';
import { integer, number, object } from '../../schema/field.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { defineMethod, type LossContext, type Ops } from '../method.ts';

/** Slope of the discriminator's activation below zero. */
const LEAK = 0.2;

/**
 * Adversarial distillation: a discriminator learns to tell the teacher's answers from the student's, which learns to be taken
 * for the teacher.
 *
 *     D(z)  = sigmoid(d(z)),  d: two hidden layers on the logits                              z: [batch, classes]
 *     L     = −1/N · Σₙ log D(z_s)
 *     L_D   = −1/N · Σₙ ((1 − σ) log D(z_t) + σ log(1 − D(z_t)) + log(1 − D(z_s)))             σ: smoothing
 *
 * With hard labels and kd beside it, it is the whole of the survey's L_GANKD. Source: Gou et al. 2021, section 5.1, after Wang et al.
 * 2018 and Xu et al. 2018; not compared with code; the network, its width and the weights are *inferred*.
 */
export const gankd = defineMethod({
  name: 'gankd',
  title: 'Adversarial distillation of answers',
  knowledge: 'response',
  summary: 'Learn answers that a discriminator takes for the teacher’s (Wang 2018, Xu 2018).',
  formula: [
    'L = −1/N · Σₙ log D(z_student)',
    'discriminator: −1/N · Σₙ (log D(z_teacher) + log(1 − D(z_student)))',
  ].join('\n'),
  papers: [
    {
      title:
        'Training Shallow and Thin Networks for Acceleration via Knowledge Distillation with Conditional Adversarial Networks',
      authors: 'Xu, Hsu, Huang',
      where: 'ICLR 2018 Workshop',
      arxiv: '1709.00513',
    },
    {
      title: 'KDGAN: Knowledge Distillation with Generative Adversarial Networks',
      authors: 'Wang, Zhang, Sun, Qi',
      where: 'NeurIPS 2018',
    },
  ],
  parameters: object(
    {
      width: integer({
        doc: 'Units of the discriminator’s hidden layers.',
        default: 64,
        minimum: 1,
        maximum: 4096,
        source: 'inferred',
      }),
      smoothing: number({
        doc: 'How unsure the discriminator shall stay of the teacher’s answers, σ.',
        default: 0,
        minimum: 0,
        exclusiveMaximum: 0.5,
        source: 'inferred: 0 is the formula; 0.1 is usual where the discriminator wins too fast',
      }),
    },
    { doc: 'Settings of the discriminator.' },
  ),
  defaultWeight: { value: 0.1, source: 'inferred: no weight is customary' },
  hardLabelWeight: { value: 1, source: 'Gou et al. 2021, equation 15' },
  needs: { logits: true },
  notes: ['Put kd beside it: alone it says nothing about which sample an answer belongs to.'],
  fixtures: [],
  opponent: {
    doc: 'The discriminator: three linear layers on the logits.',
    variables: ({ classes }, { width }) => [
      ...linearVariables('discriminator/0', classes, width),
      ...linearVariables('discriminator/1', width, width),
      ...linearVariables('discriminator/2', width, 1),
    ],
    loss(ops, context) {
      const { smoothing } = context.parameters;
      const [real, fake] = [context.teacher, context.student].map(({ logits }) =>
        score(ops, context, logits),
      );
      return ops.addN([
        ops.mul<tf.Scalar>(surprise(ops, real as tf.Tensor2D, 'real'), 1 - smoothing),
        ops.mul<tf.Scalar>(surprise(ops, real as tf.Tensor2D, 'fake'), smoothing),
        surprise(ops, fake as tf.Tensor2D, 'fake'),
      ]);
    },
  },
  loss(ops, context) {
    return surprise(ops, score(ops, context, context.student.logits), 'real');
  },
});

/** d(z), `[batch, 1]`: above 0 where it takes an answer for the teacher's. */
function score<S>(ops: Ops, { variables }: LossContext<S>, logits: tf.Tensor2D): tf.Tensor2D {
  const hidden = (x: tf.Tensor2D, layer: number) =>
    ops.leakyRelu(linear(ops, variables, `discriminator/${layer}`, x), LEAK);
  return linear(ops, variables, 'discriminator/2', hidden(hidden(logits, 0), 1));
}

/** Mean of `−log D` where it is said to be real, of `−log(1 − D)` where fake; D = sigmoid(score). */
function surprise(ops: Ops, scores: tf.Tensor2D, said: 'real' | 'fake'): tf.Scalar {
  return ops.mean(ops.softplus(said === 'real' ? ops.neg(scores) : scores));
}
