import type * as tf from '@tensorflow/tfjs-core';
import { integer, number, object } from '../../schema/field.ts';
import { flatten, unit } from '../math.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { defineMethod, type Ops } from '../method.ts';

const PAPERS = [
  {
    title: 'Correlation Congruence for Knowledge Distillation',
    authors: 'Peng, Jin, Liu, Zhou, Wu, Liu, Li, Zhang',
    where: 'ICCV 2019',
    arxiv: '1904.01802',
  },
] as const;
const FIXTURE_SIDES = { student: { maps: 'feat_student' }, teacher: { maps: 'feat_teacher' } } as const;

/**
 * Correlation congruence, in the short form of the public recipes: differences of neighbouring samples agree.
 *
 *     δᵢ = |E_s f_s,ᵢ − E_t f_t,ᵢ|                       E: trained linear embeddings with bias, to [batch, dimensions]
 *     L  = Σ_pairs 1/(N − 1) · Σᵢ Σ_c δᵢ,c · δᵢ₊₁,c
 *
 * The value depends on the order of the samples. Source: RepDistiller's `CC`, a simplification by the authors; the
 * paper's own form is `ccKernel`.
 */
export const cc = defineMethod({
  name: 'cc',
  title: 'Correlation congruence',
  knowledge: 'relation',
  summary: 'Correlation congruence between neighbouring samples, short form (Peng 2019).',
  formula: ['δᵢ = |E_student f_student − E_teacher f_teacher|', 'L = Σ_pairs 1/(N−1) · Σᵢ δᵢ · δᵢ₊₁'].join(
    '\n',
  ),
  papers: PAPERS,
  parameters: object(
    {
      dimensions: integer({
        doc: 'Size of the embeddings.',
        default: 128,
        minimum: 1,
        maximum: 4096,
        source: 'RepDistiller',
      }),
    },
    { doc: 'Settings of correlation congruence.' },
  ),
  defaultWeight: { value: 0.02, source: 'RepDistiller' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'any' } },
  mismatch: 'Trained linear embeddings bring both sides to one size.',
  notes: ['Both embeddings are trained, the teacher’s too, which allows them to collapse; watch the term.'],
  variables: ({ pairs }, { dimensions }) =>
    pairs.flatMap((shapes, pair) =>
      (['student', 'teacher'] as const).flatMap((side) => {
        const features = shapes[side].reduce((product, size) => product * size, 1);
        return linearVariables(`pair${pair}/${side}`, features, dimensions);
      }),
    ),
  fixtures: [
    {
      method: 'cc',
      ...FIXTURE_SIDES,
      parameters: { dimensions: 'feat_dim' },
      variables: {
        'pair0/student/kernel': 'embed_s.linear.weight',
        'pair0/student/bias': 'embed_s.linear.bias',
        'pair0/teacher/kernel': 'embed_t.linear.weight',
        'pair0/teacher/bias': 'embed_t.linear.bias',
      },
    },
  ],
  loss(ops, { student, teacher, variables }) {
    const losses = student.maps.map((map, pair) => {
      const embed = (side: 'student' | 'teacher', x: tf.Tensor) =>
        linear(ops, variables, `pair${pair}/${side}`, flatten(ops, x));
      const delta = ops.abs(
        ops.sub(embed('student', map), embed('teacher', teacher.maps[pair] as tf.Tensor)),
      );
      const [samples, dimensions] = delta.shape as [number, number];
      const first = ops.slice(delta, [0, 0], [samples - 1, dimensions]);
      const next = ops.slice(delta, [1, 0], [samples - 1, dimensions]);
      return ops.mean<tf.Scalar>(ops.sum(ops.mul(first, next), 1));
    });
    return ops.addN(losses);
  },
});

/**
 * Correlation congruence in the paper's form: kernel matrices of the batch agree.
 *
 *     Kᵢⱼ = Σ_{p=0..P} e^(−2γ) · (2γ)^p / p! · (f̂ᵢ · f̂ⱼ)^p            f̂: rows of length 1, [batch, features]
 *     L   = Σ_pairs 1/N² · ‖K_s − K_t‖²_F
 *
 * The sum is the Taylor expansion of the Gaussian kernel e^(−γ‖f̂ᵢ − f̂ⱼ‖²). Source: Peng et al. 2019, equations 7 and 12.
 */
export const ccKernel = defineMethod({
  name: 'ccKernel',
  title: 'Correlation congruence, kernel form',
  knowledge: 'relation',
  summary: 'Keep a Gaussian-kernel correlation matrix of the batch (Peng 2019).',
  formula: [
    'Kᵢⱼ = Σ_p e^(−2γ) · (2γ)^p / p! · (f̂ᵢ · f̂ⱼ)^p',
    'L = Σ_pairs 1/N² · ‖K_student − K_teacher‖²',
  ].join('\n'),
  papers: PAPERS,
  parameters: object(
    {
      gamma: number({
        doc: 'Width γ of the Gaussian kernel.',
        default: 0.4,
        exclusiveMinimum: 0,
        maximum: 100,
        source: 'Peng et al. 2019, section 4.1',
      }),
      order: integer({
        doc: 'Order P at which the expansion stops.',
        default: 2,
        minimum: 1,
        maximum: 10,
        source: 'Peng et al. 2019, section 4.1',
      }),
    },
    { doc: 'Settings of the kernel form.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: the paper gives none for this form alone' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'any' } },
  mismatch: 'Shapes may differ: only correlations between samples are compared.',
  fixtures: [{ method: 'cc_kernel', ...FIXTURE_SIDES, parameters: { gamma: 'gamma', order: 'P_order' } }],
  loss(ops, { student, teacher, parameters: { gamma, order } }) {
    const losses = student.maps.map((map, pair) => {
      const s = kernelMatrix(ops, map, gamma, order);
      const t = kernelMatrix(ops, teacher.maps[pair] as tf.Tensor, gamma, order);
      return ops.mean<tf.Scalar>(ops.squaredDifference(s, t));
    });
    return ops.addN(losses);
  },
});

function kernelMatrix(ops: Ops, map: tf.Tensor, gamma: number, order: number): tf.Tensor {
  const rows = unit(ops, flatten(ops, map), 1);
  const cosines = ops.matMul(rows, rows, false, true);
  let power: tf.Tensor = ops.onesLike(cosines);
  let coefficient = Math.exp(-2 * gamma);
  let sum: tf.Tensor = ops.mul(power, coefficient);
  for (let p = 1; p <= order; p++) {
    power = ops.mul(power, cosines);
    coefficient *= (2 * gamma) / p;
    sum = ops.add(sum, ops.mul(power, coefficient));
  }
  return sum;
}
