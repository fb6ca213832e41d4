import type * as tf from '@tensorflow/tfjs-core';
import type { LossContext, Ops, PairCheck, PairShapes, VariableSpec } from '../method.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

/** How the student's map is brought to the teacher's height and width. */
type Resize =
  | { readonly kind: 'halve' }
  | { readonly kind: 'double' }
  | { readonly kind: 'valid'; readonly size: readonly [number, number] };

/**
 * The student side of a hint: `batchNorm(conv(x))` with the teacher's shape, before any activation. Three ways, by height: twice the
 * teacher's: 3×3 convolution, stride 2, padding 1; half of it: transposed 4×4 convolution, stride 2; otherwise not
 * smaller: a convolution without padding whose kernel is the difference plus one (1×1 where they are equal).
 * Source: mdistiller's `ConvReg`, which reads heights alone; here widths must follow the same rule.
 */
export function checkRegressor(pair: PairShapes): PairCheck {
  if (resizeOf(pair) !== null) return null;
  const [teacher, student] = [pair.teacher, pair.student].map((shape) => shape.slice(0, 2).join('x'));
  return {
    message: `The regressor cannot bring the student's ${student ?? ''} map to the teacher's ${teacher ?? ''}.`,
    help: 'Choose a student layer whose map is half, twice, equal to, or larger than the teacher layer’s, in height and width alike.',
  };
}

/** Kernel `[height, width, in, out]` (`[height, width, out, in]` where transposed), bias, and the batch norm's four. */
export function regressorVariables(prefix: string, pair: PairShapes): readonly VariableSpec[] {
  const [, , channels = 0] = pair.student;
  const [, , filters = 0] = pair.teacher;
  const resize = resizeOf(pair) ?? { kind: 'valid', size: [1, 1] };
  const [height, width] =
    resize.kind === 'valid' ? resize.size : resize.kind === 'halve' ? ([3, 3] as const) : ([4, 4] as const);
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
    ...batchNormVariables(prefix, filters),
  ];
}

/** The student's map in the teacher's shape, after its batch norm: what a ReLU may follow. */
export function regress<S>(
  ops: Ops,
  context: LossContext<S>,
  prefix: string,
  map: tf.Tensor4D,
  target: tf.Tensor4D,
): tf.Tensor4D {
  const variable = (name: string) => context.variables[`${prefix}/${name}`] as tf.Tensor;
  const kernel = variable('kernel') as tf.Tensor4D;
  const resize = resizeOf({ student: map.shape.slice(1), teacher: target.shape.slice(1) });
  const resized =
    resize?.kind === 'double'
      ? ops.conv2dTranspose(map, kernel, target.shape, 2, 'same')
      : resize?.kind === 'halve'
        ? ops.conv2d(map, kernel, 2, [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ])
        : ops.conv2d(map, kernel, 1, 'valid');
  return batchNorm(ops, context, prefix, ops.add<tf.Tensor4D>(resized, variable('bias')));
}

function resizeOf({ teacher, student }: PairShapes): Resize | null {
  const [teacherHeight = 0, teacherWidth = 0] = teacher;
  const [height = 0, width = 0] = student;
  if (height === 2 * teacherHeight) return width === 2 * teacherWidth ? { kind: 'halve' } : null;
  if (2 * height === teacherHeight) return 2 * width === teacherWidth ? { kind: 'double' } : null;
  if (height < teacherHeight || width < teacherWidth) return null;
  return { kind: 'valid', size: [1 + height - teacherHeight, 1 + width - teacherWidth] };
}
