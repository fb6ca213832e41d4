import type * as tf from '@tensorflow/tfjs-core';
import { adaptiveAveragePool } from '../feature/adaptive-pooling.ts';
import type { Ops, VariableSpec } from '../method.ts';
import type { Detected } from './regions.ts';

/** What the three heads say: of the centre one number a class, else two. */
const HEADS = ['heat', 'size', 'offset'] as const;
type Variables = Readonly<Record<string, tf.Tensor>>;

/** The convolutions of a pair's detector. @param prefix before their names: `pair0` */
export function detectorVariables(
  prefix: string,
  from: number,
  channels: number,
  classes: number,
): VariableSpec[] {
  const convolution = (name: string, size: number, inputs: number, outputs: number): VariableSpec[] => {
    const bound = 1 / Math.sqrt(size * size * inputs);
    return [
      {
        name: `${prefix}/${name}/kernel`,
        shape: [size, size, inputs, outputs],
        trainable: true,
        initial: { kind: 'uniform', bound },
      },
      {
        name: `${prefix}/${name}/bias`,
        shape: [outputs],
        trainable: true,
        initial: { kind: 'uniform', bound },
      },
    ];
  };
  return [
    ...convolution('adapter', 1, from, channels),
    ...HEADS.flatMap((head) => [
      ...convolution(`${head}/conv`, 3, channels, channels),
      ...convolution(`${head}/out`, 1, channels, head === 'heat' ? classes : 2),
    ]),
  ];
}

/**
 * What the detector says of the student's map, and of the teacher's.
 *
 *     [heat, size, offset](F) = out(ReLU(conv3x3(F))), of conv1x1(F_s) and of F_t
 *
 * The first convolutions of the three heads read the same map, so they are one with three times the filters. The student's goes
 * over its own channels where these are fewer than the teacher's: both layers are linear, `conv3x3(conv1x1(F)) = conv3x3'(F)`.
 *
 * @param variables of the pair, by names without its prefix
 */
export function detectBoth(
  ops: Ops,
  variables: Variables,
  student: tf.Tensor4D,
  teacher: tf.Tensor4D,
): readonly [Detected, Detected] {
  const [, height, width] = teacher.shape;
  const kernel = joined(ops, variables, 'conv/kernel', 3) as tf.Tensor4D;
  const bias = joined(ops, variables, 'conv/bias', 0);
  const detect = (map: tf.Tensor4D, filters: tf.Tensor4D) =>
    heads(ops, variables, ops.relu(ops.add(ops.conv2d(map, filters, 1, 'same'), bias)));
  const fitting = adaptiveAveragePool(ops, student, height, width);
  return [detect(...adapted(ops, variables, fitting, kernel)), detect(teacher, kernel)];
}

/** A tensor of every head, side by side. */
function joined(ops: Ops, variables: Variables, name: string, axis: number): tf.Tensor {
  return ops.concat(
    HEADS.map((head) => variables[`${head}/${name}`] as tf.Tensor),
    axis,
  );
}

/**
 * A map and the filters that go over it, which come to the same as these filters over the adapted map:
 *
 *     K'[tap, i, o] = Σ_c A[i, c] K[tap, c, o],   [F, 1] ∗ [K'; b K]        b: bias of the adapter, which ends where the map ends
 */
function adapted(
  ops: Ops,
  variables: Variables,
  map: tf.Tensor4D,
  filters: tf.Tensor4D,
): readonly [tf.Tensor4D, tf.Tensor4D] {
  const kernel = variables['adapter/kernel'] as tf.Tensor4D;
  const bias = variables['adapter/bias'] as tf.Tensor1D;
  const [, , from, channels] = kernel.shape;
  if (from + 1 >= channels) return [ops.add(ops.conv2d(map, kernel, 1, 'same'), bias), filters];
  const [rows, columns, , outputs] = filters.shape;
  const layer = ops.concat(
    [ops.reshape<tf.Rank.R3>(kernel, [1, from, channels]), ops.reshape<tf.Rank.R3>(bias, [1, 1, channels])],
    1,
  );
  const both = ops.matMul(layer, ops.reshape<tf.Rank.R3>(filters, [rows * columns, channels, outputs]));
  const [batch, height, width] = map.shape;
  const widened = ops.concat([map, ops.ones<tf.Rank.R4>([batch, height, width, 1])], 3);
  return [widened, ops.reshape(both, [rows, columns, from + 1, outputs])];
}

/** The last layers of the heads as one, each over its own third of the channels. */
function heads(ops: Ops, variables: Variables, hidden: tf.Tensor4D): Detected {
  const layers = HEADS.map((head) => variables[`${head}/out/kernel`] as tf.Tensor4D);
  const sizes = layers.map(({ shape }) => shape[3]);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const rows = layers.map((layer, at) => {
    const before = sizes.slice(0, at).reduce((sum, size) => sum + size, 0);
    const after = total - before - layer.shape[3];
    return ops.pad(layer, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, after],
    ]);
  });
  const filters = ops.concat<tf.Tensor4D>(rows, 2);
  const said = ops.add(ops.conv2d(hidden, filters, 1, 'same'), joined(ops, variables, 'out/bias', 0));
  const [heat, size, offset] = ops.split(said, sizes, 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return { heat: ops.sigmoid(heat), size: ops.relu(size), offset: ops.relu(offset) };
}

/** L_D: the mean of the squared differences in everything that the three heads say. */
export function difference(ops: Ops, mine: Detected, theirs: Detected): tf.Scalar {
  const pairs = (['heat', 'size', 'offset'] as const).map((head) => [mine[head], theirs[head]] as const);
  const count = pairs.reduce((sum, [{ size }]) => sum + size, 0);
  const sums = pairs.map(([own, other]) => ops.sum<tf.Scalar>(ops.squaredDifference(own, other)));
  return ops.div(ops.addN(sums), count);
}
