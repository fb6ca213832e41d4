import { tf } from '../../../src/compiler/tfjs.ts';
import type { ModelGraph } from '../../../src/models/description.ts';
import { initialParameters } from '../../../src/models/initialize.ts';
import { parameterSpecs } from '../../../src/models/parameters.ts';
import { normal, randomStream } from '../../../src/random/random.ts';

type Values = Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Tensors of a new model; `attention too`: scores drawn at random in place of zeros. */
export function valuesOf(graph: ModelGraph, drawn?: 'attention too'): Values {
  const values = initialParameters(graph, 1, 'test');
  return Object.fromEntries(
    parameterSpecs(graph).map(({ name, shape, role }) => {
      const data = values[name] ?? new Float32Array();
      if (drawn !== undefined && role === 'attention') normal(randomStream(5, name), 0, data);
      return [name, { shape, data }];
    }),
  );
}

export function tensorsOf(values: Values): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

export function imagesOf(shape: [number, number, number, number]): tf.Tensor4D {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor4d(normal(randomStream(3, 'images'), 0, new Float32Array(size)), shape);
}
