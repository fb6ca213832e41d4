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
  const score = (products: tf.Tensor) => ops.exp(ops.div(products, temperature));
  const positives = score(ops.sum(ops.mul(v[side], own), 1, true));
  const { products, counts } = among(ops, v[side], memory, negatives);
  const others = score(products);
  const sumOf = (x: tf.Tensor) => ops.sum<tf.Scalar>(counts === null ? x : ops.mul(counts, x));
  const normaliser = `${prefix}/${side}/normaliser`;
  const stored = context.variables[normaliser] as tf.Scalar;
  const z = detached(ops, [positives, others, stored], (near, far, held) => {
    const mean = ops.div(ops.add(ops.sum(near), sumOf(far)), negatives.size + indices.size);
    return ops.where(ops.greater(held, 0), held, ops.mul(mean, samples));
  });
  if (training) context.update(normaliser, z);
  const noise = count / samples;
  const logOf = (g: tf.Tensor) => ops.log(ops.add(g, noise + EPSILON));
  const [near, far] = [ops.div(positives, z), ops.div(others, z)];
  const logs = ops.add(ops.sum(logOf(near)), sumOf(logOf(far)));
  const sums = ops.sub(ops.add(ops.sum(ops.log(near)), Math.log(noise) * count * indices.size), logs);
  return ops.neg(ops.div(sums, indices.size));
}

/** Up to so many samples of the memory for each negative, products with all of them are cheaper than rows of the negatives. */
const SAMPLES_A_NEGATIVE = 16;

/**
 * Products of embeddings with the negatives' rows of a memory, `[batch, negatives]`; or with all of its rows, `[batch, samples]`, beside
 * how often each of them is a negative of the sample.
 */
function among(
  ops: Ops,
  v: tf.Tensor2D,
  memory: tf.Tensor2D,
  negatives: tf.Tensor2D,
): { readonly products: tf.Tensor; readonly counts: tf.Tensor | null } {
  const [batch, count] = negatives.shape;
  const [samples] = memory.shape;
  if (samples > SAMPLES_A_NEGATIVE * count) {
    const products = ops.matMul(ops.gather(memory, negatives), ops.expandDims(v, 2));
    return { products: ops.reshape(products, negatives.shape), counts: null };
  }
  const starts = ops.reshape(ops.range(0, batch * samples, samples, 'int32'), [batch, 1]);
  const places = ops.reshape(ops.add(negatives, starts), [batch * count, 1]);
  const hits = ops.scatterND(places, ops.ones([batch * count]), [batch * samples]);
  return { products: ops.matMul(v, memory, false, true), counts: ops.reshape(hits, [batch, samples]) };
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
  update(name, ops.tensorScatterUpdate(memory, at, rows));
}
