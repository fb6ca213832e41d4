import type * as tf from '@tensorflow/tfjs-core';
import { boolean, choice, number, object } from '../../schema/field.ts';
import { detached, divergence, oneHot } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

const factor = (doc: string, value: number, source: string) =>
  number({ doc, default: value, minimum: 0, maximum: 1000, schedulable: true, source });

/**
 * Consistency-regularised distillation of sequences: the student reads each sample twice, and every frame of both readings is drawn to
 * the teacher's and to the other's. P, P̃: softmax of the frames of the two views, `[batch, 1, frames, symbols]`.
 *
 *     d_KL(P, Q) = 1/(N·T) · Σₙₜ KL(Pₙₜ ‖ Qₙₜ),  d_l2(P, Q) = 1/(N·T) · Σₙₜ ‖Pₙₜ − Qₙₜ‖²
 *     CTC = −½ · 1/N · Σₙ [log p(yₙ | P) + log p(yₙ | P̃)]
 *     KD  = ½ (d(P_t, P_s) + d(P̃_t, P̃_s))
 *     C   = ½ (d_KL(P_s ‖ P̃_s) + d_KL(P̃_s ‖ P_s))
 *     L   = l · CTC + k · KD + c · C
 *
 * log p(y) is the logit of the sample's word, as the module `ctc` makes it. All sequences have as many frames. The whole loss is *inferred*;
 * the CTC itself is that of Graves et al. 2006.
 */
export const consKdCtc = defineMethod({
  name: 'consKdCtc',
  title: 'Consistency-regularised distillation of sequences',
  knowledge: 'response',
  summary:
    'CTC on two readings of each sample, every frame drawn to the teacher’s and to the other’s (Cons-KD, 2024).',
  formula: [
    'CTC = −½ · 1/N · Σₙ [log p(yₙ | P_student) + log p(yₙ | P̃_student)]',
    'KD = ½ · (d(P_teacher, P_student) + d(P̃_teacher, P̃_student)),  d: KL or squared distance, frame by frame',
    'C = ½ · (KL(P_student ‖ P̃_student) + KL(P̃_student ‖ P_student))',
    'L = labels · CTC + teacher · KD + consistency · C',
  ].join('\n'),
  papers: [
    {
      title: 'Cons-KD: Dropout-Robust Knowledge Distillation for CTC-Based Automatic Speech Recognition',
      authors: 'Yoon and others',
      where: 'IEEE Access, 2024',
    },
    {
      title:
        'Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent Neural Networks',
      authors: 'Graves, Fernández, Gomez, Schmidhuber',
      where: 'ICML 2006, pp. 369-376',
    },
    {
      title: 'CR-CTC: Consistency regularization on CTC for improved speech recognition',
      authors: 'Yao and others',
      where: 'ICLR 2025',
      arxiv: '2410.05101',
    },
  ],
  parameters: object(
    {
      distance: choice(
        { kl: 'The divergence from the teacher.', l2: 'The squared distance of the probabilities.' },
        {
          doc: 'How far a frame is from the teacher’s. Frames of CTC are spikes, which are steadier under l2.',
          default: 'l2',
          source: 'inferred',
        },
      ),
      labels: factor('Factor l of the CTC loss.', 1, 'inferred'),
      teacher: factor('Factor k of the teacher’s part.', 1, 'inferred'),
      consistency: factor('Factor c of the consistency of the two readings.', 1, 'inferred'),
      detachTarget: boolean({
        doc: 'Whether the reading that the other is drawn to stands still.',
        default: false,
        source: 'inferred: false as in R-Drop, true as in CR-CTC',
      }),
    },
    { doc: 'Settings of the three parts.' },
  ),
  defaultWeight: { value: 1, source: 'inferred' },
  hardLabelWeight: { value: 0, source: 'the CTC loss stands inside' },
  needs: {
    logits: true,
    labels: true,
    strongView: true,
    words: true,
    pairs: { minimum: 1, maximum: 1, rank: 'map' },
  },
  mismatch: 'none: both frame by frame, over the same symbols',
  checkPair({ teacher, student }) {
    return teacher.join() === student.join()
      ? null
      : {
          message: 'frames are compared one by one, and these differ in number or in symbols',
          help: 'Match `frames` with `frames`, of networks that halve the width as often.',
        };
  },
  figure: [
    'image ─┬─ view, mask ───► student ─► frames P_s ─► log p(word) ─► CTC',
    '       │                              ▲    ▲',
    '       │                              C    d ── frames P_t ◄─ teacher',
    '       │                              ▼',
    '       └─ view~, mask~ ─► student ─► frames P~_s ─► log p(word) ─► CTC   (d to P~_t alike)',
  ].join('\n'),
  notes: [
    'The pair is [frames, frames] of two models with the module `ctc`. `data.strongAugment` gives the second reading, and dropout draws a mask for each.',
    'Inferred: the whole loss. Of the paper its short name, place and word error rates (5.10 to 4.13 % on LibriSpeech test-clean) are known; title and authors are from memory. Its task, speech, is not trained here: samples are images of words from a list.',
    'Blank frames count like all others.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, strong, labels, parameters }) {
    // Without a stronger view (a test of shapes) the plain one stands for it.
    const again = strong ?? { student, teacher };
    const logs = ({ maps: [map] }: { readonly maps: readonly tf.Tensor[] }) =>
      ops.logSoftmax(map as tf.Tensor);
    const [s, other] = [logs(student), logs(again.student)];
    const far = parameters.distance === 'kl' ? divergence : squaredDistance;
    const taught = ops.add<tf.Scalar>(far(ops, logs(teacher), s), far(ops, logs(again.teacher), other));
    const target = (x: tf.Tensor) =>
      parameters.detachTarget ? detached(ops, [x], (held) => ops.clone(held)) : x;
    const consistency = ops.add<tf.Scalar>(
      divergence(ops, target(s), other),
      divergence(ops, target(other), s),
    );
    const read = ops.add<tf.Scalar>(
      negativeScore(ops, student.logits, labels),
      negativeScore(ops, again.student.logits, labels),
    );
    const half = (weight: tf.Scalar, value: tf.Scalar) => ops.mul<tf.Scalar>(ops.mul(0.5, weight), value);
    return ops.addN<tf.Scalar>([
      half(parameters.labels, read),
      half(parameters.teacher, taught),
      half(parameters.consistency, consistency),
    ]);
  },
});

/** `−1/N Σₙ log p(yₙ)` of scores `[batch, words]`. */
function negativeScore(ops: Ops, scores: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const own = ops.sum(ops.mul(oneHot(ops, labels, scores.shape[1]), scores), 1);
  return ops.neg(ops.mean<tf.Scalar>(own));
}

function squaredDistance(ops: Ops, logP: tf.Tensor, logQ: tf.Tensor): tf.Scalar {
  return ops.mean(ops.sum(ops.squaredDifference(ops.exp(logP), ops.exp(logQ)), -1));
}
