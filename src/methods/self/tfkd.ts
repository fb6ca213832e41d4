import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { oneHot, softenedLog } from '../math.ts';
import { defineMethod } from '../method.ts';
import { elementDivergence, elementSoftTargets } from '../response/element-divergence.ts';
import { temperature } from '../response/temperature.ts';

const PAPERS = [
  {
    title: 'Revisiting Knowledge Distillation via Label Smoothing Regularization',
    authors: 'Yuan, Tay, Li, Wang, Feng',
    where: 'CVPR 2020',
    arxiv: '1909.11723',
  },
] as const;

/**
 * Teacher-free distillation by regularisation: a teacher made by hand, right with a fixed probability.
 *
 *     u  = a at the label, (1 − a) / (K − 1) elsewhere                                   [batch, classes]
 *     L  = 1/(N·K) · Σₙ Σₖ q (log q − log softmax(z)),  q = softmax(u / T)               z: [batch, classes]
 *
 * The softmax is taken of the probabilities u, as in the authors' CIFAR-100 code: at T = 20 that is close to uniform. The
 * student is not softened, and there is no T². Source: Yuan et al. 2020, section 4.2, in the form of that code.
 */
export const tfkdReg = defineMethod({
  name: 'tfkdReg',
  title: 'Teacher-free distillation by regularisation',
  knowledge: 'response',
  summary: 'A teacher made by hand, right with a fixed probability; no network teaches (Yuan 2020).',
  formula: [
    'u = a at the label, (1 − a) / (K − 1) elsewhere,  q = softmax(u / T)',
    'L = 1/(N·K) · Σₙ Σₖ q (log q − log softmax(z_student))',
  ].join('\n'),
  papers: PAPERS,
  parameters: object(
    {
      temperature: temperature(
        20,
        'the authors’ recipe for ResNet-18 on CIFAR-100',
        'Softens the teacher alone.',
      ),
      certainty: number({
        doc: 'Probability a with which the teacher is right.',
        default: 0.99,
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        source: 'the authors’ code',
      }),
    },
    { doc: 'Settings of the teacher made by hand.' },
  ),
  defaultWeight: { value: 10, source: 'the authors’ recipe for ResNet-18: α = 0.1, times 100' },
  hardLabelWeight: { value: 0.9, source: 'the authors’ recipe for ResNet-18: 1 − α' },
  needs: { labels: true },
  notes: [
    'A mean over classes too: the weight belongs to a number of classes, 100 in the recipe.',
    'Recipes with other weights: MobileNetV2 and ShuffleNetV2 0.95 at temperatures of 40 and 10, with hard labels at 0.05.',
  ],
  fixtures: [
    {
      method: 'tfkd_reg',
      student: { logits: 'logits_student' },
      teacher: {},
      labels: 'labels',
      parameters: { temperature: 'temperature' },
      weight: (given) => Number(given['alpha']) * Number(given['multiplier']),
      hardLabelWeight: (given) => 1 - Number(given['alpha']),
    },
  ],
  loss(ops, { student, labels, parameters: { temperature, certainty } }) {
    const classes = student.logits.shape[1];
    const wrong = (1 - certainty) / Math.max(1, classes - 1);
    const right = oneHot(ops, labels, classes);
    const made = ops.add<tf.Tensor2D>(ops.mul(right, certainty - wrong), wrong);
    return elementDivergence(ops, softenedLog(ops, made, temperature), ops.logSoftmax(student.logits));
  },
});

/**
 * Teacher-free distillation by oneself: the teacher is a trained copy of the same network.
 *
 *     L = T² · 1/(N·K) · Σₙ Σₖ pᵀ_t (log pᵀ_t − log pᵀ_s),  pᵀ = softmax(z / T)           z: [batch, classes]
 *
 * kd with the mean over classes too. Source: Yuan et al. 2020, section 4.1, in the form of the authors' code.
 */
export const tfkdSelf = defineMethod({
  name: 'tfkdSelf',
  title: 'Teacher-free distillation by oneself',
  knowledge: 'response',
  summary: 'The teacher is a trained copy of the same network (Yuan 2020).',
  formula: 'L = T² · 1/(N·K) · Σₙ Σₖ pᵀ_teacher (log pᵀ_teacher − log pᵀ_student),  pᵀ = softmax(z / T)',
  papers: PAPERS,
  parameters: object(
    { temperature: temperature(6, 'the authors’ recipe for ResNet-18 on CIFAR-100') },
    { doc: 'Settings of teaching oneself.' },
  ),
  defaultWeight: { value: 47.5, source: 'the authors’ recipe for ResNet-18: α = 0.95, times 50' },
  hardLabelWeight: { value: 0.05, source: 'the authors’ recipe for ResNet-18: 1 − α' },
  needs: { logits: true },
  notes: ['A mean over classes too: the weight belongs to a number of classes, 100 in the recipe.'],
  fixtures: [
    {
      method: 'tfkd_self',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature' },
      weight: (given) => Number(given['alpha']) * Number(given['multiplier']),
      hardLabelWeight: (given) => 1 - Number(given['alpha']),
    },
  ],
  loss(ops, { student, teacher, parameters: { temperature } }) {
    return elementSoftTargets(ops, student.logits, teacher.logits, temperature);
  },
});
