import { tf } from '../../src/compiler/tfjs.ts';
import { ONE_STUDENT, type LossContext, type Method } from '../../src/methods/method.ts';

type Context = LossContext<Method['parameters']['fields']>;

/** What a loss reads, with empty parts for what a test does not care about. */
export function context(parts: {
  readonly logits?: readonly [student: tf.Tensor, teacher: tf.Tensor];
  readonly maps?: readonly [student: tf.Tensor, teacher: tf.Tensor];
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, tf.Tensor>>;
  readonly draws?: Readonly<Record<string, tf.Tensor2D>>;
  readonly training?: boolean;
  readonly update?: Context['update'];
}): Context {
  const side = (at: 0 | 1) => ({
    logits: (parts.logits?.[at] ?? tf.zeros([1, 1])) as tf.Tensor2D,
    maps: parts.maps === undefined ? [] : [parts.maps[at]],
    layers: parts.maps === undefined ? [] : ['layer'],
  });
  return {
    student: side(0),
    teacher: side(1),
    ...ONE_STUDENT,
    labels: tf.tensor1d([], 'int32'),
    indices: tf.tensor1d([], 'int32'),
    parameters: parts.parameters ?? {},
    variables: parts.variables ?? {},
    teacherWeights: {},
    draws: parts.draws ?? {},
    training: parts.training ?? true,
    update: parts.update ?? (() => undefined),
  };
}

/** Seeded values that look drawn. */
export function drawn(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, 'float32', seed);
}

export function value(tensor: tf.Tensor): number {
  return tensor.dataSync()[0] ?? NaN;
}

export function values(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}
