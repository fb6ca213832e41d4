import type * as tf from '@tensorflow/tfjs-core';
import { boolean, choice, number, object } from '../../schema/field.ts';
import { crossEntropies, detached, divergence, softenedLog } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

const factor = (doc: string, value: number, source: string) =>
  number({ doc, default: value, minimum: 0, maximum: 1000, schedulable: true, source });

/**
 * Consistency-regularised distillation: the teacher is distilled into the student on two views of each sample, and the student's two
 * answers are drawn to one another.
 *
 *     d_KL(P, Q) = 1/N · Σₙ KL(Pₙ ‖ Qₙ),  d_l2(P, Q) = 1/N · Σₙ ‖Pₙ − Qₙ‖²        P = softmax(z), z: [batch, classes]
 *     KD = ½ (d(P_t, P_s) + d(P̃_t, P̃_s))                                          ~: the stronger view
 *     C  = ½ (d_KL(P_s ‖ P̃_s) + d_KL(P̃_s ‖ P_s))
 *     L  = k · KD + c · C + l · CE(y, z̃_s)
 *
 * The hard part of the paper's loss is CTC; for an answer of one frame, as a classifier gives, CTC is the cross-entropy. The two
 * passes differ by augmentation, as in CR-CTC, and by their dropout masks, as in Cons-KD. The whole loss is *inferred*.
 */
export const consKd = defineMethod({
  name: 'consKd',
  title: 'Consistency-regularised distillation',
  knowledge: 'response',
  summary:
    'The teacher on two views of each sample, and the student’s two answers drawn together (Cons-KD, 2024).',
  formula: [
    'KD = ½ · (d(P_teacher, P_student) + d(P̃_teacher, P̃_student)),  d: KL or squared distance',
    'C = ½ · (KL(P_student ‖ P̃_student) + KL(P̃_student ‖ P_student))',
    'L = teacher · KD + consistency · C + strongLabels · CE(y, z̃_student)',
  ].join('\n'),
  papers: [
    {
      title: 'Cons-KD: Dropout-Robust Knowledge Distillation for CTC-Based Automatic Speech Recognition',
      authors: 'Yoon and others',
      where: 'IEEE Access, 2024',
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
          doc: 'How far the student is from the teacher. Answers full of spikes are steadier under l2.',
          default: 'kl',
          source: 'inferred',
        },
      ),
      teacher: factor('Factor k of the teacher’s part.', 1, 'inferred'),
      consistency: factor('Factor c of the consistency of the two answers.', 1, 'inferred'),
      strongLabels: factor(
        'Weight l of the cross-entropy of the stronger view, inside the term.',
        0.5,
        'CR-CTC: the mean of both',
      ),
      detachTarget: boolean({
        doc: 'Whether the answer that the other is drawn to stands still.',
        default: false,
        source: 'inferred: false as in R-Drop, true as in CR-CTC',
      }),
    },
    { doc: 'Settings of the three parts.' },
  ),
  defaultWeight: { value: 1, source: 'inferred' },
  hardLabelWeight: { value: 0.5, source: 'CR-CTC: the mean of both views' },
  needs: { logits: true, labels: true, strongView: true },
  figure: [
    'image ─┬─ view ──► student ─► P_s ◄─ d ─ P_t ◄─ teacher',
    '       │                       ▲',
    '       │                       C  (each drawn to the other)',
    '       │                       ▼',
    '       └─ view~ ─► student ─► P~_s ◄─ d ─ P~_t ◄─ teacher',
  ].join('\n'),
  notes: [
    'Give `data.strongAugment` the second view. Dropout draws a mask for each view.',
    'Inferred: the whole loss. Of the paper its short name, place and word error rates (5.10 to 4.13 % on LibriSpeech test-clean) are known; title and authors are from memory.',
    'A classifier’s answer has one frame. For words over several frames, with CTC, there is `consKdCtc`.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, strong, labels, parameters }) {
    // Without a stronger view (a test of shapes) the plain one stands for it.
    const other = strong ?? { student, teacher };
    const log = (z: tf.Tensor2D) => softenedLog(ops, z, 1);
    const [s, again] = [log(student.logits), log(other.student.logits)];
    const far = parameters.distance === 'kl' ? divergence : squaredDistance;
    const taught = ops.add<tf.Scalar>(
      far(ops, log(teacher.logits), s),
      far(ops, log(other.teacher.logits), again),
    );
    const target = (x: tf.Tensor2D) =>
      parameters.detachTarget ? detached(ops, [x], (held) => ops.clone(held) as tf.Tensor2D) : x;
    const consistency = ops.add<tf.Scalar>(
      divergence(ops, target(s), again),
      divergence(ops, target(again), s),
    );
    const labelled = ops.mean<tf.Scalar>(crossEntropies(ops, other.student.logits, labels));
    return ops.addN<tf.Scalar>([
      ops.mul(ops.mul(0.5, parameters.teacher), taught),
      ops.mul(ops.mul(0.5, parameters.consistency), consistency),
      ops.mul(parameters.strongLabels, labelled),
    ]);
  },
});

function squaredDistance(ops: Ops, logP: tf.Tensor2D, logQ: tf.Tensor2D): tf.Scalar {
  return ops.mean(ops.sum(ops.squaredDifference(ops.exp(logP), ops.exp(logQ)), 1));
}
