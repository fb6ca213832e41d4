import type * as tf from '@tensorflow/tfjs-core';
import { choice, integer, number, object } from '../../schema/field.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { crossEntropies, detached, divergence, flatten, oneHot, softenedLog } from '../math.ts';
import { defineMethod, type LossContext, type MethodSizes, type Ops } from '../method.ts';
import { temperature } from './temperature.ts';

/**
 * A small adapter on the output of a teacher that stands still learns, with the student, how smooth its answers should be.
 *
 *     a(f) = W₃ ReLU(W₂ (W₁ f + b₁) + b₂) + b₃,   ẑ_t = z_t − a(f_t)          f_t: [batch, features], z: [batch, classes]
 *     student: T² · KL(softmax(ẑ_t / T) ‖ softmax(z_s / T))
 *     adapter: the same, plus l · CE(y, ẑ_t)
 *
 * W₁: features to classes, W₂: classes to the bottleneck, W₃: back to classes. In the form that was released the student hears the teacher
 * before the adapter, its label swapped with its largest answer, so that the adapter changes nothing but itself. Source: Rao et al. 2022,
 * in the form of the authors' code; that the line commented out there (`paper`) is the paper's loss is *inferred*.
 */
export const pesfkd = defineMethod({
  name: 'pesfkd',
  title: 'Parameter-efficient and student-friendly distillation',
  knowledge: 'response',
  summary: 'A small adapter on the teacher’s output learns, with the student, how smooth to be (Rao 2023).',
  formula: [
    'a(f) = W₃ ReLU(W₂ (W₁ f + b₁) + b₂) + b₃,  ẑ = z_teacher − a(f_teacher)',
    'student: T² · 1/N · Σₙ KL(softmax(ẑ / T) ‖ softmax(z_student / T))',
    'adapter: the same + labels · CE(y, ẑ)',
  ].join('\n'),
  papers: [
    {
      title: 'Parameter-Efficient and Student-Friendly Knowledge Distillation',
      authors: 'Rao, Meng, Ding, Qi, Liu, Zhang, Tao',
      where: 'IEEE Transactions on Multimedia, 2023',
      arxiv: '2205.15308',
    },
  ],
  parameters: object(
    {
      temperature: temperature(6, 'the authors’ code, CIFAR-100'),
      bottleneck: integer({
        doc: 'Width of the adapter’s narrow layer.',
        default: 32,
        minimum: 1,
        maximum: 65_536,
        source: 'the authors’ code, CIFAR-100',
      }),
      labels: number({
        doc: 'Weight l of the true labels in the adapter’s loss.',
        default: 1,
        minimum: 0,
        maximum: 1000,
        source: 'the authors’ code',
      }),
      opponentLearningRate: number({
        doc: 'Learning rate of the adapter, under Adam.',
        default: 2e-5,
        exclusiveMinimum: 0,
        maximum: 1,
        source: 'the authors’ code, there under SGD',
      }),
      form: choice(
        {
          paper: 'The student hears the adapted teacher.',
          released:
            'The student hears the teacher with its largest answer at the label; the adapter hears the student.',
        },
        {
          doc: 'Which of two losses.',
          default: 'paper',
          source: 'inferred: the line that the authors’ code comments out',
        },
      ),
    },
    { doc: 'Settings of the adapter.' },
  ),
  defaultWeight: { value: 1, source: 'the authors’ example' },
  hardLabelWeight: { value: 1, source: 'the authors’ code' },
  needs: { logits: true, labels: true, pairs: { minimum: 1, maximum: 1, rank: 'any' } },
  mismatch: 'Only the teacher’s layer is read, averaged over space; the student’s may be any.',
  notes: [
    'The pair names what the teacher’s classifier reads, its embedding. The adapter has features·K + K + K·b + b + b·K + K parameters for K classes and a bottleneck of b; nothing else of the teacher changes, and it is absent from what is kept.',
    'The authors’ feature loss is a term of its own, such as l2 with its weight β of 0.8.',
    'In the authors’ code the learning rate of the adapter jumps with the first decay, and the teacher’s batch norms follow the batch; neither is so here.',
    'Inferred: `paper` as the paper’s equation; Adam for the adapter.',
  ],
  fixtures: [],
  opponent: {
    doc: 'The adapter between the teacher’s embedding and its answers.',
    variables: adapterVariables,
    loss(ops, context) {
      const { student, labels, parameters } = context;
      const adapted = adaptedLogits(ops, context);
      const own = softenedLog(ops, adapted, parameters.temperature);
      const heard = parameters.form === 'paper' ? student.logits : swapped(ops, student.logits, labels);
      const soft = divergence(ops, own, softenedLog(ops, heard, parameters.temperature));
      const taught = ops.mean<tf.Scalar>(crossEntropies(ops, adapted, labels));
      return ops.add(
        ops.mul(ops.square(parameters.temperature), soft),
        ops.mul<tf.Scalar>(parameters.labels, taught),
      );
    },
  },
  loss(ops, context) {
    const { student, teacher, labels, parameters } = context;
    const target =
      parameters.form === 'paper' ? adaptedLogits(ops, context) : swapped(ops, teacher.logits, labels);
    const soft = divergence(
      ops,
      softenedLog(ops, target, parameters.temperature),
      softenedLog(ops, student.logits, parameters.temperature),
    );
    return ops.mul(ops.square(parameters.temperature), soft);
  },
});

function adapterVariables({ pairs, classes }: MethodSizes, { bottleneck }: { readonly bottleneck: number }) {
  const features = pairs[0]?.teacher.at(-1) ?? 1;
  return [
    ...linearVariables('first', features, classes),
    ...linearVariables('narrow', classes, bottleneck),
    ...linearVariables('last', bottleneck, classes),
  ];
}

/** `ẑ_t`, `[batch, classes]`. */
function adaptedLogits<S>(ops: Ops, { teacher, variables }: LossContext<S>): tf.Tensor2D {
  const [map] = teacher.maps;
  const features = flatten(ops, map?.rank === 4 ? ops.mean(map, [1, 2]) : (map as tf.Tensor));
  const narrow = linear(ops, variables, 'narrow', linear(ops, variables, 'first', features));
  return ops.sub(teacher.logits, linear(ops, variables, 'last', ops.relu(narrow)));
}

/** The largest answer and that of the label exchanged; nothing flows back. */
function swapped(ops: Ops, logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor2D {
  return detached<tf.Tensor2D>(ops, [logits], (z) => {
    const classes = logits.shape[1];
    const top = ops.oneHot(ops.argMax(z, 1), classes, 1, 0, 'float32');
    const right = oneHot(ops, labels, classes);
    const gap = ops.sum(ops.mul(z, ops.sub(top, right)), 1, true);
    return ops.add(z, ops.mul(gap, ops.sub(right, top)));
  });
}
