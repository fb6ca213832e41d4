import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { crossEntropies, detached, divergence, softenedLog } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { temperature } from './temperature.ts';

/** Temperatures beside the base: of the instance part on the stronger view, and on the weaker view only. */
const SHARED = [3, 5] as const;
const WEAK_ONLY = [2, 6] as const;

/**
 * Multi-level logit distillation: soft targets, relations of classes and relations of samples, at five temperatures and on
 * two views.
 *
 *     instance(T) = T² · 1/N · Σₙ KL(pᵀ_t ‖ pᵀ_s)                         pᵀ = softmax(z / T), z: [batch, classes]
 *     class(T)    = 1/K · ‖P_tᵀP_t − P_sᵀP_s‖²                            P: the table of pᵀ
 *     sample(T)   = 1/N · ‖P_tP_tᵀ − P_sP_sᵀ‖²
 *     L = Σ_T (m · instance + c · class + m · sample) on the weaker view, T in {base, 3, 5, 2, 6}
 *       + Σ instance on the stronger view for {base, 3, 5}, on the weaker one again for {2, 6}
 *       + λ · cross-entropy of the stronger view
 *
 * m and c: the shares of samples and classes of which the teacher is no surer than of the median. The paper means them
 * as masks; the authors' code multiplies sums by them, sums the stronger view's relations without using them, and takes two
 * of its temperatures on the weaker view, all of which is kept here. Source: Jin, Wang, Lin 2023, in the form of that code.
 */
export const mlkd = defineMethod({
  name: 'mlkd',
  title: 'Multi-level logit distillation',
  knowledge: 'response',
  summary: 'Soft targets with relations of classes and samples, at five temperatures, two views (Jin 2023).',
  formula: [
    'instance = T² · 1/N · Σₙ KL(pᵀ_teacher ‖ pᵀ_student)',
    'class = 1/K · ‖P_tᵀP_t − P_sᵀP_s‖²,  sample = 1/N · ‖P_tP_tᵀ − P_sP_sᵀ‖²',
    'L = Σ_T (m · instance + c · class + m · sample), weaker view, + Σ_T instance, stronger view',
    'T in {base, 2, 3, 5, 6}; m, c: share of samples and classes of which the teacher is no surer than of the median',
  ].join('\n'),
  papers: [
    {
      title: 'Multi-Level Logit Distillation',
      authors: 'Jin, Wang, Lin',
      where: 'CVPR 2023',
    },
  ],
  parameters: object(
    {
      temperature: temperature(
        4,
        'the authors’ CIFAR-100 recipes',
        'Base temperature, beside 2, 3, 5 and 6.',
      ),
      strongLabels: number({
        doc: 'Weight λ of the cross-entropy of the stronger view, inside the term.',
        default: 0.1 / 0.9,
        minimum: 0,
        maximum: 1000,
        schedulable: true,
        source: 'the authors’ recipes: labels at 0.1 on both views, the term at 0.9',
      }),
    },
    { doc: 'Settings of multi-level distillation.' },
  ),
  defaultWeight: { value: 0.9, source: 'the authors’ CIFAR-100 recipes (hard labels at 0.1)' },
  needs: { logits: true, labels: true, strongView: true },
  notes: [
    'The value is some forty times that of kd at the same weight: ten instance terms, each with its T².',
    'The hard labels of the weaker view are those of the experiment (`hardLabelWeight`).',
  ],
  fixtures: [
    {
      method: 'mlkd',
      student: { logits: 'logits_student_weak' },
      teacher: { logits: 'logits_teacher_weak' },
      strong: { student: { logits: 'logits_student_strong' }, teacher: { logits: 'logits_teacher_strong' } },
      labels: 'labels',
      parameters: {
        temperature: 'temperature',
        strongLabels: (given) => Number(given['ce_weight']) / Number(given['kd_weight']),
      },
      weight: 'kd_weight',
      hardLabelWeight: (given) => Number(given['ce_weight']),
    },
  ],
  loss(ops, { student, teacher, strong, labels, parameters: { temperature: base, strongLabels } }) {
    // Without a stronger view (a test of shapes) the weaker one stands for it.
    const views = strong ?? { student, teacher };
    const confidences = ops.softmax(teacher.logits);
    const samples = unsureShare(ops, ops.max(confidences, 1));
    const classes = unsureShare(ops, ops.sum(confidences, 0));
    const weak = [base, ...SHARED, ...WEAK_ONLY].map((t) =>
      ops.addN([
        ops.mul(samples, instance(ops, student.logits, teacher.logits, t)),
        ops.mul(classes, relations(ops, student.logits, teacher.logits, t, 'classes')),
        ops.mul(samples, relations(ops, student.logits, teacher.logits, t, 'samples')),
      ]),
    );
    const shared = [base, ...SHARED].map((t) => instance(ops, views.student.logits, views.teacher.logits, t));
    const again = WEAK_ONLY.map((t) => instance(ops, student.logits, teacher.logits, t));
    const taught = ops.mean<tf.Scalar>(crossEntropies(ops, views.student.logits, labels));
    return ops.addN([...weak, ...shared, ...again, ops.mul(strongLabels, taught)] as tf.Scalar[]);
  },
});

type Temperature = tf.Scalar | number;

function instance(ops: Ops, student: tf.Tensor2D, teacher: tf.Tensor2D, t: Temperature): tf.Scalar {
  const soft = divergence(ops, softenedLog(ops, teacher, t), softenedLog(ops, student, t));
  return ops.mul(soft, ops.mul(t, t));
}

/** `1/n · ‖G_t − G_s‖²` of the products of all columns (classes) or rows (samples), n of them. */
function relations(
  ops: Ops,
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  t: Temperature,
  between: 'classes' | 'samples',
): tf.Scalar {
  const columns = between === 'classes';
  const gram = (logits: tf.Tensor2D) => {
    const p = ops.softmax(ops.div<tf.Tensor2D>(logits, t));
    return ops.matMul(p, p, columns, !columns);
  };
  return ops.div(
    ops.sum(ops.squaredDifference(gram(student), gram(teacher))),
    student.shape[columns ? 1 : 0],
  );
}

/** Which share of the values is at most their median: those that no more than ⌊(n − 1) / 2⌋ others undercut. */
function unsureShare(ops: Ops, values: tf.Tensor): tf.Scalar {
  const count = values.size;
  return detached(ops, [values], (held) => {
    const below = ops.greater(ops.reshape(held, [count, 1]), ops.reshape(held, [1, count]));
    const undercut = ops.sum(ops.cast(below, 'float32'), 1);
    const unsure = ops.lessEqual(undercut, Math.floor((count - 1) / 2));
    return ops.mean<tf.Scalar>(ops.cast(unsure, 'float32'));
  });
}
