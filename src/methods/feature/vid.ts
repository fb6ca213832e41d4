import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { defineMethod, type VariableSpec } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';

/** Keeps the variance away from zero, as in the reference code. */
const EPSILON = 1e-5;

/**
 * Variational information: the teacher's map is a Gaussian around what the student predicts, with a learned variance a channel.
 *
 *     μ  = conv1×1(ReLU(conv1×1(ReLU(conv1×1(F_s)))))                      F: [batch, height, width, channels]
 *     σ² = log(1 + e^α) + 10⁻⁵                                             α: [teacher channels]
 *     L  = Σ_pairs mean ½((F_t − μ)²/σ² + log σ²)
 *
 * The loss can be negative. Source: Ahn et al. 2019, equations 4 to 6, with the regressor of RepDistiller.
 */
export const vid = defineMethod({
  name: 'vid',
  title: 'Variational information distillation',
  knowledge: 'feature',
  summary: 'Predict a teacher layer with a learned variance a channel (Ahn 2019).',
  formula: [
    'μ = regressor(F_student), σ² = softplus(α) + 10⁻⁵',
    'L = Σ_pairs mean ½((F_teacher − μ)²/σ² + log σ²)',
  ].join('\n'),
  papers: [
    {
      title: 'Variational Information Distillation for Knowledge Transfer',
      authors: 'Ahn, Hu, Damianou, Lawrence, Dai',
      where: 'CVPR 2019',
      arxiv: '1904.05835',
    },
  ],
  parameters: object(
    {
      initialVariance: number({
        doc: 'Variance σ² every channel starts from.',
        default: 5,
        minimum: 1e-4,
        maximum: 1e4,
        source: 'RepDistiller',
      }),
    },
    { doc: 'Settings of variational information distillation.' },
  ),
  defaultWeight: { value: 1, source: 'RepDistiller and mdistiller' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'Trained 1×1 convolutions bring the channels to the teacher’s; of two sizes the larger map is average-pooled to the smaller.',
  variables: ({ pairs }, { initialVariance }) =>
    pairs.flatMap(({ teacher, student }, pair) => {
      const [inputs, outputs] = [student[2] ?? 0, teacher[2] ?? 0];
      const kernel = (name: string, from: number): VariableSpec => ({
        name: `pair${pair}/${name}`,
        shape: [1, 1, from, outputs],
        trainable: true,
        initial: { kind: 'uniform', bound: 1 / Math.sqrt(from) }, // PyTorch's default for a convolution
      });
      return [
        kernel('kernel0', inputs),
        kernel('kernel1', outputs),
        kernel('kernel2', outputs),
        {
          name: `pair${pair}/alpha`,
          shape: [outputs],
          trainable: true,
          initial: { kind: 'constant', value: Math.log(Math.expm1(initialVariance - EPSILON)) },
        },
      ];
    }),
  fixtures: [
    {
      method: 'vid',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      variables: {
        'pair0/kernel0': 'vid.regressor.0.weight',
        'pair0/kernel1': 'vid.regressor.2.weight',
        'pair0/kernel2': 'vid.regressor.4.weight',
        'pair0/alpha': 'vid.log_scale',
      },
    },
  ],
  loss(ops, { student, teacher, variables }) {
    const losses = student.maps.map((map, pair) => {
      const [s, t] = [map as tf.Tensor4D, teacher.maps[pair] as tf.Tensor4D];
      const height = Math.min(s.shape[1], t.shape[1]);
      const width = Math.min(s.shape[2], t.shape[2]);
      const conv = (x: tf.Tensor4D, layer: number) =>
        ops.conv2d(x, variables[`pair${pair}/kernel${layer}`] as tf.Tensor4D, 1, 'valid');
      const pooled = adaptiveAveragePool(ops, s, height, width);
      const mean = conv(ops.relu(conv(ops.relu(conv(pooled, 0)), 1)), 2);
      const variance = ops.add(ops.softplus(variables[`pair${pair}/alpha`] as tf.Tensor), EPSILON);
      const difference = ops.sub(mean, adaptiveAveragePool(ops, t, height, width));
      // The variance is one a channel, so that squares are averaged first.
      const error = ops.mean(ops.square(difference), [0, 1, 2]);
      return ops.mean<tf.Scalar>(ops.mul(0.5, ops.add(ops.div(error, variance), ops.log(variance))));
    });
    return ops.addN(losses);
  },
});
