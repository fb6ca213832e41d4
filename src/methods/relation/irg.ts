import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { adaptiveAveragePool, poolChannels } from '../feature/adaptive-pooling.ts';
import { flatten, largest, squaredDistances } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

/**
 * Instance relationship graph: samples as vertices, their distances as edges, and how both move from layer to layer.
 *
 *     vertices    mean (z_s − z_t)²                                                     z: [batch, classes]
 *     edges       mean over layers of mean (D_s − D_t)²,  D = squared distances / their maximum     [batch, batch]
 *     transitions mean (v_s − v_t)²,  v = squared distance of a sample between two layers / its maximum     [batch]
 *     L = λ_v · vertices + λ_e · edges + λ_t · transitions
 *
 * `pairs` lists layers in order; transitions compare neighbouring maps. The earlier map is average-pooled, and of the map with
 * more channels adjacent ones are averaged. Gradients flow through the maxima. Source: Liu et
 * al. 2019, equations 4 to 9, in the form of Knowledge-Distillation-Zoo.
 */
export const irg = defineMethod({
  name: 'irg',
  title: 'Instance relationship graph',
  knowledge: 'relation',
  summary: 'Match samples, their distances and how they move from layer to layer (Liu 2019).',
  formula: [
    'vertices = mean (z_student − z_teacher)²',
    'edges = mean (D_student − D_teacher)², D = squared distances / maximum',
    'transitions = mean (v_student − v_teacher)², v = squared way between two layers / maximum',
    'L = λ_v · vertices + λ_e · edges + λ_t · transitions',
  ].join('\n'),
  papers: [
    {
      title: 'Knowledge Distillation via Instance Relationship Graph',
      authors: 'Liu, Cao, Li, Yuan, Hu, Li, Duan',
      where: 'CVPR 2019',
    },
  ],
  parameters: object(
    {
      vertexWeight: number({
        doc: 'Weight λ_v of the logits.',
        default: 0.1,
        minimum: 0,
        schedulable: true,
        source: 'Knowledge-Distillation-Zoo',
      }),
      edgeWeight: number({
        doc: 'Weight λ_e of the distances.',
        default: 5,
        minimum: 0,
        schedulable: true,
        source: 'Knowledge-Distillation-Zoo',
      }),
      transitionWeight: number({
        doc: 'Weight λ_t of the ways between layers.',
        default: 5,
        minimum: 0,
        schedulable: true,
        source: 'Knowledge-Distillation-Zoo',
      }),
    },
    { doc: 'Settings of the relationship graph.' },
  ),
  defaultWeight: { value: 1, source: 'Knowledge-Distillation-Zoo' },
  needs: { logits: true, pairs: { minimum: 2, maximum: 16, rank: 'any' } },
  mismatch:
    'Shapes of teacher and student may differ: only distances between samples and layers are compared.',
  fixtures: [
    {
      method: 'irg',
      student: { logits: 'logits_student', maps: ['fm1_student', 'fm2_student', 'feat_student'] },
      teacher: { logits: 'logits_teacher', maps: ['fm1_teacher', 'fm2_teacher', 'feat_teacher'] },
      parameters: { vertexWeight: 'w_vert', edgeWeight: 'w_edge', transitionWeight: 'w_tran' },
    },
  ],
  loss(ops, { student, teacher, parameters: { vertexWeight, edgeWeight, transitionWeight } }) {
    const vertices = ops.mean(ops.squaredDifference(student.logits, teacher.logits));
    const edges = meanOfDifferences(
      ops,
      student.maps.map((map) => edgesOf(ops, map)),
      teacher.maps.map((map) => edgesOf(ops, map)),
    );
    const transitions = meanOfDifferences(ops, waysOf(ops, student.maps), waysOf(ops, teacher.maps));
    return ops.addN<tf.Scalar>([
      ops.mul(vertexWeight, vertices),
      ops.mul(edgeWeight, edges),
      ops.mul(transitionWeight, transitions),
    ]);
  },
});

function meanOfDifferences(
  ops: Ops,
  students: readonly tf.Tensor[],
  teachers: readonly tf.Tensor[],
): tf.Tensor {
  if (students.length === 0) return ops.scalar(0);
  const losses = students.map((s, i) => ops.mean(ops.squaredDifference(s, teachers[i] as tf.Tensor)));
  return ops.div(ops.addN(losses), losses.length);
}

function edgesOf(ops: Ops, map: tf.Tensor): tf.Tensor {
  const distances = ops.relu(squaredDistances(ops, flatten(ops, map)));
  return overLargest(ops, distances);
}

/** One `[batch]` for each two neighbouring maps that both have height and width. */
function waysOf(ops: Ops, maps: readonly tf.Tensor[]): readonly tf.Tensor[] {
  return maps.slice(1).flatMap((later, i) => {
    const earlier = maps[i] as tf.Tensor;
    return earlier.rank === 4 && later.rank === 4
      ? [wayBetween(ops, earlier as tf.Tensor4D, later as tf.Tensor4D)]
      : [];
  });
}

function wayBetween(ops: Ops, earlier: tf.Tensor4D, later: tf.Tensor4D): tf.Tensor {
  const [, height, width] = later.shape;
  const pooled = adaptiveAveragePool(ops, earlier, height, width);
  const channels = Math.min(earlier.shape[3], later.shape[3]);
  const [from, to] = [poolChannels(ops, pooled, channels), poolChannels(ops, later, channels)];
  const ways = ops.mean(ops.squaredDifference(from, to), [1, 2, 3]);
  return overLargest(ops, ways);
}

/** Scaled to a maximum of 1; all zeros stay zeros. */
function overLargest(ops: Ops, x: tf.Tensor): tf.Tensor {
  return ops.div(x, ops.maximum(largest(ops, x), 1e-12));
}
