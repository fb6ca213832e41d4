import type * as tf from '@tensorflow/tfjs-core';
import { integer, number, object } from '../../schema/field.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { detached, flatten, unit } from '../math.ts';
import { defineMethod, type LossContext, type Ops } from '../method.ts';

/** Keeps the logarithms finite, as in the reference code. */
const EPSILON = 1e-7;

/** A normaliser that has not seen a batch yet. */
const UNSET = -1;

/**
 * Contrastive representation distillation: an embedded sample is told by its own embedding on the other side from those
 * of other samples, which a memory holds.
 *
 *     v      = unit(W f + b)                                                     f: [batch, features], v: [batch, dimensions]
 *     g_k    = exp(M[i_k] · v / τ) / Z,  i_0 the sample itself, i_1 … i_K samples of other classes
 *     L_v    = −1/N · Σₙ (log g₀ / (g₀ + K/n + ε) + Σ_k log (K/n) / (g_k + K/n + ε))
 *     L      = L of the student's v among the teacher's M + L of the teacher's v among the student's M
 *     M[i]  ← unit(m · M[i] + (1 − m) · v)                                        n: samples of the training split
 *
 * Z is the mean of the first batch times n, and stays. The teacher's embedding is trained too. While validating, a sample has
 * no row in the memories: the other side's embedding stands for it. Source: Tian et al. 2020, section 3.1, in the form
 * of RepDistiller.
 */
export const crd = defineMethod({
  name: 'crd',
  title: 'Contrastive representation distillation',
  knowledge: 'feature',
  summary: 'Tell a sample by its embedding on the other side from many others in memory (Tian 2020).',
  formula: [
    'v = unit(W f + b),  g_k = exp(M[i_k] · v / τ) / Z,  i₀ the sample, i₁ … i_K of other classes',
    'L = −1/N · Σₙ (log g₀/(g₀ + K/n) + Σ_k log (K/n)/(g_k + K/n)),  for the student’s v and for the teacher’s',
  ].join('\n'),
  papers: [
    {
      title: 'Contrastive Representation Distillation',
      authors: 'Tian, Krishnan, Isola',
      where: 'ICLR 2020',
      arxiv: '1910.10699',
    },
  ],
  parameters: object(
    {
      negatives: integer({
        doc: 'How many samples of other classes each sample is told from, K.',
        default: 1024,
        minimum: 1,
        maximum: 65536,
        source: 'inferred for a CPU; RepDistiller takes 16384 on a GPU',
      }),
      dimensions: integer({
        doc: 'Size of the embeddings.',
        default: 128,
        minimum: 1,
        maximum: 4096,
        source: 'Tian et al. 2020, section 4; RepDistiller',
      }),
      temperature: number({
        doc: 'τ, which divides the products.',
        default: 0.07,
        exclusiveMinimum: 0,
        maximum: 100,
        source: 'RepDistiller',
      }),
      momentum: number({
        doc: 'Share m of the old row in the new one.',
        default: 0.5,
        minimum: 0,
        exclusiveMaximum: 1,
        source: 'RepDistiller',
      }),
    },
    { doc: 'Settings of contrastive distillation.' },
  ),
  defaultWeight: { value: 0.8, source: 'RepDistiller' },
  needs: { indices: true, labels: true, pairs: { minimum: 1, maximum: 4, rank: 'any' } },
  mismatch: 'Trained linear embeddings bring both sides to one size.',
  notes: [
    'The memories take 8 bytes a sample and dimension: 61 MB for 60,000 samples of 128.',
    'The recipes name the pooled embedding, the layer before the classifier.',
  ],
  variables: ({ pairs, samples }, { dimensions }) =>
    pairs.flatMap((shapes, pair) =>
      SIDES.flatMap((side) => {
        const features = shapes[side].reduce((product, size) => product * size, 1);
        return [
          ...linearVariables(`pair${pair}/${side}`, features, dimensions),
          {
            name: `pair${pair}/${side}/memory`,
            shape: [samples, dimensions],
            trainable: false,
            initial: { kind: 'uniform', bound: Math.sqrt(3 / dimensions) },
          },
          {
            name: `pair${pair}/${side}/normaliser`,
            shape: [],
            trainable: false,
            initial: { kind: 'constant', value: UNSET },
          },
        ] as const;
      }),
    ),
  draws: ({ negatives }) => [{ name: 'negatives', count: negatives, kind: 'otherClass' }],
  fixtures: [
    {
      method: 'crd',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      indices: 'idx',
      samples: 'n_data',
      draws: { negatives: { table: 'contrast_idx', from: 1 } },
      parameters: {
        negatives: 'K',
        dimensions: 'feat_dim',
        temperature: 'temperature',
        momentum: 'momentum',
      },
      variables: {
        'pair0/student/kernel': 'crd.embed_s.linear.weight',
        'pair0/student/bias': 'crd.embed_s.linear.bias',
        'pair0/student/memory': 'memory_v1',
        'pair0/student/normaliser': 'Z_s',
        'pair0/teacher/kernel': 'crd.embed_t.linear.weight',
        'pair0/teacher/bias': 'crd.embed_t.linear.bias',
        'pair0/teacher/memory': 'memory_v2',
        'pair0/teacher/normaliser': 'Z_t',
      },
    },
  ],
  loss(ops, context) {
    const { student, teacher, variables, training } = context;
    const { temperature, momentum } = context.parameters;
    const losses = student.maps.flatMap((map, pair) => {
      const prefix = `pair${pair}`;
      const maps = { student: map, teacher: teacher.maps[pair] as tf.Tensor };
      const embedded = (side: Side) => {
        const x = linear(ops, variables, `${prefix}/${side}`, flatten(ops, maps[side]));
        return unit(ops, x, 1);
      };
      const v = { student: embedded('student'), teacher: embedded('teacher') };
      const anchors = SIDES.map((side) => contrast(ops, context, temperature, prefix, side, v));
      if (training)
        for (const side of SIDES) remember(ops, context, momentum, `${prefix}/${side}/memory`, v[side]);
      return anchors;
    });
    return ops.addN(losses);
  },
});

const SIDES = ['student', 'teacher'] as const;
type Side = (typeof SIDES)[number];

/** The loss of one side's embeddings among the other side's memory. */
function contrast<S>(
  ops: Ops,
  context: LossContext<S>,
  temperature: number,
  prefix: string,
  side: Side,
  v: Readonly<Record<Side, tf.Tensor2D>>,
): tf.Scalar {
  const { indices, draws, training } = context;
  const other: Side = side === 'student' ? 'teacher' : 'student';
  const memory = context.variables[`${prefix}/${other}/memory`] as tf.Tensor2D;
  const negatives = draws['negatives'] as tf.Tensor2D;
  const samples = memory.shape[0];
  const [, count] = negatives.shape;
  const own = training ? ops.gather(memory, indices) : detached(ops, [v[other]], (x) => ops.clone(x));
  const others = ops.gather(memory, negatives);
  const products = ops.concat(
    [
      ops.sum(ops.mul(v[side], own), 1, true),
      ops.reshape(ops.matMul(others, ops.expandDims(v[side], 2)), negatives.shape),
    ],
    1,
  );
  const scores = ops.exp(ops.div(products, temperature));
  const normaliser = `${prefix}/${side}/normaliser`;
  const stored = context.variables[normaliser] as tf.Scalar;
  const z = detached(ops, [scores, stored], (now, held) =>
    ops.where(ops.greater(held, 0), held, ops.mul(ops.mean(now), samples)),
  );
  if (training) context.update(normaliser, z);
  const g = ops.div(scores, z);
  const noise = count / samples;
  const logs = ops.log(ops.add(g, noise + EPSILON));
  const positive = ops.log(ops.slice(g, [0, 0], [-1, 1]));
  const sums = ops.sub(ops.add(ops.sum(positive), Math.log(noise) * count * indices.size), ops.sum(logs));
  return ops.neg(ops.div(sums, indices.size));
}

/** Rows of the batch move towards the new embeddings, by `m`, and keep length 1; all others stay as they are. */
function remember<S>(
  ops: Ops,
  context: LossContext<S>,
  momentum: number,
  name: string,
  v: tf.Tensor2D,
): void {
  const { indices, update } = context;
  const memory = context.variables[name] as tf.Tensor2D;
  const old = ops.gather(memory, indices);
  const mixed = ops.add(ops.mul(old, momentum), ops.mul(v, 1 - momentum));
  const rows = unit(ops, mixed, 1);
  const at = ops.reshape(indices, [indices.size, 1]);
  const written = ops.scatterND(at, ops.onesLike(rows), memory.shape);
  update(name, ops.add(ops.mul(memory, ops.sub(1, written)), ops.scatterND(at, rows, memory.shape)));
}
