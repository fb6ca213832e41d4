import type * as tf from '@tensorflow/tfjs-core';
import { integer, object } from '../../schema/field.ts';
import { conv, convVariables } from '../conv-layer.ts';
import { defineMethod, type LossContext, type Ops } from '../method.ts';

/** Slope of the discriminator's activation below zero. */
const LEAK = 0.2;

/**
 * Online adversarial feature distillation: a network learns maps that a discriminator takes for those of its peer.
 *
 *     D(T) = sigmoid(mean over space of conv(leakyReLU(conv(T))))                  T: transferred map [batch, height, width, width]
 *     L    = Σ_pairs 1/N · Σₙ (1 − D(T_s F_s))²                                    F: [batch, height, width, channels]
 *     L_D  = Σ_pairs 1/N · Σₙ ((1 − D(T_p F_p))² + D(T_s F_s)²)
 *
 * T_s, T_p: 1×1 convolutions to a common width; the student trains its own, the discriminator trains the peer's (*inferred*:
 * the paper's peers train theirs, which for one pair seen alone are not there). The peer is a constant. With dml beside it, it
 * is the whole loss of the paper. Source: Chung et al. 2020, section 3, by a summary; not compared with code; the discriminator's
 * layers are *inferred*.
 */
export const afd = defineMethod({
  name: 'afd',
  title: 'Online adversarial feature distillation',
  knowledge: 'feature',
  summary: 'Learn maps that a discriminator takes for a peer’s (Chung 2020).',
  formula: [
    'L = Σ_pairs 1/N · Σₙ (1 − D(T_s F_student))²',
    'discriminator: Σ_pairs 1/N · Σₙ ((1 − D(T_p F_peer))² + D(T_s F_student)²)',
  ].join('\n'),
  papers: [
    {
      title: 'Feature-map-level Online Adversarial Knowledge Distillation',
      authors: 'Chung, Park, Kim, Kwak',
      where: 'ICML 2020',
      arxiv: '2002.01775',
    },
  ],
  parameters: object(
    {
      width: integer({
        doc: 'Channels that both maps are transferred to, and that the discriminator works in.',
        default: 32,
        minimum: 1,
        maximum: 4096,
        source: 'inferred',
      }),
    },
    { doc: 'Settings of transfer layers and discriminator.' },
  ),
  defaultWeight: { value: 0.1, source: 'inferred: the paper steps it apart, with a smaller learning rate' },
  hardLabelWeight: { value: 1, source: 'Chung et al. 2020, equation 1' },
  needs: { pairs: { minimum: 1, maximum: 8, rank: 'map' }, cycle: true },
  mismatch:
    'Channels and sizes may differ: 1×1 convolutions bring both maps to one width, and the discriminator takes the mean over space.',
  notes: [
    'Of more than two peers each imitates the one before it, the first the last: a cycle, with a discriminator each.',
    'The paper’s answers teach by dml at a temperature of 3: put it beside this term.',
  ],
  variables: ({ pairs }, { width }) =>
    pairs.flatMap(({ student }, pair) => convVariables(`pair${pair}/own`, 1, student[2] ?? 1, width)),
  fixtures: [],
  opponent: {
    doc: 'One discriminator a pair: two convolutions and the mean over space.',
    variables: ({ pairs }, { width }) =>
      pairs.flatMap(({ teacher }, pair) => [
        ...convVariables(`pair${pair}/peer`, 1, teacher[2] ?? 1, width),
        ...convVariables(`pair${pair}/discriminator/0`, 3, width, width),
        ...convVariables(`pair${pair}/discriminator/1`, 3, width, 1),
      ]),
    loss(ops, context) {
      const losses = context.student.maps.flatMap((map, pair) => [
        miss(ops, judged(ops, context, pair, 'peer', context.teacher.maps[pair] as tf.Tensor), 1),
        miss(ops, judged(ops, context, pair, 'own', map), 0),
      ]);
      return ops.addN(losses);
    },
  },
  loss(ops, context) {
    const losses = context.student.maps.map((map, pair) =>
      miss(ops, judged(ops, context, pair, 'own', map), 1),
    );
    return ops.addN(losses);
  },
});

/** D of a map: `[batch]`, 1 where it is taken for the peer's. */
function judged<S>(
  ops: Ops,
  { variables }: LossContext<S>,
  pair: number,
  whose: 'own' | 'peer',
  map: tf.Tensor,
): tf.Tensor1D {
  const layer = (name: string, x: tf.Tensor4D, stride = 1) =>
    conv(ops, variables, `pair${pair}/${name}`, x, stride);
  const transferred = layer(whose, map as tf.Tensor4D);
  const hidden = ops.leakyRelu(layer('discriminator/0', transferred, 2), LEAK);
  return ops.sigmoid(ops.mean<tf.Tensor1D>(layer('discriminator/1', hidden), [1, 2, 3]));
}

function miss(ops: Ops, judgement: tf.Tensor1D, wanted: 0 | 1): tf.Scalar {
  return ops.mean(ops.square(ops.sub(judgement, wanted)));
}
