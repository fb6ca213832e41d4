import type * as tf from '@tensorflow/tfjs-core';
import { integer, object } from '../../schema/field.ts';
import { defineMethod, type Member, type Ops, type PairCheck, type VariableSpec } from '../method.ts';
import { temperature } from '../response/temperature.ts';
import { targetDivergence } from './target-divergence.ts';

/**
 * Online distillation with diverse peers: each peer learns from its own mixture of the peers, and a leader from their mean.
 *
 *     q_a = W_q h_a,  k_b = W_k h_b,  α_ab = softmax_b(q_a · k_b)                 h: [batch, features] of peer a, b
 *     t_a = Σ_b α_ab z_b                                                          z: [batch, classes]; b runs over all peers
 *     L   = Σ_a KL_T(t_a ‖ z_a) + KL_T(1/(B − 1) · Σ_a z_a ‖ z_leader)            KL_T with T², mean over the batch
 *
 * The first member is the leader, who is kept. Targets are not constants: the gradient reaches the attention, and the peers through
 * the leader's part. Source: Chen et al. 2020, section 3, in the form of the authors' code.
 */
export const okddip = defineMethod({
  name: 'okddip',
  title: 'Online distillation with diverse peers',
  knowledge: 'response',
  summary: 'Peers learn from mixtures of one another, a leader from their mean (Chen 2020).',
  formula: [
    'α_ab = softmax_b(W_q h_a · W_k h_b),  t_a = Σ_b α_ab z_b',
    'L = Σ_a KL_T(t_a ‖ z_a) + KL_T(mean_a z_a ‖ z_leader)',
  ].join('\n'),
  papers: [
    {
      title: 'Online Knowledge Distillation with Diverse Peers',
      authors: 'Chen, Mei, Wang, Feng, Chen',
      where: 'AAAI 2020',
      arxiv: '1912.00350',
    },
  ],
  parameters: object(
    {
      temperature: temperature(3, 'Chen et al. 2020, section 4'),
      reduction: integer({
        doc: 'Queries and keys have 1/reduction of the embedding’s features.',
        default: 8,
        minimum: 1,
        maximum: 1024,
        source: 'the authors’ code',
      }),
    },
    { doc: 'Settings of the peers.' },
  ),
  defaultWeight: {
    value: 1,
    source: 'the authors’ code, which raises it from 0.007 to 1 over 80 epochs',
  },
  hardLabelWeight: { value: 1, source: 'Chen et al. 2020, equation 9: for every peer and the leader' },
  needs: { group: { minimum: 3 } },
  mismatch: 'The peers’ embeddings need equal numbers of features, since they share queries and keys.',
  checkGroup: ({ features: [, ...peers] }): PairCheck =>
    new Set(peers).size <= 1
      ? null
      : {
          message: `okddip compares the peers’ embeddings, and they have ${peers.join(', ')} features.`,
          help: 'Take peers of one architecture, or dml, which compares answers alone.',
        },
  notes: [
    'The paper takes three peers and a leader.',
    'Its slow start: `weight: { cosine: { from: 0.007, to: 1, over: { epochs: 80 } } }` comes close to the code’s exp(−5 (1 − t)²).',
  ],
  variables: ({ group: { features } }, { reduction }) => {
    const inputs = features[1] ?? 1;
    const size = Math.max(1, Math.floor(inputs / reduction));
    const initial = { kind: 'uniform', bound: 1 / Math.sqrt(Math.max(1, inputs)) } as const;
    return ['query', 'key'].map((name): VariableSpec => {
      return { name, shape: [inputs, size], trainable: true, initial };
    });
  },
  fixtures: [
    {
      method: 'okddip',
      student: {},
      teacher: {},
      group: {
        list: 'features',
        members: (count) =>
          [count - 1, ...Array(count - 1).keys()].map((at) => ({
            embedding: `features.${at}`,
            classifier: [`okd.classifier3_${at}.weight`, `okd.classifier3_${at}.bias`],
          })),
      },
      labels: 'labels',
      parameters: { temperature: 'temperature', reduction: 'factor' },
      variables: { query: 'okd.query_weight.weight', key: 'okd.key_weight.weight' },
      weight: (given) => Number(given['alpha']) * Number(given['consistency_weight']),
      hardLabelWeight: () => 1,
    },
  ],
  loss(ops, { group, variables, parameters: { temperature } }) {
    const [leader, ...peers] = group as readonly [Member, ...Member[]];
    const attention = attentionOf(
      ops,
      peers,
      variables['query'] as tf.Tensor2D,
      variables['key'] as tf.Tensor2D,
    );
    const logits: tf.Tensor3D = ops.stack(
      peers.map((peer) => peer.logits),
      1,
    ) as tf.Tensor3D; // [batch, peers, classes]
    const targets = ops.unstack(ops.matMul(attention, logits), 1) as tf.Tensor2D[];
    const taught = peers.map((peer, a) =>
      targetDivergence(ops, targets[a] as tf.Tensor2D, peer.logits, temperature),
    );
    const led = targetDivergence(ops, ops.mean(logits, 1), leader.logits, temperature);
    return ops.addN([...taught, led]);
  },
});

/** How much each peer heeds each: `[batch, peers, peers]`, rows that sum to 1. */
function attentionOf(ops: Ops, peers: readonly Member[], query: tf.Tensor2D, key: tf.Tensor2D): tf.Tensor3D {
  const each = (weights: tf.Tensor2D) =>
    ops.stack(
      peers.map(({ embedding }) => ops.matMul(embedding, weights)),
      1,
    ) as tf.Tensor3D;
  return ops.softmax(ops.matMul(each(query), each(key), false, true));
}
