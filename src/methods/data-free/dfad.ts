import type * as tf from '@tensorflow/tfjs-core';
import { choice, object } from '../../schema/field.ts';
import { defineGeneratorLoss } from './generator-loss.ts';

/**
 * Data-free adversarial distillation: samples on which student and teacher differ most.
 *
 *     D = 1/(N·K) · Σₙ Σₖ |z_s − z_t|                        z: [batch, classes]
 *     L = −D,  or −log(D + 1), which does not run away
 *
 * The student minimises D on the same samples (logitsL1). Source: Fang et al. 2019, section 3; the authors' code takes the first
 * form for classification and the second for segmentation.
 */
export const dfad = defineGeneratorLoss({
  name: 'dfad',
  title: 'Data-free adversarial distillation',
  summary: 'Samples on which student and teacher differ most (Fang 2019).',
  formula: ['D = 1/(N·K) · Σₙ Σₖ |z_student − z_teacher|', 'L = −D, or −log(D + 1)'].join('\n'),
  papers: [
    {
      title: 'Data-Free Adversarial Distillation',
      authors: 'Fang, Song, Shen, Wang, Chen, Song',
      where: '2019',
      arxiv: '1912.11006',
    },
  ],
  parameters: object(
    {
      form: choice(
        { plain: '−D', logarithm: '−log(D + 1): its pull fades as the two differ' },
        {
          doc: 'How the discrepancy counts.',
          default: 'plain',
          source: 'the authors’ code: plain for classification, logarithm for segmentation',
        },
      ),
    },
    { doc: 'Settings of the generator’s loss.' },
  ),
  readsStudent: true,
  studentLoss: { method: 'logitsL1', parameters: {}, source: 'Fang et al. 2019: the student minimises D' },
  recipe: {
    latent: 256,
    studentSteps: 5,
    generatorSteps: 1,
    source: 'the authors’ CIFAR code: 50 rounds an epoch, 256 samples each',
  },
  fixtures: [],
  loss(ops, { student, teacher, parameters: { form } }) {
    const discrepancy = ops.mean<tf.Scalar>(ops.abs(ops.sub(student.logits, teacher.logits)));
    return ops.neg(form === 'plain' ? discrepancy : ops.log(ops.add(discrepancy, 1)));
  },
});
