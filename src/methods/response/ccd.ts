import type * as tf from '@tensorflow/tfjs-core';
import { boolean, number, object } from '../../schema/field.ts';
import { crossEntropies, detached, softenedLog, unit } from '../math.ts';
import { defineMethod } from '../method.ts';
import { temperature } from './temperature.ts';

/**
 * Cosine confidence distillation: the student learns from the teacher on a plain and on a strongly augmented view, the latter as far as
 * the teacher's own answers to both views point the same way.
 *
 *     c_n  = 1 + cos(z_t(x_n), z_t(x̃_n)), in 0..2; 1 without confidence         z: [batch, classes], before any softmax
 *     soft = ½ · (1/N · Σₙ KL(pᵀ_t ‖ pᵀ_s)(x_n) + 1/N · Σₙ c_n KL(pᵀ_t ‖ pᵀ_s)(x̃_n)),   pᵀ = softmax(z / T)
 *     L    = T² · soft + l · CE(y, z_s(x̃))
 *
 * Source: Li, Shao et al. 2022 and 2024, in the form of the authors' code of the earlier paper: with T = 4, α = ½, κ = 2 its total is the
 * cross-entropy of both views, halved each, and T² · soft.
 */
export const ccd = defineMethod({
  name: 'ccd',
  title: 'Cosine confidence distillation',
  knowledge: 'response',
  summary:
    'Soft targets on two views, the stronger one weighed by whether the teacher still sees the same (Li 2024).',
  formula: [
    'c = 1 + cos(z_teacher(x), z_teacher(x̃)); 1 without confidence',
    'soft = ½ · (1/N · Σₙ KL(x) + 1/N · Σₙ c · KL(x̃)),  KL of softmax(z_teacher / T) and softmax(z_student / T)',
    'L = T² · soft + strongLabels · CE(y, z_student(x̃))',
  ].join('\n'),
  papers: [
    {
      title: 'Multi-perspective analysis on data augmentation in knowledge distillation',
      authors: 'Li, Shao, Qiu, Song',
      where: 'Neurocomputing 583, 2024',
    },
    {
      title: 'What Role Does Data Augmentation Play in Knowledge Distillation?',
      authors: 'Li, Shao and others',
      where: 'ACCV 2022',
    },
  ],
  parameters: object(
    {
      temperature: temperature(4, 'the authors’ code'),
      confidence: boolean({
        doc: 'Whether the stronger view is weighed by the cosine. Without it: joint augmentation (JDA) alone.',
        default: true,
        source: 'the authors’ code: SingleCCD; without it KD on all rows',
      }),
      strongLabels: number({
        doc: 'Weight l of the cross-entropy of the stronger view, inside the term.',
        default: 0.5,
        minimum: 0,
        maximum: 1000,
        schedulable: true,
        source: 'the authors’ code: the mean over both views',
      }),
    },
    { doc: 'Settings of the two views.' },
  ),
  defaultWeight: { value: 1, source: 'the authors’ code: κ (1 − α) = 1' },
  hardLabelWeight: { value: 0.5, source: 'the authors’ code: the mean over both views' },
  needs: { logits: true, labels: true, strongView: true },
  notes: [
    'Views that agree count twice, so that the term is up to one and a half times as strong as without confidence; compare with that in mind.',
    'Give `data.strongAugment` the strong augmentation. `data.teacherView` shows teachers the student’s views, others of their own, or the plain image.',
    'Known from the code of the earlier paper; whether the journal changed the loss was not seen.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, strong, labels, parameters: { temperature, confidence, strongLabels } }) {
    // Without a stronger view (a test of shapes) the plain one stands for it.
    const other = strong ?? { student, teacher };
    const apart = (s: tf.Tensor2D, t: tf.Tensor2D) => {
      const [own, target] = [softenedLog(ops, s, temperature), softenedLog(ops, t, temperature)];
      return ops.sum<tf.Tensor1D>(ops.mul(ops.exp(target), ops.sub(target, own)), 1);
    };
    const cosines = detached(ops, [teacher.logits, other.teacher.logits], (a, b) =>
      ops.sum(ops.mul(unit(ops, a, 1), unit(ops, b, 1)), 1),
    );
    const plain = apart(student.logits, teacher.logits);
    const strongly = apart(other.student.logits, other.teacher.logits);
    const weighted = confidence ? ops.mul(ops.add(1, cosines), strongly) : strongly;
    const soft = ops.div<tf.Scalar>(ops.add(ops.mean(plain), ops.mean(weighted)), 2);
    const taught = ops.mean<tf.Scalar>(crossEntropies(ops, other.student.logits, labels));
    return ops.add(ops.mul(ops.square(temperature), soft), ops.mul(strongLabels, taught));
  },
});
