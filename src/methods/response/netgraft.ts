import type * as tf from '@tensorflow/tfjs-core';
import { boolean, choice, object } from '../../schema/field.ts';
import { unit } from '../math.ts';
import { defineMethod } from '../method.ts';

/**
 * Grafting loss: the answer of a network with foreign blocks points where that of the intact one points.
 *
 *     L = Σₙ ‖ z_s / ‖z_s‖ − z_t / ‖z_t‖ ‖² = Σₙ 2 (1 − cos(z_s, z_t))          z: [batch, classes]
 *
 * or, not normalised, the mean of (z_s − z_t)² over all elements. Source: Shen et al. 2021, the authors' code.
 */
export const netgraft = defineMethod({
  name: 'netgraft',
  title: 'Grafting loss',
  knowledge: 'response',
  summary:
    'Bring the direction of the logits to that of the intact teacher, without labels (NetGraft, Shen 2021).',
  formula: 'L = Σₙ ‖ z_student / ‖z_student‖ − z_teacher / ‖z_teacher‖ ‖²',
  papers: [
    {
      title: 'Progressive Network Grafting for Few-Shot Knowledge Distillation',
      authors: 'Shen, Wang, Yin, Song, Luo, Song',
      where: 'AAAI 2021',
      arxiv: '2012.04915',
    },
  ],
  parameters: object(
    {
      normalized: boolean({
        doc: 'Whether each answer is divided by its length; if not, the mean squared difference of the logits.',
        default: true,
        source: 'the authors’ code',
      }),
      reduction: choice(
        { sum: 'The sum over the batch.', mean: 'The mean over the batch.' },
        {
          doc: 'How samples add up, where answers are normalised.',
          default: 'sum',
          source: 'the authors’ code',
        },
      ),
    },
    { doc: 'Settings of the grafting loss.' },
  ),
  defaultWeight: { value: 1, source: 'the authors’ code: the only loss' },
  hardLabelWeight: { value: 0, source: 'the authors’ code: no labels' },
  needs: { logits: true },
  notes: [
    'It belongs to the scheme `grafting`; beside other schemes it is a loss like any other.',
    'Each sample adds 0 (one direction) to 4 (the opposite one), whatever the length of the logits.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, parameters: { normalized, reduction } }) {
    if (!normalized) return ops.mean<tf.Scalar>(ops.squaredDifference(student.logits, teacher.logits));
    const [own, other] = [unit(ops, student.logits, 1), unit(ops, teacher.logits, 1)];
    const distances = ops.sum(ops.squaredDifference(own, other), 1);
    return reduction === 'sum' ? ops.sum<tf.Scalar>(distances) : ops.mean<tf.Scalar>(distances);
  },
});
