import type * as tf from '@tensorflow/tfjs-core';
import type { LossContext, Ops, PairCheck, PairShapes, VariableSpec } from '../method.ts';
import { adaptiveAveragePool, resizeBilinear } from './adaptive-pooling.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

/** How the student's map is brought to the teacher's height and width. */
type Resize =
  | { readonly kind: 'halve' }
  | { readonly kind: 'double' }
  | { readonly kind: 'valid'; readonly size: readonly [number, number] }
  /** Pooled or enlarged before a convolution that keeps height and width. */
  | { readonly kind: 'same'; readonly size: number };

/**
 * The student side of a hint: `batchNorm(conv(x))` with the teacher's shape, before any activation. Three ways, by height: twice the
 * teacher's: 3×3 convolution, stride 2, padding 1; half of it: transposed 4×4 convolution, stride 2; otherwise not
 * smaller: a convolution without padding whose kernel is the difference plus one (1×1 where they are equal).
 * Source: mdistiller's `ConvReg`, which reads heights alone; here widths must follow the same rule.
 *
 * A pair may choose a plain 1×1 or 3×3 convolution instead, with or without a batch norm; before it the map is averaged where it
 * is larger than the teacher's and enlarged bilinearly where it is smaller, so that any two maps fit (inferred: no paper says it all).
 */
export function checkRegressor(pair: PairShapes): PairCheck {
  if (resizeOf(pair) !== null) return null;
  const [teacher, student] = [pair.teacher, pair.student].map((shape) => shape.slice(0, 2).join('x'));
  return {
    message: `The regressor cannot bring the student's ${student ?? ''} map to the teacher's ${teacher ?? ''}.`,
    help: 'Choose a student layer whose map is half, twice, equal to, or larger than the teacher layer’s, in height and width alike; or give the pair `adapter: conv1x1`, which fits any two maps.',
  };
}

/** Whether an adapter stands between the layers of a pair, of methods that compare layers of one shape as they are. */
export function needsAdapter({ teacher, student, adapter }: PairShapes): boolean {
  return adapter !== undefined || teacher.join('x') !== student.join('x');
}

/** Of pair `index`: kernel `[height, width, in, out]` (`[height, width, out, in]` where transposed), bias, and the batch norm's four. */
export function regressorVariables(index: number, pair: PairShapes): readonly VariableSpec[] {
  const prefix = `pair${index}`;
  const [, , channels = 0] = pair.student;
  const [, , filters = 0] = pair.teacher;
  const resize = resizeOf(pair) ?? { kind: 'valid', size: [1, 1] };
  const [height, width] = kernelSize(resize);
  const inOut = resize.kind === 'double' ? [filters, channels] : [channels, filters];
  // PyTorch's default: uniform within ± 1/√fan-in, where the fan-in of a transposed convolution counts its outputs.
  const bound = 1 / Math.sqrt((inOut[0] ?? 1) * height * width);
  return [
    {
      name: `${prefix}/kernel`,
      shape: [height, width, ...inOut],
      trainable: true,
      initial: { kind: 'uniform', bound },
    },
    { name: `${prefix}/bias`, shape: [filters], trainable: true, initial: { kind: 'uniform', bound } },
    ...(hasBatchNorm(pair) ? batchNormVariables(prefix, filters) : []),
  ];
}

/** The student's map of pair `index` in the teacher's shape, after its batch norm: what a ReLU may follow. */
export function regress<S>(
  ops: Ops,
  context: LossContext<S>,
  index: number,
  map: tf.Tensor4D,
  target: tf.Tensor4D,
): tf.Tensor4D {
  const prefix = `pair${index}`;
  const variable = (name: string) => context.variables[`${prefix}/${name}`] as tf.Tensor;
  const pair = shapesOf(context, index, map, target);
  const resized = convolved(ops, map, variable('kernel') as tf.Tensor4D, target.shape, resizeOf(pair));
  const biased = ops.add<tf.Tensor4D>(resized, variable('bias'));
  return hasBatchNorm(pair) ? batchNorm(ops, context, prefix, biased) : biased;
}

/** The shapes of pair `index` and the adapter that it chose, as its loss sees them. */
export function shapesOf<S>(
  { adapters }: LossContext<S>,
  index: number,
  map: tf.Tensor,
  target: tf.Tensor,
): PairShapes {
  const adapter = adapters?.[index];
  const shapes = { student: map.shape.slice(1), teacher: target.shape.slice(1) };
  return adapter === undefined ? shapes : { ...shapes, adapter };
}

function convolved(
  ops: Ops,
  map: tf.Tensor4D,
  kernel: tf.Tensor4D,
  shape: tf.Tensor4D['shape'],
  resize: Resize | null,
): tf.Tensor4D {
  switch (resize?.kind) {
    case 'double':
      return ops.conv2dTranspose(map, kernel, shape, 2, 'same');
    case 'halve':
      return ops.conv2d(map, kernel, 2, [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]);
    case 'same': {
      const [, height, width] = shape;
      const pooled = adaptiveAveragePool(
        ops,
        map,
        Math.min(height, map.shape[1]),
        Math.min(width, map.shape[2]),
      );
      return ops.conv2d(resizeBilinear(ops, pooled, height, width), kernel, 1, 'same');
    }
    default:
      return ops.conv2d(map, kernel, 1, 'valid');
  }
}

function kernelSize(resize: Resize): readonly [number, number] {
  switch (resize.kind) {
    case 'valid':
      return resize.size;
    case 'same':
      return [resize.size, resize.size];
    default:
      return resize.kind === 'halve' ? [3, 3] : [4, 4];
  }
}

function hasBatchNorm({ adapter }: PairShapes): boolean {
  return adapter === undefined || adapter.kind === 'regressor' || adapter.batchNorm;
}

function resizeOf({ teacher, student, adapter }: PairShapes): Resize | null {
  if (adapter !== undefined && adapter.kind !== 'regressor')
    return { kind: 'same', size: adapter.kind === 'conv1x1' ? 1 : 3 };
  const [teacherHeight = 0, teacherWidth = 0] = teacher;
  const [height = 0, width = 0] = student;
  if (height === 2 * teacherHeight) return width === 2 * teacherWidth ? { kind: 'halve' } : null;
  if (2 * height === teacherHeight) return 2 * width === teacherWidth ? { kind: 'double' } : null;
  if (height < teacherHeight || width < teacherWidth) return null;
  return { kind: 'valid', size: [1 + height - teacherHeight, 1 + width - teacherWidth] };
}
