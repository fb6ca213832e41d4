import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { flatten } from '../math.ts';
import { defineMethod } from '../method.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

/**
 * Softmax regression: the student's features, brought to the teacher's, shall mean the same to the teacher's classifier.
 *
 *     p = ReLU(batchNorm(W f_s))                                            f: [batch, features]
 *     L = mean (p − f_t)² + mean (C p + c − z_t)²                           C, c: the teacher's classifier, z: [batch, classes]
 *
 * Source: Yang et al. 2021, section 3, in the form of the SimKD repository.
 */
export const srrl = defineMethod({
  name: 'srrl',
  title: 'Softmax regression representation learning',
  knowledge: 'feature',
  summary: 'Match the embedding, and what the teacher’s own classifier makes of it (Yang 2021).',
  formula: [
    'p = ReLU(batchNorm(W f_student))',
    'L = mean (p − f_teacher)² + mean (classifier_teacher(p) − z_teacher)²',
  ].join('\n'),
  papers: [
    {
      title: 'Knowledge Distillation via Softmax Regression Representation Learning',
      authors: 'Yang, Martinez, Bulat, Tzimiropoulos',
      where: 'ICLR 2021',
    },
  ],
  parameters: object({}, { doc: 'Softmax regression has no settings of its own.' }),
  defaultWeight: { value: 1, source: 'the SimKD repository' },
  needs: { logits: true, teacherWeights: 'classifier', pairs: { minimum: 1, maximum: 1, rank: 'vector' } },
  mismatch: 'A trained projection brings the student’s embedding to the size of the teacher’s.',
  notes: ['The teacher’s layer is the one its classifier reads: its embedding.'],
  variables: ({ pairs }) =>
    pairs.flatMap(({ teacher: [outputs = 1], student: [inputs = 1] }, pair) => [
      {
        name: `pair${pair}/kernel`,
        shape: [1, 1, inputs, outputs],
        trainable: true,
        initial: { kind: 'normal', deviation: Math.sqrt(2 / outputs) }, // the reference's: He's, by fan-out
      },
      ...batchNormVariables(`pair${pair}`, outputs),
    ]),
  fixtures: [
    {
      method: 'srrl',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher', logits: 'logits_teacher' },
      teacherWeights: () => ({
        'classifier/kernel': 'teacher_classifier.fc.weight',
        'classifier/bias': 'teacher_classifier.fc.bias',
      }),
      variables: {
        'pair0/kernel': 'srrl.transfer.0.weight',
        'pair0/scale': 'srrl.transfer.1.weight',
        'pair0/offset': 'srrl.transfer.1.bias',
      },
    },
  ],
  loss(ops, context) {
    const { student, teacher, variables, teacherWeights } = context;
    const losses = student.maps.map((map, pair) => {
      const target = flatten(ops, teacher.maps[pair] as tf.Tensor);
      const rows = flatten(ops, map);
      const kernel: tf.Tensor2D = ops.reshape(variables[`pair${pair}/kernel`] as tf.Tensor, [
        rows.shape[1],
        target.shape[1],
      ]);
      const projected = ops.relu(batchNorm(ops, context, `pair${pair}`, ops.matMul(rows, kernel)));
      const products = ops.matMul(projected, teacherWeights['classifier/kernel'] as tf.Tensor2D);
      const answers = ops.add(products, teacherWeights['classifier/bias'] as tf.Tensor);
      return ops.add<tf.Scalar>(
        ops.mean(ops.squaredDifference(projected, target)),
        ops.mean(ops.squaredDifference(answers, teacher.logits)),
      );
    });
    return ops.addN(losses);
  },
});
