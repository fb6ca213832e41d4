import * as tf from '@tensorflow/tfjs-core';
import { at, type GradientRule, type Tensor } from './rule.ts';

/**
 * The gradient of one operand: the result's gradient contracted with the other operand, then repeated along the letters
 * that were summed in this operand alone.
 */
function operandGradient(
  dy: Tensor,
  result: string,
  own: { readonly letters: string; readonly value: Tensor },
  other: { readonly letters: string; readonly value: Tensor } | null,
): Tensor {
  const shared = result + (other?.letters ?? '');
  const kept = Array.from(own.letters).filter((letter) => shared.includes(letter));
  const contracted =
    other === null
      ? rearranged(dy, result, kept.join(''))
      : result === ''
        ? tf.mul(dy, rearranged(other.value, other.letters, kept.join('')))
        : tf.einsum(`${result},${other.letters}->${kept.join('')}`, dy, other.value);
  const sizes = own.value.shape;
  const withOnes = Array.from(own.letters, (letter, axis) =>
    kept.includes(letter) ? (sizes[axis] ?? 1) : 1,
  );
  return tf.broadcastTo(tf.reshape(contracted, withOnes), sizes);
}

function rearranged(value: Tensor, from: string, to: string): Tensor {
  return from === to ? value : to === '' ? tf.sum(value) : tf.einsum(`${from}->${to}`, value);
}

export const einsumGradients: readonly GradientRule[] = [
  {
    kernel: 'Einsum',
    saves: 'all',
    gradient: ({ dy, saved, attributes }) => {
      const [terms = '', result = ''] = (attributes.equation as string).replace(/\s/g, '').split('->');
      const operands = terms.split(',').map((letters, index) => ({ letters, value: at(saved, index) }));
      return Object.fromEntries(
        operands.map((own, index) => [
          String(index),
          () => operandGradient(dy, result, own, operands.find((_, other) => other !== index) ?? null),
        ]),
      );
    },
  },
];
