import type * as tf from '@tensorflow/tfjs-core';
import { integer, object } from '../../schema/field.ts';
import { defineMethod, type LossContext, type Ops, type PairShapes, type VariableSpec } from '../method.ts';
import { resizeNearest } from './adaptive-pooling.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';
import { asMap, contextLoss } from './context-loss.ts';

const PAPERS = [
  {
    title: 'Distilling Knowledge via Knowledge Review',
    authors: 'Chen, Liu, Zhao, Jia',
    where: 'CVPR 2021',
    arxiv: '2104.09044',
  },
] as const;

/**
 * Knowledge review: the student's deep layers, fused step by step into shallower ones, predict the teacher's layers.
 *
 *     x = batchNorm(conv1×1(F_s))                                             F: [batch, height, width, channels]
 *     [a, b] = sigmoid(conv1×1([x; up(y)])),  x ← a·x + b·up(y)                 y: what the deeper layer passed on
 *     L = Σ_pairs HCL(batchNorm(conv3×3(resize(x))), F_t)
 *
 * From deep to shallow; the deepest layer has no fusion. Source: Chen et al. 2021, sections 3.2 and 3.3.
 */
export const reviewkd = defineMethod({
  name: 'reviewkd',
  title: 'Knowledge review',
  knowledge: 'feature',
  summary: 'Fuse the student’s deep layers into shallower ones to predict the teacher’s (Chen 2021).',
  formula: [
    'x ← a·x + b·up(y), [a, b] = sigmoid(conv([x; up(y)])), from deep to shallow',
    'L = Σ_pairs HCL(batchNorm(conv3×3(x)), F_teacher), HCL at full size, 4×4, 2×2, 1×1',
  ].join('\n'),
  papers: PAPERS,
  parameters: object(
    {
      width: integer({
        doc: 'Largest number of channels inside the fusion; the deepest layer’s channels where they are fewer.',
        default: 512,
        minimum: 1,
        maximum: 4096,
        source: 'mdistiller and the authors’ code',
      }),
    },
    { doc: 'Settings of the review.' },
  ),
  defaultWeight: {
    value: 5,
    source: 'mdistiller, ResNet-32x4 to ResNet-8x4 (0.6 for ResNet-56 to ResNet-20)',
  },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'any' } },
  mismatch: 'Trained convolutions bring channels to the teacher’s; sizes are resized by nearest neighbour.',
  notes: [
    'List the pairs from shallow to deep; the pooled embedding may stand last.',
    'The recipes use the teacher’s maps before their activation.',
    'The recipes warm the weight up over 20 epochs: `weight: { linear: { from: 0, to: 5, over: { epochs: 20 } } }`.',
  ],
  variables: ({ pairs }, { width }) => {
    const middle = Math.min(width, channelsOf(pairs.at(-1)?.student));
    return pairs.flatMap((shapes, pair) => {
      const conv = (name: string, size: number, inputs: number, outputs: number): VariableSpec => ({
        name: `pair${pair}/${name}`,
        shape: [size, size, inputs, outputs],
        trainable: true,
        initial: { kind: 'normal', deviation: Math.sqrt(1 / (size * size * inputs)) },
      });
      const [inputs, outputs] = [channelsOf(shapes.student), channelsOf(shapes.teacher)];
      return [
        conv('reduce/kernel', 1, inputs, middle),
        ...batchNormVariables(`pair${pair}/reduce`, middle),
        conv('output/kernel', 3, middle, outputs),
        ...batchNormVariables(`pair${pair}/output`, outputs),
        ...(pair === pairs.length - 1
          ? []
          : [
              conv('attention/kernel', 1, 2 * middle, 2),
              {
                name: `pair${pair}/attention/bias`,
                shape: [2],
                trainable: true,
                initial: { kind: 'constant', value: 0 },
              } as const,
            ]),
      ];
    });
  },
  fixtures: [
    {
      method: 'reviewkd',
      student: { maps: 'feats_student' },
      teacher: { maps: 'feats_teacher' },
      variables: reviewFixtureNames(),
    },
  ],
  loss(ops, context) {
    const { student, teacher } = context;
    const losses: tf.Scalar[] = [];
    let deeper: tf.Tensor4D | null = null;
    for (let pair = student.maps.length - 1; pair >= 0; pair--) {
      const target = asMap(ops, teacher.maps[pair] as tf.Tensor);
      const step: Reviewed = review(
        ops,
        context,
        pair,
        asMap(ops, student.maps[pair] as tf.Tensor),
        deeper,
        target,
      );
      deeper = step.fused;
      losses.push(contextLoss(ops, step.output, target));
    }
    return ops.addN(losses);
  },
});

/** One step of the review: what is passed on to the shallower layer, and the prediction of the teacher's map. */
interface Reviewed {
  readonly fused: tf.Tensor4D;
  readonly output: tf.Tensor4D;
}

function review<S>(
  ops: Ops,
  context: LossContext<S>,
  pair: number,
  map: tf.Tensor4D,
  deeper: tf.Tensor4D | null,
  target: tf.Tensor4D,
): Reviewed {
  const variable = (name: string) => context.variables[`pair${pair}/${name}`] as tf.Tensor4D;
  const reduced = ops.conv2d(map, variable('reduce/kernel'), 1, 'valid');
  const x = batchNorm(ops, context, `pair${pair}/reduce`, reduced);
  const fused = deeper === null ? x : fuse(ops, variable, x, resizeTo(ops, deeper, map));
  const predicted = ops.conv2d(resizeTo(ops, fused, target), variable('output/kernel'), 1, 'same');
  return { fused, output: batchNorm(ops, context, `pair${pair}/output`, predicted) };
}

function fuse(
  ops: Ops,
  variable: (name: string) => tf.Tensor4D,
  x: tf.Tensor4D,
  y: tf.Tensor4D,
): tf.Tensor4D {
  const logits = ops.conv2d(ops.concat([x, y], 3), variable('attention/kernel'), 1, 'valid');
  const [a, b] = ops.split(ops.sigmoid(ops.add<tf.Tensor4D>(logits, variable('attention/bias'))), 2, 3);
  return ops.add(ops.mul(x, a as tf.Tensor4D), ops.mul(y, b as tf.Tensor4D));
}

function resizeTo(ops: Ops, x: tf.Tensor4D, like: tf.Tensor4D): tf.Tensor4D {
  return resizeNearest(ops, x, like.shape[1], like.shape[2]);
}

function channelsOf(shape: PairShapes['student'] | undefined): number {
  return shape?.at(-1) ?? 1;
}

/** The reference lists its modules deepest first, ours are numbered by pair: names for fixtures of two and of four pairs. */
function reviewFixtureNames(): (pairs: number) => Record<string, string> {
  return (pairs) =>
    Object.fromEntries(
      Array.from({ length: pairs }, (_, pair) => {
        const module = `abfs.${pairs - 1 - pair}`;
        return [
          [`pair${pair}/reduce/kernel`, `${module}.conv1.0.weight`],
          [`pair${pair}/reduce/scale`, `${module}.conv1.1.weight`],
          [`pair${pair}/reduce/offset`, `${module}.conv1.1.bias`],
          [`pair${pair}/output/kernel`, `${module}.conv2.0.weight`],
          [`pair${pair}/output/scale`, `${module}.conv2.1.weight`],
          [`pair${pair}/output/offset`, `${module}.conv2.1.bias`],
          [`pair${pair}/attention/kernel`, `${module}.att_conv.0.weight`],
          [`pair${pair}/attention/bias`, `${module}.att_conv.0.bias`],
        ];
      }).flat(),
    ) as Record<string, string>;
}

/** The hierarchical context loss alone. Source: Chen et al. 2021, section 3.3. */
export const reviewkdHcl = defineMethod({
  name: 'reviewkdHcl',
  title: 'Hierarchical context loss',
  knowledge: 'feature',
  summary: 'Match layers at full size and pooled to 4×4, 2×2 and 1×1 (Chen 2021).',
  formula: 'L = Σ_pairs Σ_k w_k · mean (pool_k(F_student) − pool_k(F_teacher))² / Σ_k w_k',
  papers: PAPERS,
  parameters: object({}, { doc: 'The context loss has no settings of its own.' }),
  defaultWeight: { value: 1, source: 'inferred: the paper uses it within the review' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'any' } },
  mismatch: 'Shapes must be equal.',
  checkPair: ({ teacher, student }) =>
    teacher.join('x') === student.join('x')
      ? null
      : {
          message: `reviewkdHcl compares place by place, and the teacher layer is ${teacher.join('x')}, the student layer ${student.join('x')}.`,
          help: 'Choose layers of equal shape, or reviewkd, which adapts them.',
        },
  fixtures: [
    { method: 'reviewkd_hcl', student: { maps: 'feats_student' }, teacher: { maps: 'feats_teacher' } },
  ],
  loss(ops, { student, teacher }) {
    const losses = student.maps.map((map, pair) =>
      contextLoss(ops, asMap(ops, map), asMap(ops, teacher.maps[pair] as tf.Tensor)),
    );
    return ops.addN(losses);
  },
});
