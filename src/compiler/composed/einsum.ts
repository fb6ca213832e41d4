import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { textOf } from '../attributes.ts';
import { axisSize, sizeOf } from '../shape.ts';
import { tensor, type Composition } from './composition.ts';

/** Operands brought to a common set of axes, multiplied, and summed over those that the result lacks. */
export const einsum: Composition = (inputs, attributes) => {
  const equation = textOf(attributes, 'equation').replace(/\s/g, '');
  const [terms = '', result = ''] = equation.split('->');
  const wanted = Array.from(result);
  const operands = terms
    .split(',')
    .map((letters, at) => ({ letters: Array.from(letters), value: tensor(inputs, String(at)) }));
  const [a, b] = operands;
  if (operands.length === 2 && a !== undefined && b !== undefined) return contracted(a, b, wanted);
  if (operands.length === 1 && a !== undefined) return arranged(summed(a, wanted), wanted);
  throw new Error('einsum of more than two tensors is not compiled; contract them in pairs');
};

interface Labelled {
  readonly letters: readonly string[];
  readonly value: Tensor;
}

/** Sums over the letters that are in none of the others. */
function summed({ letters, value }: Labelled, needed: readonly string[]): Labelled {
  const axes = letters.flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  return axes.length === 0
    ? { letters, value }
    : { letters: letters.filter((letter) => needed.includes(letter)), value: tf.sum(value, axes) };
}

function arranged({ letters, value }: Labelled, wanted: readonly string[]): Tensor {
  return tf.transpose(value, wanted.map((letter) => letters.indexOf(letter))); // prettier-ignore
}

/** Two operands as one batched matrix product. */
function contracted(left: Labelled, right: Labelled, result: readonly string[]): Tensor {
  const a = summed(left, [...right.letters, ...result]);
  const b = summed(right, [...left.letters, ...result]);
  const batch = a.letters.filter((letter) => b.letters.includes(letter) && result.includes(letter));
  const inner = a.letters.filter((letter) => b.letters.includes(letter) && !result.includes(letter));
  const rows = a.letters.filter((letter) => !b.letters.includes(letter));
  const columns = b.letters.filter((letter) => !a.letters.includes(letter));
  const sizes = new Map(
    [a, b].flatMap(({ letters, value }) =>
      letters.map((letter, axis) => [letter, axisSize(value.shape, axis)] as const),
    ),
  );
  const extent = (letters: readonly string[]): number =>
    sizeOf(letters.map((letter) => sizes.get(letter) ?? 1));
  const matrices = tf.matMul(
    tf.reshape(arranged(a, [...batch, ...rows, ...inner]), [extent(batch), extent(rows), extent(inner)]),
    tf.reshape(arranged(b, [...batch, ...inner, ...columns]), [
      extent(batch),
      extent(inner),
      extent(columns),
    ]),
  );
  const letters = [...batch, ...rows, ...columns];
  return arranged({ letters, value: tf.reshape(matrices, letters.map((letter) => sizes.get(letter) ?? 1)) }, result); // prettier-ignore
}
