import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { REFUSED_KERNELS } from '../../src/compiler/kernels/refused.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { tf, useCpu } from './support.ts';

beforeAll(useCpu);

type Use = (ops: typeof tf, x: Tensor) => unknown;

/** The problem that tracing a step with `use` ends in. */
function problemOf(use: Use): UserError['problem'] {
  const step: StepFunction = (ops, { x }) => {
    if (x === undefined) throw new Error('no input');
    use(ops, x);
    return { y: ops.neg(x) };
  };
  try {
    trace('step', step, { x: { shape: [4], dtype: 'float32', role: 'batch' } });
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
  throw new Error('it was traced');
}

const HERE = /test\/compiler\/refusals\.test\.ts:\d+/;

describe('a value that is read while a step is traced is an error that names the line', () => {
  test.each<[string, Use]>([
    ['dataSync', (_, x) => x.dataSync()],
    ['data', (_, x) => void x.data()],
    ['arraySync', (_, x) => x.arraySync()],
    ['array', (_, x) => void x.array()],
    ['bufferSync', (_, x) => x.bufferSync()],
    ['buffer', (_, x) => void x.buffer()],
    ['bytes', (_, x) => void x.bytes()],
    ['toString', (_, x) => x.toString()],
    ['a template text', (_, x) => `${x}`], // eslint-disable-line @typescript-eslint/restrict-template-expressions -- what a method must not do
    ['print', (_, x) => { x.print(); }],
    ['print of the library', (ops, x) => { ops.print(x); }],
    ['dataToGPU', (_, x) => x.dataToGPU()],
    ['the value of a loss', (ops, x) => ops.valueAndGrad((a: Tensor) => ops.sum(ops.square(a)))(x).value.dataSync()],
    ['a gradient', (ops, x) => ops.grad((a: Tensor) => ops.sum(ops.square(a)))(x).dataSync()],
    ['inside a function that is differentiated', (ops, x) => ops.grad((a: Tensor) => { a.dataSync(); return ops.sum(a); })(x)],
    ['whereAsync', (ops, x) => void ops.whereAsync(ops.greater(x, 0))],
    ['booleanMaskAsync', (ops, x) => void ops.booleanMaskAsync(x, ops.greater(x, 0))],
    ['setdiff1dAsync', (ops, x) => void ops.setdiff1dAsync(x, ops.tensor1d([1]))],
    ['inTopKAsync', (ops, x) => void ops.inTopKAsync(ops.reshape(x, [1, 4]), ops.tensor1d([1]), 2)],
  ])('%s', (_name, use) => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const problem = problemOf(use);
    vi.restoreAllMocks();
    expect(problem.code).toBe('KD6001');
    expect(problem.message).toMatch(HERE);
  }); // prettier-ignore

  test('but not the shape, the type, or a number that is known', () => {
    const step: StepFunction = (ops, { x }) => {
      if (x === undefined) throw new Error('no input');
      const known = ops.mul(ops.scalar(3), 1).shape.length + (ops.scalar(2).dataSync()[0] ?? 0);
      return { y: ops.mul(x, known + x.size + x.rank) };
    };
    expect(() => trace('step', step, { x: { shape: [4], dtype: 'float32', role: 'batch' } })).not.toThrow();
  });
});

describe('a random draw is refused by its name, with the line', () => {
  test.each<[string, Use]>([
    ['randomNormal', (ops) => ops.randomNormal([3])],
    ['randomUniform', (ops) => ops.randomUniform([3])],
    ['randomUniform', (ops) => ops.randomUniform([3], 0, 1, 'float32', 42)],
    ['randomUniformInt', (ops) => ops.randomUniformInt([3], 0, 9)],
    ['randomGamma', (ops) => ops.randomGamma([3], 1)],
    ['randomStandardNormal', (ops) => ops.randomStandardNormal([3])],
    ['truncatedNormal', (ops) => ops.truncatedNormal([3])],
    ['rand', (ops) => ops.rand([3], () => 0.5)],
    ['dropout', (ops, x) => ops.dropout(x, 0.5)],
    ['dropout', (ops, x) => ops.dropout(x, 0.5, undefined, 7)],
    ['shuffle', (ops) => { ops.util.shuffle([1, 2, 3]); }],
    ['Math.random', (ops) => ops.scalar(Math.random())],
  ])('%s', (name, use) => {
    const problem = problemOf(use);
    expect(problem.code).toBe('KD6004');
    expect(problem.message).toMatch(new RegExp(`^${name} would be the same in every step`));
    expect(problem.message).toMatch(HERE);
  }); // prettier-ignore

  test('and the generator is as before, also after the error', () => {
    const before = Math.random;
    expect(() => problemOf(() => Math.random())).not.toThrow();
    expect(Math.random).toBe(before);
  });

  test('a draw of classes says that random numbers are inputs', () => {
    const problem = problemOf((ops, x) => ops.multinomial(x as tf.Tensor1D, 2, 1));
    expect(problem.message).toMatch(/Multinomial cannot be compiled .*random numbers are inputs/);
    expect(problem.message).toMatch(HERE);
  });

  test('dropout says how to declare its mask', () => {
    expect(problemOf((ops, x) => ops.dropout(x, 0.5)).help).toMatch(/mask of zeros and ones/);
  });
});

describe('what cannot be compiled', () => {
  test('a variable that is no input is named, so that no weight is fixed in the graph', () => {
    const weight = tf.variable(tf.ones([4]), true, 'a weight of somebody');
    const problem = problemOf((ops, x) => ops.mul(x, weight));
    weight.dispose();
    expect(problem.code).toBe('KD6007');
    expect(problem.message).toMatch(/"a weight of somebody"/);
    expect(problem.message).toMatch(HERE);
  });

  test.each<[string, Use]>([
    ['Complex', (ops, x) => ops.complex(x, x)],
    ['Unique', (ops, x) => ops.unique(x)],
    [
      'Conv3D',
      (ops) =>
        ops.conv3d(ops.ones<tf.Rank.R4>([2, 2, 2, 1]), ops.ones<tf.Rank.R5>([1, 1, 1, 1, 1]), 1, 'same'),
    ],
    [
      'Dilation2D',
      (ops) => ops.dilation2d(ops.ones<tf.Rank.R3>([2, 2, 1]), ops.ones<tf.Rank.R3>([1, 1, 1]), 1, 'same'),
    ],
    ['NonMaxSuppressionV3', (ops, x) => ops.image.nonMaxSuppression(ops.ones([4, 4]), x as tf.Tensor1D, 2)],
  ])('%s names itself, the line and the reason', (kernel, use) => {
    const problem = problemOf(use);
    expect(problem.code).toBe('KD6003');
    expect(problem.message).toContain(`${kernel} cannot be compiled`);
    expect(problem.message).toContain(REFUSED_KERNELS[kernel]);
    expect(problem.message).toMatch(HERE);
  });

  test('a padding by a number says where TensorFlow.js itself would go wrong', () => {
    const problem = problemOf((ops) =>
      ops.conv2d(ops.ones<tf.Rank.R4>([1, 8, 8, 1]), ops.ones<tf.Rank.R4>([3, 3, 1, 1]), [2, 1], 1),
    );
    expect(problem.message).toMatch(/padding given as one number/);
  });
});
