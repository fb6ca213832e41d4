import type * as tf from '@tensorflow/tfjs-core';
import { integer, number, object } from '../../schema/field.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { flatten, unit } from '../math.ts';
import { defineMethod, type LossContext, type Ops, type PairShapes } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';
import { bottleneck, bottleneckVariables } from './bottleneck.ts';

/**
 * Semantic calibration: each student layer learns from all teacher layers, shared out by attention, sample by sample.
 *
 *     G     = F Fᵀ, a row a sample                                               F: [batch, height·width·channels]
 *     q, k  = unit(linear(ReLU(linear(G))))                                      of student and of teacher layers
 *     αₙᵢⱼ  = softmax over j of qₙᵢ · kₙⱼ / τ                                    i: student layers, j: teacher layers
 *     L     = 1/(N · S) · Σₙ Σᵢ Σⱼ αₙᵢⱼ · mean (Pᵢⱼ(Fᵢ) − Fⱼ)²                    S: number of student layers
 *
 * Source: Chen et al. 2021, section 3, in the form of the authors' code.
 */
export const semckd = defineMethod({
  name: 'semckd',
  title: 'Semantic calibration',
  knowledge: 'feature',
  summary: 'Let attention choose which teacher layers teach which student layers (Chen 2021).',
  formula: [
    'q, k = unit(MLP(F Fᵀ)),  αₙᵢⱼ = softmaxⱼ(qₙᵢ · kₙⱼ / τ)',
    'L = 1/(N·S) · Σₙᵢⱼ αₙᵢⱼ · mean (Pᵢⱼ(F_studentᵢ) − F_teacherⱼ)²',
  ].join('\n'),
  papers: [
    {
      title: 'Cross-Layer Distillation with Semantic Calibration',
      authors: 'Chen, Mei, Zhang, Wang, Feng, Chen',
      where: 'AAAI 2021',
      arxiv: '2012.03236',
    },
  ],
  parameters: object(
    {
      softness: number({
        doc: 'τ, which divides the attention before its softmax.',
        default: 1,
        exclusiveMinimum: 0,
        maximum: 1000,
        source: 'Chen et al. 2021; the authors’ code (soft)',
      }),
      reduction: integer({
        doc: 'Queries and keys have one dimension for this many samples of the batch.',
        default: 4,
        minimum: 1,
        maximum: 1024,
        source: 'the authors’ code (factor)',
      }),
    },
    { doc: 'Settings of the semantic calibration.' },
  ),
  defaultWeight: { value: 400, source: 'Chen et al. 2021 and the authors’ recipes' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'Trained projections bring channels to the teacher’s; of two sizes the larger map is average-pooled to the smaller.',
  notes: [
    'Every student layer that stands in a pair meets every teacher layer that does: two pairs make four projections.',
    'Queries and keys are as wide as a batch. A smaller last batch is filled up with zeros (inferred; the authors drop it).',
  ],
  variables: ({ pairs, batch }, { reduction }) => {
    const { teachers, students } = distinctLayers(pairs);
    const size = Math.max(1, Math.floor(batch / reduction));
    const embedding = (prefix: string) => [
      ...linearVariables(`${prefix}/hidden`, batch, 2 * size),
      ...linearVariables(`${prefix}/output`, 2 * size, size),
    ];
    return [
      ...students.flatMap((_, i) => embedding(`query${i}`)),
      ...teachers.flatMap((_, j) => embedding(`key${j}`)),
      ...students.flatMap(([, , inputs = 1], i) =>
        teachers.flatMap(([, , outputs = 1], j) =>
          bottleneckVariables(`projection${i}x${j}`, inputs, 2 * outputs, outputs, 'open'),
        ),
      ),
    ];
  },
  fixtures: [
    {
      method: 'semckd',
      student: { maps: 'feats_student' },
      teacher: { maps: 'feats_teacher' },
      parameters: { softness: 'soft', reduction: 'factor' },
      variables: fixtureNames,
    },
  ],
  loss(ops, context) {
    const { softness } = context.parameters;
    const students = distinctMaps(context.student);
    const teachers = distinctMaps(context.teacher);
    const queries = students.map((map, i) => embed(ops, context, `query${i}`, map));
    const keys = teachers.map((map, j) => embed(ops, context, `key${j}`, map));
    const losses = students.map((student, i) => {
      const energies = keys.map((key) =>
        ops.div(ops.sum(ops.mul(queries[i] as tf.Tensor2D, key), 1), softness),
      );
      const attention = ops.softmax(ops.stack(energies, 1));
      const errors = teachers.map((teacher, j) =>
        errorsOf(ops, context, `projection${i}x${j}`, student, teacher),
      );
      return ops.mean<tf.Scalar>(ops.sum(ops.mul(attention, ops.stack(errors, 1)), 1));
    });
    return ops.div(ops.addN(losses), students.length);
  },
});

/** Shapes of the layers of each side, each layer once, in the order in which they come up. */
function distinctLayers(pairs: readonly PairShapes[]) {
  const shapesOf = (side: 'teacher' | 'student') => {
    const names = pairs.map((pair, i) => pair.layers?.[side] ?? String(i));
    return pairs.map((pair) => pair[side]).filter((_, i) => isFirst(names, i));
  };
  return { teachers: shapesOf('teacher'), students: shapesOf('student') };
}

function distinctMaps({ maps, layers }: LossContext<unknown>['student']): readonly tf.Tensor4D[] {
  return maps.filter((_, i) => isFirst(layers, i)) as tf.Tensor4D[];
}

function isFirst(names: readonly string[], i: number): boolean {
  return names.indexOf(names[i] ?? '') === i;
}

/** Rows of the Gram matrix of a layer, embedded and normalised: `[batch, size]`. */
function embed<S>(ops: Ops, { variables }: LossContext<S>, prefix: string, map: tf.Tensor4D): tf.Tensor2D {
  const rows = flatten(ops, map);
  const [samples] = rows.shape;
  const width = (variables[`${prefix}/hidden/kernel`] as tf.Tensor2D).shape[0];
  const gram: tf.Tensor2D = ops.matMul(rows, rows, false, true);
  const filled: tf.Tensor2D = width === samples ? gram : ops.pad(gram, [[0, 0], [0, width - samples]]); // prettier-ignore
  const hidden = ops.relu(linear(ops, variables, `${prefix}/hidden`, filled));
  return unit(ops, linear(ops, variables, `${prefix}/output`, hidden), 1);
}

/** Mean squared error of each sample, `[batch]`. */
function errorsOf<S>(
  ops: Ops,
  context: LossContext<S>,
  prefix: string,
  student: tf.Tensor4D,
  teacher: tf.Tensor4D,
): tf.Tensor1D {
  const height = Math.min(student.shape[1], teacher.shape[1]);
  const width = Math.min(student.shape[2], teacher.shape[2]);
  const predicted = bottleneck(
    ops,
    context,
    prefix,
    adaptiveAveragePool(ops, student, height, width),
    'open',
  );
  const target = adaptiveAveragePool(ops, teacher, height, width);
  return ops.mean(ops.squaredDifference(predicted, target), [1, 2, 3]);
}

function fixtureNames(students: number, teachers: number): Record<string, string> {
  const names: Record<string, string> = {};
  const embedding = (ours: string, theirs: string) => {
    for (const [layer, number] of [
      ['hidden', 1],
      ['output', 2],
    ] as const) {
      // prettier-ignore
      names[`${ours}/${layer}/kernel`] = `selfa.${theirs}.linear${number}.weight`;
      names[`${ours}/${layer}/bias`] = `selfa.${theirs}.linear${number}.bias`;
    }
  };
  for (let i = 0; i < students; i++) embedding(`query${i}`, `query_${i}`);
  for (let j = 0; j < teachers; j++) embedding(`key${j}`, `key_${j}`);
  for (let i = 0; i < students; i++) {
    for (let j = 0; j < teachers; j++) {
      const [ours, theirs] = [`projection${i}x${j}`, `selfa.regressor${i}${j}.regressor`];
      for (let layer = 0; layer < 3; layer++)
        names[`${ours}/kernel${layer}`] = `${theirs}.${3 * layer}.weight`;
      for (let layer = 0; layer < 2; layer++) {
        names[`${ours}/norm${layer}/scale`] = `${theirs}.${3 * layer + 1}.weight`;
        names[`${ours}/norm${layer}/offset`] = `${theirs}.${3 * layer + 1}.bias`;
      }
    }
  }
  return names;
}
