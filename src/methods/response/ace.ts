import type * as tf from '@tensorflow/tfjs-core';
import { choice, object } from '../../schema/field.ts';
import { detached, oneHot } from '../math.ts';
import { defineMethod } from '../method.ts';

/**
 * Adaptive cross-entropy: the teacher is believed as far as it is right.
 *
 *     soft: t = w · softmax(z_t) + (1 − w) · onehot(y),  w = softmax(z_t)_y              z: [batch, classes]
 *     hard: t = softmax(z_t) where argmax z_t = y, else onehot(y)
 *     L     = 1/N · Σₙ CE(t, softmax(z_s))
 *
 * Source: Park and Heo 2020 for the idea, from the abstract alone; both equations are *inferred*.
 */
export const ace = defineMethod({
  name: 'ace',
  title: 'Adaptive cross-entropy',
  knowledge: 'response',
  summary:
    'Cross-entropy with a mixture of teacher and label: the teacher as far as it is right (Park 2020).',
  formula: [
    'soft: t = w · softmax(z_teacher) + (1 − w) · onehot(y),  w = softmax(z_teacher)_y',
    'hard: t = softmax(z_teacher) where it is right, else onehot(y)',
    'L = 1/N · Σₙ CE(t, softmax(z_student))',
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
      mix: choice(
        {
          soft: 'By the probability that the teacher gives the label.',
          hard: 'All or nothing, by whether it names the label.',
        },
        { doc: 'How far the teacher is believed.', default: 'soft', source: 'inferred' },
      ),
    },
    { doc: 'Settings of the mixture.' },
  ),
  defaultWeight: { value: 1, source: 'inferred' },
  hardLabelWeight: { value: 1, source: 'inferred: the paper adds the loss to the cross-entropy' },
  needs: { logits: true, labels: true },
  notes: [
    'Inferred: both equations, and the weights. The article’s body was not read.',
    'Made for pixels; a classifier has one answer an image.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, labels, parameters: { mix } }) {
    const right = oneHot(ops, labels, student.logits.shape[1]);
    const p = ops.softmax(teacher.logits);
    const trust =
      mix === 'soft'
        ? ops.sum(ops.mul(p, right), 1, true)
        : detached(ops, [teacher.logits], (z) =>
            ops.expandDims(ops.cast(ops.equal(ops.argMax(z, 1), labels), 'float32'), 1),
          );
    const targets = ops.add(ops.mul(trust, p), ops.mul(ops.sub(1, trust), right));
    return ops.neg(ops.mean<tf.Scalar>(ops.sum(ops.mul(targets, ops.logSoftmax(student.logits)), 1)));
  },
});
