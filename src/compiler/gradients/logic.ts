import * as tf from '@tensorflow/tfjs-core';
import { at, type GradientRule } from './rule.ts';

/** What only compares has no slope: nothing flows back, where TensorFlow.js stops with an error. */
const flat = (kernel: string, names: readonly string[]): GradientRule => ({
  kernel,
  saves: names,
  gradient: ({ saved }) =>
    Object.fromEntries(names.map((name, index) => [name, () => tf.zeros(at(saved, index).shape)])),
});

const PAIRS = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr']; // prettier-ignore
const SINGLES = ['LogicalNot', 'IsNan', 'IsInf', 'IsFinite', 'All', 'Any'];

export const logicGradients: readonly GradientRule[] = [
  ...PAIRS.map((kernel) => flat(kernel, ['a', 'b'])),
  ...SINGLES.map((kernel) => flat(kernel, ['x'])),
];
