import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { detached, divergence, softenedLog } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

/**
 * Curriculum temperature: the temperature is learned against the student, so that soft targets grow harder to match.
 *
 *     T = T₀ + T₁ · sigmoid(θ)                                         θ: one learned number
 *     L = T² · 1/N · Σₙ KL(softmax(t / T) ‖ softmax(s / T))            s, t: [batch, classes]
 *     ∂L/∂θ ← −λ · ∂L/∂θ                                               λ: strength of the reversal
 *
 * The gradient also flows through the factor T². Source: Li et al. 2023, section 3, with the one temperature for
 * all samples (global) of the authors' code.
 */
export const ctkd = defineMethod({
  name: 'ctkd',
  title: 'Curriculum temperature',
  knowledge: 'response',
  summary: 'Learn the temperature against the student, from easy to hard (Li 2023).',
  formula: [
    'T = T₀ + T₁ · sigmoid(θ), θ learned with its gradient times −λ',
    'L = T² · 1/N · Σₙ KL(softmax(t / T) ‖ softmax(s / T))',
  ].join('\n'),
  papers: [
    {
      title: 'Curriculum Temperature for Knowledge Distillation',
      authors: 'Li, Li, Yang, Zhao, Song, Luo, Li, Yang',
      where: 'AAAI 2023',
      arxiv: '2211.16231',
    },
  ],
  parameters: object(
    {
      lowest: number({
        doc: 'Temperature T₀ that is never undercut.',
        default: 1,
        exclusiveMinimum: 0,
        maximum: 1000,
        source: 'Li et al. 2023, section 4; the authors’ code',
      }),
      span: number({
        doc: 'Width T₁ of the range above it; the temperature starts at T₀ + 0.73 · T₁.',
        default: 20,
        exclusiveMinimum: 0,
        maximum: 1000,
        source: 'Li et al. 2023, section 4; the authors’ code',
      }),
      reversal: number({
        doc: 'Strength λ with which the temperature works against the student.',
        default: 1,
        minimum: 0,
        maximum: 1000,
        schedulable: true,
        source: 'Li et al. 2023, section 3.3: raised from 0 to 1 along a cosine over 10 epochs',
      }),
    },
    { doc: 'Settings of the learned temperature.' },
  ),
  defaultWeight: { value: 0.9, source: 'the authors’ CIFAR-100 recipes (hard labels at 0.1)' },
  needs: { logits: true },
  notes: [
    'The recipes raise the reversal slowly: `reversal: { cosine: { from: 0, to: 1, over: { epochs: 10 } } }`.',
    'θ trains in the student’s optimizer; its weight decay pulls θ towards 0, which is the middle of the range.',
  ],
  variables: () => [{ name: 'theta', shape: [1], trainable: true, initial: { kind: 'constant', value: 1 } }],
  fixtures: [
    {
      method: 'ctkd',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      parameters: { lowest: 't_start', span: 't_end', reversal: (given) => -decay(given) },
      variables: { theta: 'theta' },
    },
  ],
  loss(ops, { student, teacher, variables, parameters: { lowest, span, reversal } }) {
    const theta = reversed(ops, variables['theta'] as tf.Tensor1D, reversal);
    const temperature = ops.add<tf.Scalar>(lowest, ops.mul(span, ops.sigmoid(ops.sum(theta))));
    const soft = divergence(
      ops,
      softenedLog(ops, teacher.logits, temperature),
      softenedLog(ops, student.logits, temperature),
    );
    return ops.mul(ops.square(temperature), soft);
  },
});

/** `x` forward, its gradient times `−strength` backward: `−λx`, shifted by a constant. */
function reversed(ops: Ops, x: tf.Tensor1D, strength: tf.Scalar): tf.Tensor {
  const against = ops.neg(ops.mul(strength, x));
  return ops.add(
    against,
    detached(ops, [x, against], (value, negative) => ops.sub(value, negative)),
  );
}

/** The reference's factor of the gradient, which it calls λ: on a cosine from `decay_max` to `decay_min`. */
function decay(given: Readonly<Record<string, unknown>>): number {
  const [from, to, over, epoch] = ['decay_max', 'decay_min', 'decay_loops', 'epoch'].map((name) =>
    Number(given[name]),
  );
  const [max = 0, min = 0, loops = 1, now = 0] = [from, to, over, epoch];
  return ((1 + Math.cos((Math.PI * Math.min(now, loops)) / loops)) / 2) * (max - min) + min;
}
