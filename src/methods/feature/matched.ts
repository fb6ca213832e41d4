import type * as tf from '@tensorflow/tfjs-core';
import { linear, linearVariables } from '../linear-layer.ts';
import type { LossContext, MethodSizes, Ops, PairCheck, PairShapes, VariableSpec } from '../method.ts';
import { checkRegressor, needsAdapter, regress, regressorVariables, shapesOf } from './regressor.ts';

/** For the hover of methods that compare value by value. */
export const MATCHED =
  'Where shapes differ, a trained adapter brings the student’s layer to the teacher’s: convolution and batch norm for maps, a linear layer for vectors.';

/** Whether the student's layer has the teacher's shape or can be brought to it. */
export function checkMatched(pair: PairShapes): PairCheck {
  const [teacher, student] = [pair.teacher.length, pair.student.length];
  if (teacher !== student) {
    return {
      message: `One layer yields a map and the other a vector (${pair.teacher.join('x')} and ${pair.student.join('x')}).`,
      help: 'Name two maps, or two layers after the pooling.',
    };
  }
  if (student === 1 && pair.adapter !== undefined) {
    return {
      message: `The adapter ${pair.adapter.kind} is one of maps, and these layers are vectors.`,
      help: 'Leave the adapter out: a linear layer brings one vector to the size of the other.',
    };
  }
  return student === 1 || !needsAdapter(pair) ? null : checkRegressor(pair);
}

/** One adapter for each pair whose shapes differ, or that chose one. */
export function matchedVariables({ pairs }: Pick<MethodSizes, 'pairs'>): readonly VariableSpec[] {
  return pairs.flatMap((shapes, pair) => {
    if (!needsAdapter(shapes)) return [];
    if (shapes.student.length === 3) return regressorVariables(pair, shapes);
    return linearVariables(`pair${pair}`, shapes.student[0] ?? 1, shapes.teacher[0] ?? 1);
  });
}

/** The mean over all pairs of a loss between the student's layer, in the teacher's shape, and the teacher's. */
export function overMatched<S>(
  ops: Ops,
  context: LossContext<S>,
  loss: (student: tf.Tensor, teacher: tf.Tensor) => tf.Scalar,
): tf.Scalar {
  const losses = context.student.maps.map((map, pair) => {
    const target = context.teacher.maps[pair] as tf.Tensor;
    return loss(matched(ops, context, pair, map, target), target);
  });
  return ops.div(ops.addN(losses), losses.length);
}

function matched<S>(
  ops: Ops,
  context: LossContext<S>,
  pair: number,
  map: tf.Tensor,
  target: tf.Tensor,
): tf.Tensor {
  if (!needsAdapter(shapesOf(context, pair, map, target))) return map;
  if (map.rank === 2) return linear(ops, context.variables, `pair${pair}`, map as tf.Tensor2D);
  return regress(ops, context, pair, map as tf.Tensor4D, target as tf.Tensor4D);
}
