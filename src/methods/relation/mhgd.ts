import type * as tf from '@tensorflow/tfjs-core';
import { integer, object } from '../../schema/field.ts';
import { aheadEpochs } from '../ahead-epochs.ts';
import { batchNorm, batchNormVariables } from '../feature/batch-norm.ts';
import { divergence, unit } from '../math.ts';
import { defineMethod, type LossContext, type MethodSizes, type Ops, type VariableSpec } from '../method.ts';
import { alignedVector, principalVector } from './principal-vectors.ts';

/**
 * Multi-head graph distillation: how samples attend to one another from one layer to the next, through heads that the teacher
 * trains.
 *
 *     v⁽ˡ⁾ = first right singular vector of a layer, the student's turned to the teacher's       [batch, channels]
 *     A_h  = batchNorm(v⁽ˡ⁾ S_h) · batchNorm(v⁽ˡ⁻¹⁾ R_h)ᵀ                                        [batch, batch], a head h
 *     L    = Σ_l Σ_h Σₙ KL(softmax(tanh A_h of the student)ₙ ‖ softmax(tanh A_h of the teacher)ₙ)
 *     heads: mean (1 − cos(v⁽ˡ⁾, W · concat_h softmax(A_h) v⁽ˡ⁻¹⁾ E_h)), of the teacher
 *
 * A sum over heads and samples. The heads are the same for both; the student reads them as constants, with the running
 * statistics of their batch norms. `pairs` lists the layers in order. Source: Lee and Song 2019, section 3; not compared with
 * code; the estimator's embedding E, and heads that are never dropped at random, are *inferred*.
 */
export const mhgd = defineMethod({
  name: 'mhgd',
  title: 'Multi-head graph distillation',
  knowledge: 'relation',
  summary: 'Match how samples attend to one another from layer to layer, by the teacher’s heads (Lee 2019).',
  formula: [
    'v⁽ˡ⁾ = first right singular vector of a layer,  A_h = batchNorm(v⁽ˡ⁾ S_h) · batchNorm(v⁽ˡ⁻¹⁾ R_h)ᵀ',
    'L = Σ_l Σ_h Σₙ KL(softmax(tanh A_h student)ₙ ‖ softmax(tanh A_h teacher)ₙ)',
    'heads: mean (1 − cos(v⁽ˡ⁾, W · concat_h softmax(A_h) v⁽ˡ⁻¹⁾ E_h)), of the teacher',
  ].join('\n'),
  papers: [
    {
      title: 'Graph-based Knowledge Distillation by Multi-head Attention Network',
      authors: 'Lee, Song',
      where: 'BMVC 2019',
      arxiv: '1907.02226',
    },
  ],
  parameters: object(
    {
      heads: integer({
        doc: 'How many attention heads look at two consecutive layers.',
        default: 8,
        minimum: 1,
        maximum: 64,
        source: 'Lee and Song 2019, section 4',
      }),
      aheadEpochs: aheadEpochs(
        30,
        'inferred: the paper trains the heads first, for how long was not to be had',
      ),
    },
    { doc: 'Settings of the attention heads.' },
  ),
  defaultWeight: {
    value: 0.002,
    source:
      'inferred: the mean over eight heads and a batch of 64; the paper clips the gradient to that of the labels',
  },
  needs: { pairs: { minimum: 2, maximum: 8, rank: 'map' } },
  mismatch: 'Height and width may differ; channels must be equal, since both sides share the heads.',
  checkPair: ({ teacher, student }) =>
    teacher[2] === student[2]
      ? null
      : {
          message: `mhgd sends both sides through the same heads, and the teacher layer has ${teacher[2] ?? '?'} channels, the student layer ${student[2] ?? '?'}.`,
          help: 'Choose layers with equal numbers of channels, or a relation that needs none, such as rkd.',
        },
  notes: [
    'The heads are trained before the student, as in the paper; trained alongside (`aheadEpochs: 0`), they change while the student learns from them.',
    'The value grows with the batch and with the heads.',
  ],
  fixtures: [],
  opponent: {
    doc: 'The attention heads of each two consecutive layers, and what estimates the later vector by them.',
    ahead: true,
    variables: (sizes, { heads }) =>
      transitions(sizes).flatMap(([before, after, width], l) => [
        product(`step${l}/sender`, after, heads * width),
        ...batchNormVariables(`step${l}/sender`, heads * width),
        product(`step${l}/receiver`, before, heads * width),
        ...batchNormVariables(`step${l}/receiver`, heads * width),
        product(`step${l}/embedding`, before, heads * width),
        product(`step${l}/estimate`, heads * width, after),
      ]),
    loss(ops, context) {
      const { heads } = context.parameters;
      const vectors = context.teacher.maps.map((map) => principalVector(ops, map as tf.Tensor4D));
      const losses = vectors.slice(1).map((target, l) => {
        const before = vectors[l] as tf.Tensor2D;
        const attention = ops.softmax(attentionOf(ops, context, l, target, before));
        const embedded = byHead(ops, times(ops, context, `step${l}/embedding`, before), heads);
        const seen = ops.transpose(ops.matMul(attention, embedded), [1, 0, 2]); // [batch, heads, width]
        const joined: tf.Tensor2D = ops.reshape(seen, [before.shape[0], -1]);
        const estimate = times(ops, context, `step${l}/estimate`, joined);
        const cosines = ops.sum(ops.mul(unit(ops, estimate, 1), target), 1);
        return ops.sub<tf.Scalar>(1, ops.mean(cosines));
      });
      return ops.addN(losses);
    },
  },
  loss(ops, context) {
    const targets = context.teacher.maps.map((map) => principalVector(ops, map as tf.Tensor4D));
    const own = context.student.maps.map((map, l) =>
      alignedVector(ops, map as tf.Tensor4D, targets[l] as tf.Tensor2D),
    );
    const frozen = { ...context, training: false };
    const losses = targets.slice(1).map((_, l) => {
      const rows = (vectors: readonly tf.Tensor2D[]) => {
        const attention = attentionOf(
          ops,
          frozen,
          l,
          vectors[l + 1] as tf.Tensor2D,
          vectors[l] as tf.Tensor2D,
        );
        return ops.logSoftmax(ops.tanh(attention));
      };
      const [s, t] = [rows(own), rows(targets)];
      return ops.mul<tf.Scalar>(divergence(ops, s, t), s.shape[0] * s.shape[1]);
    });
    return ops.addN(losses);
  },
});

/** Channels of each two consecutive layers, and the width of a head between them. */
function transitions({ pairs }: MethodSizes): readonly (readonly [number, number, number])[] {
  const channels = pairs.map(({ teacher }) => teacher[2] ?? 1);
  return channels.slice(1).map((after, l) => {
    const before = channels[l] ?? 1;
    return [before, after, Math.max(1, Math.floor((before + after) / 2))];
  });
}

/** How each sample of the later layer attends to those of the earlier one: `[heads, batch, batch]`, before any softmax. */
function attentionOf(
  ops: Ops,
  context: Pick<LossContext<{ heads: never }>, 'variables' | 'training' | 'update'> & {
    readonly parameters: { readonly heads: number };
  },
  l: number,
  after: tf.Tensor2D,
  before: tf.Tensor2D,
): tf.Tensor3D {
  const { heads } = context.parameters;
  const side = (name: string, vectors: tf.Tensor2D) => {
    const prefix = `step${l}/${name}`;
    return byHead(ops, batchNorm(ops, context, prefix, times(ops, context, prefix, vectors)), heads);
  };
  return ops.matMul(side('sender', after), side('receiver', before), false, true);
}

/** A matrix `[inputs, outputs]`, started as PyTorch starts a linear layer's. */
function product(prefix: string, inputs: number, outputs: number): VariableSpec {
  const initial = { kind: 'uniform', bound: 1 / Math.sqrt(inputs) } as const;
  return { name: `${prefix}/kernel`, shape: [inputs, outputs], trainable: true, initial };
}

function times(
  ops: Ops,
  { variables }: Pick<LossContext<unknown>, 'variables'>,
  prefix: string,
  rows: tf.Tensor2D,
): tf.Tensor2D {
  return ops.matMul(rows, variables[`${prefix}/kernel`] as tf.Tensor2D);
}

/** `[batch, heads·width]` to `[heads, batch, width]`. */
function byHead(ops: Ops, x: tf.Tensor2D, heads: number): tf.Tensor3D {
  const [batch, columns] = x.shape;
  return ops.transpose(ops.reshape(x, [batch, heads, columns / heads]), [1, 0, 2]);
}
