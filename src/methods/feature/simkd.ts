import type * as tf from '@tensorflow/tfjs-core';
import { integer, object } from '../../schema/field.ts';
import { defineMethod, type LossContext, type Ops, type VariableSpec } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

/**
 * Reuse of the teacher's classifier: the student learns the teacher's last map alone, and answers by the teacher's classifier.
 *
 *     P(F) = three times ReLU(batchNorm(conv)), 1×1 to C_t/f, 3×3, 1×1 to C_t          F: [batch, height, width, channels]
 *     L    = mean (P(F_s) − F_t)²
 *     z    = C · mean over space of P(F_s) + c                                       C, c: the teacher's classifier, frozen
 *
 * The larger map is average-pooled to the smaller first. Source: Chen et al. 2022, section 3, in the form of the authors' code.
 */
export const simkd = defineMethod({
  name: 'simkd',
  title: 'Reuse of the teacher’s classifier',
  knowledge: 'feature',
  summary: 'Learn the teacher’s last map and answer with the teacher’s own classifier (Chen 2022).',
  formula: [
    'P(F) = three times ReLU(batchNorm(conv)), 1×1, 3×3, 1×1',
    'L = mean (P(F_student) − F_teacher)²',
    'z_student = classifier_teacher(mean over space of P(F_student))',
  ].join('\n'),
  papers: [
    {
      title: 'Knowledge Distillation with the Reused Teacher Classifier',
      authors: 'Chen, Mei, Zhang, Wang, Feng, Chen',
      where: 'CVPR 2022',
      arxiv: '2203.14001',
    },
  ],
  parameters: object(
    {
      reduction: integer({
        doc: 'f: the projector works in 1/f of the teacher’s channels.',
        default: 2,
        minimum: 1,
        maximum: 64,
        source: 'Chen et al. 2022, section 4; the authors’ code',
      }),
    },
    { doc: 'Settings of the projector.' },
  ),
  defaultWeight: { value: 1, source: 'the authors’ code' },
  hardLabelWeight: { value: 0, source: 'the authors’ code: no labels and no soft targets' },
  needs: { teacherWeights: 'classifier', pairs: { minimum: 1, maximum: 1, rank: 'map' } },
  mismatch:
    'The projector brings channels to the teacher’s; of two sizes the larger map is average-pooled to the smaller.',
  notes: [
    'The layers are the last maps, from which both networks take the mean over space.',
    'The projector and the teacher’s classifier belong to the student from then on: accuracy is measured through them.',
    'The student’s own classifier is neither trained nor used.',
  ],
  variables: ({ pairs: [pair] }, { reduction }) => {
    const [inputs, outputs] = [pair?.student[2] ?? 1, pair?.teacher[2] ?? 1];
    const width = Math.max(1, Math.floor(outputs / reduction));
    return [
      ...layerVariables('reduce', 1, inputs, width),
      ...layerVariables('spread', 3, width, width),
      ...layerVariables('restore', 1, width, outputs),
    ];
  },
  fixtures: [
    {
      method: 'simkd',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      teacherWeights: () => ({
        'classifier/kernel': 'teacher_classifier.fc.weight',
        'classifier/bias': 'teacher_classifier.fc.bias',
      }),
      parameters: { reduction: 'factor' },
      variables: {
        'reduce/kernel': 'simkd.transfer.0.weight',
        'reduce/scale': 'simkd.transfer.1.weight',
        'reduce/offset': 'simkd.transfer.1.bias',
        'spread/kernel': 'simkd.transfer.3.weight',
        'spread/scale': 'simkd.transfer.4.weight',
        'spread/offset': 'simkd.transfer.4.bias',
        'restore/kernel': 'simkd.transfer.6.weight',
        'restore/scale': 'simkd.transfer.7.weight',
        'restore/offset': 'simkd.transfer.7.bias',
      },
    },
  ],
  loss(ops, context) {
    const target = context.teacher.maps[0] as tf.Tensor4D;
    const projected = project(ops, context, target.shape.slice(1));
    const [, height, width] = projected.shape;
    return ops.mean(ops.squaredDifference(projected, adaptiveAveragePool(ops, target, height, width)));
  },
  answer(ops, context) {
    const projected = project(ops, context, context.pairs[0]?.teacher ?? []);
    const embedding = ops.mean<tf.Tensor2D>(projected, [1, 2]);
    const products = ops.matMul(embedding, context.teacherWeights['classifier/kernel'] as tf.Tensor2D);
    return ops.add(products, context.teacherWeights['classifier/bias'] as tf.Tensor);
  },
});

/** The student's map with the teacher's channels, no larger than the teacher's. */
function project<S>(
  ops: Ops,
  context: Pick<LossContext<S>, 'student' | 'variables' | 'training' | 'update'>,
  [teacherHeight = 1, teacherWidth = 1]: readonly number[],
): tf.Tensor4D {
  const map = context.student.maps[0] as tf.Tensor4D;
  const size = [Math.min(map.shape[1], teacherHeight), Math.min(map.shape[2], teacherWidth)] as const;
  const layer = (x: tf.Tensor4D, name: string) => {
    const kernel = context.variables[`${name}/kernel`] as tf.Tensor4D;
    return ops.relu(batchNorm(ops, context, name, ops.conv2d(x, kernel, 1, 'same')));
  };
  const pooled = adaptiveAveragePool(ops, map, ...size);
  return layer(layer(layer(pooled, 'reduce'), 'spread'), 'restore');
}

function layerVariables(
  name: string,
  size: number,
  inputs: number,
  outputs: number,
): readonly VariableSpec[] {
  return [
    {
      name: `${name}/kernel`,
      shape: [size, size, inputs, outputs],
      trainable: true,
      initial: { kind: 'normal', deviation: Math.sqrt(2 / (size * size * outputs)) }, // the reference's: He's, by fan-out
    },
    ...batchNormVariables(name, outputs),
  ];
}
