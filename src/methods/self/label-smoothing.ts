import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { oneHot } from '../math.ts';
import { defineMethod } from '../method.ts';

/**
 * Label smoothing: cross-entropy with labels that leave a little to every other class.
 *
 *     q = 1 − ε at the label, ε / (K − 1) elsewhere
 *     L = −1/N · Σₙ Σₖ qₖ log softmax(z)ₖ                           z: [batch, classes]
 *
 * It stands in place of the hard labels. Source: Szegedy et al. 2016, section 7, with ε over the other classes alone as in
 * Yuan et al. 2020's code, where Szegedy spreads ε over all K.
 */
export const labelSmoothing = defineMethod({
  name: 'labelSmoothing',
  title: 'Label smoothing',
  knowledge: 'response',
  summary: 'Labels that leave a little to every other class; no network teaches (Szegedy 2016).',
  formula: [
    'q = 1 − ε at the label, ε / (K − 1) elsewhere',
    'L = −1/N · Σₙ Σₖ qₖ log softmax(z_student)ₖ',
  ].join('\n'),
  papers: [
    {
      title: 'Rethinking the Inception Architecture for Computer Vision',
      authors: 'Szegedy, Vanhoucke, Ioffe, Shlens, Wojna',
      where: 'CVPR 2016',
      arxiv: '1512.00567',
    },
  ],
  parameters: object(
    {
      smoothing: number({
        doc: 'What the other classes have together, ε.',
        default: 0.1,
        minimum: 0,
        exclusiveMaximum: 1,
        schedulable: true,
        source: 'Szegedy et al. 2016, section 7; Yuan et al. 2020’s code',
      }),
    },
    { doc: 'Settings of the labels.' },
  ),
  defaultWeight: { value: 1, source: 'it stands in place of the hard labels' },
  hardLabelWeight: { value: 0, source: 'it stands in place of the hard labels' },
  needs: { labels: true },
  fixtures: [
    {
      method: 'label_smoothing',
      student: { logits: 'logits_student' },
      teacher: {},
      labels: 'labels',
      parameters: { smoothing: 'smoothing' },
    },
  ],
  loss(ops, { student, labels, parameters: { smoothing } }) {
    const classes = student.logits.shape[1];
    const right = oneHot(ops, labels, classes);
    const others = ops.div(ops.sub(1, right), Math.max(1, classes - 1));
    const targets = ops.add(ops.mul(ops.sub(1, smoothing), right), ops.mul(smoothing, others));
    return ops.neg(ops.mean<tf.Scalar>(ops.sum(ops.mul(targets, ops.logSoftmax(student.logits)), 1)));
  },
});
