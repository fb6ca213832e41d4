import type * as tf from '@tensorflow/tfjs-core';
import { boolean, number, object } from '../../schema/field.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { crossEntropies, detached, softenedLog } from '../math.ts';
import { defineMethod, type Member, type Ops } from '../method.ts';
import { temperature } from '../response/temperature.ts';

/** Keeps the norm's derivative finite where the embeddings agree. */
const SMALLEST_NORM = 1e-12;

/**
 * Be your own teacher: the deepest exit of a network teaches the earlier ones.
 *
 *     L = Σ_{k ≥ 1} α · (H(softmax(z₀ / T), softmax(z_k / T)) − CE(z_k, y)) + λ · Σ_{k ≥ 2} ‖A_k f_k + a_k − f₀‖₂
 *
 * Exit 0 is the deepest, and a constant; z: [batch, classes], f: [batch, features], H: cross-entropy, mean over the batch; the norm
 * is that of the whole batch. With hard labels at 1 for every exit, the earlier ones have (1 − α) · CE + α · H, as in the paper.
 * Exit 1, the next deepest, has no part in the features unless it is asked for. Source: Zhang et al. 2019, section 3, in the form of the code
 * of its journal version; the conference paper takes squared distances and no learned adapter.
 */
export const byot = defineMethod({
  name: 'byot',
  title: 'Be your own teacher',
  knowledge: 'response',
  summary: 'The deepest exit of a network teaches its earlier exits (Zhang 2019).',
  formula: [
    'L = Σ_{k ≥ 1} α · (H(softmax(z₀ / T), softmax(z_k / T)) − CE(z_k, y)) + λ · Σ_{k ≥ 2} ‖A_k f_k + a_k − f₀‖₂',
    'exit 0 is the deepest; with hard labels at 1 the earlier exits have (1 − α) · CE + α · H',
  ].join('\n'),
  papers: [
    {
      title:
        'Be Your Own Teacher: Improve the Performance of Convolutional Neural Networks via Self Distillation',
      authors: 'Zhang, Song, Gao, Chen, Bao, Ma',
      where: 'ICCV 2019',
      arxiv: '1905.08094',
    },
  ],
  parameters: object(
    {
      temperature: temperature(3, 'the authors’ code'),
      alpha: number({
        doc: 'Share α of the deepest exit’s answer in what the earlier exits learn from; the rest are labels.',
        default: 0.3,
        minimum: 0,
        maximum: 1,
        schedulable: true,
        source: 'the authors’ code',
      }),
      features: number({
        doc: 'Weight λ of the distance of the embeddings.',
        default: 0.03,
        minimum: 0,
        maximum: 1e6,
        schedulable: true,
        source: 'the authors’ code',
      }),
      nextDeepest: boolean({
        doc: 'Whether exit 1, the next deepest, has a part in the distance of the embeddings too.',
        default: false,
        source: 'the authors’ code leaves it out, where its comment speaks of the shallowest exit',
      }),
    },
    { doc: 'Settings of the exits.' },
  ),
  defaultWeight: { value: 1, source: 'the authors’ code' },
  hardLabelWeight: { value: 1, source: 'the authors’ code: for every exit' },
  needs: { labels: true, group: { minimum: 2, trunk: true } },
  mismatch: 'A trained linear adapter brings each earlier embedding to the size of the deepest.',
  variables: ({ group: { features } }) =>
    features
      .slice(1)
      .flatMap((inputs, k) => linearVariables(`exit${k + 1}`, Math.max(1, inputs), features[0] ?? 1)),
  fixtures: [
    {
      method: 'byot',
      student: {},
      teacher: {},
      group: {
        list: 'logits',
        members: (count) =>
          Array.from({ length: count }, (_, k) => ({ logits: `logits.${k}`, embedding: `features.${k}` })),
      },
      labels: 'labels',
      parameters: {
        temperature: 'temperature',
        alpha: 'loss_coefficient',
        features: 'feature_loss_coefficient',
      },
      variables: Object.fromEntries(
        [1, 2, 3].flatMap((k) => [
          [`exit${k}/kernel`, `byot.adaptation_layers.${k - 1}.weight`],
          [`exit${k}/bias`, `byot.adaptation_layers.${k - 1}.bias`],
        ]),
      ),
      hardLabelWeight: () => 1,
    },
  ],
  loss(ops, { group, labels, variables, parameters }) {
    const { temperature, alpha, features, nextDeepest } = parameters;
    const [deepest, ...earlier] = group as readonly [Member, ...Member[]];
    const constant = (x: tf.Tensor2D) => detached(ops, [x], (held) => ops.clone(held as tf.Tensor2D));
    const target = ops.softmax(ops.div<tf.Tensor2D>(constant(deepest.logits), temperature));
    const embedding = constant(deepest.embedding);
    const answers = earlier.map(({ logits }) => {
      const soft = ops.neg(ops.sum(ops.mul(target, softenedLog(ops, logits, temperature)), 1));
      return ops.mean<tf.Scalar>(ops.sub(soft, crossEntropies(ops, logits, labels)));
    });
    const first = nextDeepest ? 1 : 2;
    const distances = earlier
      .slice(first - 1)
      .map((exit, k) => distance(ops, linear(ops, variables, `exit${first + k}`, exit.embedding), embedding));
    const total = ops.mul<tf.Scalar>(alpha, ops.addN(answers));
    return distances.length === 0 ? total : ops.add(total, ops.mul(features, ops.addN(distances)));
  },
});

/** Euclidean distance of two whole tables. */
function distance(ops: Ops, a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar {
  return ops.sqrt(ops.maximum(ops.sum(ops.squaredDifference(a, b)), SMALLEST_NORM ** 2));
}
