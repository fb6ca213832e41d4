import type * as tf from '@tensorflow/tfjs-core';
import { integer, list, number, object } from '../../schema/field.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { divergence, meanOverSpace, oneHot, softenedLog } from '../math.ts';
import { defineMethod } from '../method.ts';

const PAPERS = [
  {
    title: 'KDExplainer: A Task-oriented Attention Model for Explaining Knowledge Distillation',
    authors: 'Xue, Song, Wang, Chen, Wang, Song',
    where: 'IJCAI 2021',
    arxiv: '2105.04181',
  },
] as const;

const LAYERS = { minimum: 1, maximum: 16, rank: 'any' } as const;

/** A weight among all cross-entropies that a batch of labels outside every cluster cannot divide by zero with. */
const SMALLEST_MASS = 1e-12;

/**
 * Middle-class loss: a linear classifier on each chosen layer of the student learns the teacher's answer.
 *
 *     s_l = W_l · mean over space of F_l + b_l                    F: [batch, height, width, channels], s, t: [batch, classes]
 *     L   = Σ_l T_l² · 1/N · Σₙ KL(softmax(t / T_l) ‖ softmax(s_l / T_l))
 *
 * Source: Xue et al. 2021, in the form of the authors' code.
 */
export const kdexplainerMidcls = defineMethod({
  name: 'kdexplainerMidcls',
  title: 'Middle-class loss',
  knowledge: 'response',
  summary: 'Linear classifiers on layers of the student learn the teacher’s answer (Xue 2021).',
  formula: [
    's_l = W_l · mean over space of F_l + b_l',
    'L = Σ_l T_l² · 1/N · Σₙ KL(softmax(z_teacher / T_l) ‖ softmax(s_l / T_l))',
  ].join('\n'),
  papers: PAPERS,
  parameters: object(
    {
      temperatures: list(
        number({ doc: 'Softens both distributions of a layer.', exclusiveMinimum: 0, maximum: 1000 }),
        {
          doc: 'Temperatures T_l in the order of the layers; the last stands for all further ones.',
          default: [4],
          minimumLength: 1,
          maximumLength: LAYERS.maximum,
          source: 'the authors’ code: 4 for answers',
        },
      ),
    },
    { doc: 'Settings of the classifiers.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: the weight of hard labels' },
  needs: { logits: true, layers: LAYERS },
  notes: ['The classifiers serve training alone; the student’s own answer is unchanged.'],
  variables: ({ layers, classes }) =>
    layers.flatMap((shape, l) => linearVariables(`layer${l}`, shape.at(-1) ?? 1, classes)),
  fixtures: [
    {
      method: 'kdexplainer_midcls',
      student: { maps: 'feats_student' },
      teacher: { logits: 'logits_teacher' },
      parameters: { temperatures: (given) => byLayer(given['layer_temperature']) },
      variables: (layers) => headNames(layers, 'mid.layer_classifier'),
    },
  ],
  loss(ops, { student, teacher, variables, parameters: { temperatures } }) {
    const losses = student.maps.map((map, l) => {
      const t = temperatures[Math.min(l, temperatures.length - 1)] ?? 1;
      const answers = linear(ops, variables, `layer${l}`, meanOverSpace(ops, map));
      const soft = divergence(ops, softenedLog(ops, teacher.logits, t), softenedLog(ops, answers, t));
      return ops.mul<tf.Scalar>(soft, t * t);
    });
    return ops.addN(losses);
  },
});

type Clusters = readonly (readonly number[])[];

/**
 * Hierarchical loss: a linear classifier on each chosen layer tells groups of classes apart, coarse ones early and finer
 * ones later.
 *
 *     s_l = W_l · mean over space of F_l + b_l                    F: [batch, height, width, channels], s_l: [batch, clusters of l]
 *     L   = Σ_l Σₙ w_c(n) · (−log softmax(s_l)_c(n)) / Σₙ w_c(n),  w_c = 1 / |c|
 *
 * c(n): the cluster of sample n's label; labels in no cluster do not count. Source: Xue et al. 2021, in the form of the authors' code.
 */
export const kdexplainerHier = defineMethod({
  name: 'kdexplainerHier',
  title: 'Hierarchical loss',
  knowledge: 'response',
  summary: 'Linear classifiers on layers of the student tell groups of classes apart (Xue 2021).',
  formula: [
    's_l = W_l · mean over space of F_l + b_l',
    'L = Σ_l Σₙ w_c(n) · (−log softmax(s_l)_c(n)) / Σₙ w_c(n),  w_c = 1 / |c|, c(n) the cluster of the label',
  ].join('\n'),
  papers: PAPERS,
  parameters: object(
    {
      clusters: list(
        list(
          list(integer({ doc: 'A class, counted from 0.', minimum: 0, maximum: 1e6 }), {
            doc: 'The classes of a cluster.',
            minimumLength: 1,
          }),
          { doc: 'The clusters of a layer.', minimumLength: 2 },
        ),
        {
          doc: 'Clusters of classes in the order of the layers, the last for all further ones. Left out: 2, 4, 8, ... runs of neighbouring classes.',
          default: [],
          maximumLength: LAYERS.maximum,
          source: 'inferred: a binary tree over the classes, whose real one only the data know',
        },
      ),
    },
    { doc: 'Settings of the hierarchy.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: the weight of hard labels' },
  needs: { labels: true, layers: LAYERS },
  notes: ['No network teaches. The classifiers serve training alone; the student’s own answer is unchanged.'],
  variables: ({ layers, classes }, { clusters }) =>
    layers.flatMap((shape, l) =>
      linearVariables(`layer${l}`, shape.at(-1) ?? 1, clustersOf(clusters, l, classes).length),
    ),
  fixtures: [
    {
      method: 'kdexplainer_hier',
      student: { maps: 'feats_student' },
      teacher: {},
      labels: 'labels',
      parameters: { clusters: (given) => byLayer(given['clusters']) },
      variables: (layers) => headNames(layers, 'hier.feature_classifiers'),
    },
  ],
  loss(ops, { student, labels, variables, parameters: { clusters } }) {
    const losses = student.maps.map((map, l) => {
      const groups = clustersOf(clusters, l, student.logits.shape[1]);
      const [table, classes] = weightTable(groups);
      const logs = ops.logSoftmax(linear(ops, variables, `layer${l}`, meanOverSpace(ops, map)));
      const shape: [number, number] = [classes, groups.length];
      const weights = ops.matMul(oneHot(ops, labels, classes), ops.tensor2d(table, shape));
      const total = ops.maximum(ops.sum(weights), SMALLEST_MASS);
      return ops.neg<tf.Scalar>(ops.div(ops.sum(ops.mul(weights, logs)), total));
    });
    return ops.addN(losses);
  },
});

/** The clusters of layer `l`: those given, or 2^(l+1) runs of neighbouring classes, at most one a class. */
function clustersOf(given: readonly Clusters[], l: number, classes: number): Clusters {
  const own = given[Math.min(l, given.length - 1)];
  if (own !== undefined) return own;
  const count = Math.min(2 ** (l + 1), classes);
  const start = (c: number) => Math.floor((c * classes) / count);
  return Array.from({ length: count }, (_, c) =>
    Array.from({ length: start(c + 1) - start(c) }, (_, i) => start(c) + i),
  );
}

/** `[classes, clusters]`: `1/|c|` where a class belongs to cluster c; with as many classes as any cluster speaks of. */
function weightTable(clusters: Clusters): readonly [table: Float32Array, classes: number] {
  const classes = 1 + Math.max(...clusters.flat());
  const table = new Float32Array(classes * clusters.length);
  clusters.forEach((members, c) => {
    for (const member of members) table[member * clusters.length + c] = 1 / members.length;
  });
  return [table, classes];
}

function headNames(layers: number, module: string): Readonly<Record<string, string>> {
  const entries = Array.from({ length: layers }, (_, l) => [
    [`layer${l}/kernel`, `${module}.layer${l}.fc.weight`],
    [`layer${l}/bias`, `${module}.layer${l}.fc.bias`],
  ]);
  return Object.fromEntries(entries.flat()) as Record<string, string>;
}

/** The values of the fixture's `layer0`, `layer1`, ... in that order. */
function byLayer(given: unknown): readonly unknown[] {
  return Object.values(given as Readonly<Record<string, unknown>>);
}
