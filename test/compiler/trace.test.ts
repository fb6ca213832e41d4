import { beforeAll, describe, expect, test } from 'vitest';
import type { TensorSpec } from '../../src/compiler/graph.ts';
import { trace } from '../../src/compiler/trace.ts';
import { interpret } from '../../src/executors/interpreter.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { tf, useCpu } from './support.ts';

beforeAll(useCpu);

const vector: TensorSpec = { shape: [3], dtype: 'float32', role: 'batch' };

describe('tracing', () => {
  test('records a function with its gradient, which then gives the values of running it', () => {
    const step = (ops: typeof tf, { x }: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => {
      const { value, grad } = ops.valueAndGrad((a: tf.Tensor) => ops.sum(ops.relu(ops.mul(a, ops.exp(a)))))(
        x as tf.Tensor,
      );
      return { value, grad };
    };
    const graph = trace('step', step, { x: vector });
    const values = Float32Array.of(-1, 0.5, 2);
    const result = interpret(graph, () => values);
    const eager = step(tf, { x: tf.tensor(values) });
    expect(result.value).toEqual(eager.value?.dataSync());
    expect(result.grad).toEqual(eager.grad?.dataSync());
  });

  test('leaves the backend, its tensors and its variables as they were', () => {
    const outside = tf.tensor1d([1, 2, 3]);
    const before = [
      tf.getBackend(),
      tf.memory().numTensors,
      Object.keys(tf.engine().registeredVariables).length,
    ];
    const graph = trace(
      'step',
      (ops, { x }) => ({ y: ops.add(ops.mul(x as tf.Tensor, outside), ops.variable(ops.ones([3]))) }),
      { x: vector },
    );
    expect([
      tf.getBackend(),
      tf.memory().numTensors,
      Object.keys(tf.engine().registeredVariables).length,
    ]).toEqual(before);
    expect([...outside.dataSync()]).toEqual([1, 2, 3]);
    expect([...(interpret(graph, () => Float32Array.of(1, 1, 1)).y ?? [])]).toEqual([2, 3, 4]);
  });

  test('leaves everything as it was after an error too', () => {
    const before = [tf.getBackend(), tf.memory().numTensors];
    expect(() =>
      trace('step', (ops, { x }) => ({ y: ops.matMul(x as tf.Tensor, ops.ones([2, 2])) }), { x: vector }),
    ).toThrow(UserError);
    expect([tf.getBackend(), tf.memory().numTensors]).toEqual(before);
    expect(
      trace('again', (ops, { x }) => ({ y: ops.neg(x as tf.Tensor) }), { x: vector }).nodes,
    ).toHaveLength(1);
  });

  test('two traces of one function are equal', () => {
    const once = (): unknown =>
      trace('step', (ops, { x }) => ({ y: ops.sum(ops.square(x as tf.Tensor)) }), { x: vector }).nodes.map(
        ({ kernel, inputs, outputs }) => [kernel, inputs, outputs],
      );
    expect(once()).toEqual(once());
  });
});

describe('what cannot be traced is named with its line', () => {
  const failure = (step: Parameters<typeof trace>[1]): { code: string; message: string } => {
    try {
      trace('step', step, { x: vector });
    } catch (error) {
      if (error instanceof UserError) return error.problem;
      throw error;
    }
    throw new Error('it was traced');
  };

  test.each<[string, Parameters<typeof trace>[1], string]>([
    [
      'a value that is read',
      (_ops, { x }) => ({ y: tf.scalar((x as tf.Tensor).dataSync()[0] ?? 0) }),
      'KD6001',
    ],
    [
      'a kernel that has no compiled form',
      (ops, { x }) => ({ y: ops.real(ops.fft(ops.complex(x as tf.Tensor, x as tf.Tensor))) }),
      'KD6003',
    ],
    ['wrong shapes', (ops, { x }) => ({ y: ops.add(x as tf.Tensor, ops.ones([4])) }), 'KD6005'],
  ])('%s', (_what, step, code) => {
    const problem = failure(step);
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(/test\/compiler\/trace\.test\.ts:\d+/);
  });

  test('an asynchronous read', () => {
    const problem = failure((ops, { x }) => {
      void (x as tf.Tensor).data();
      return { y: ops.neg(x as tf.Tensor) };
    });
    expect(problem.code).toBe('KD6001');
  });

  test('a kernel by its name', () => {
    expect(failure((ops, { x }) => ({ y: ops.unique(x as tf.Tensor1D).values })).message).toMatch(/Unique/);
  });

  test('a new state of another shape', () => {
    expect(() =>
      trace('step', (ops, { w }) => ({ w: ops.sum(w as tf.Tensor) }), { w: { ...vector, role: 'state' } }),
    ).toThrow(/state "w"/);
  });
});
