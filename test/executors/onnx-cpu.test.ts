import type { Tensor1D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { optimize } from '../../src/compiler/optimize.ts';
import { frozen } from '../../src/compiler/passes/frozen.ts';
import { trace } from '../../src/compiler/trace.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { onnxWasm } from '../../src/executors/onnx-wasm.ts';
import { executorContract, of, outsideFeeds, outsideTable, spec } from './contract.ts';

executorContract('onnx-cpu', () => onnxCpu({ threads: 1, spinning: false }));
executorContract('onnx-wasm', () => onnxWasm({ threads: 2 }));
executorContract('the interpreter', () => interpreter);

test('a runtime that fails says so as an error with a next step', async () => {
  const program = await onnxCpu({ threads: 1, spinning: false }).load({ graph: outsideTable }, {});
  await expect(program.run('graph', outsideFeeds)).rejects.toMatchObject({
    problem: { code: 'KD6030', message: expect.stringContaining('lookup') as string },
  });
  await program.dispose();
});

test('a vector whose large tensors are kept alone is read and written as one', async () => {
  const sizes = [3, 140_000, 4];
  const length = 140_007;
  const graph = trace(
    'long',
    (ops, inputs) => {
      const [a, b, c] = ops.split(of(inputs, 'long'), sizes);
      const moved = [ops.add(a ?? 0, 1), ops.mul(b ?? 0, 2), ops.neg(c ?? 0)];
      const next = ops.concat1d(moved as Tensor1D[]);
      return { long: next, sum: ops.sum(ops.abs(next)) };
    },
    { long: spec([length], 'state') },
  );
  const before = Float32Array.from({ length }, (_, at) => at % 7);
  const after = before.map((value, at) => (at < 3 ? value + 1 : at < length - 4 ? 2 * value : -value));
  const program = await onnxCpu({ threads: 1, spinning: false }).load({ graph }, { long: before });
  expect((await program.readState()).long).toEqual(before);
  await program.run('graph', {});
  expect((await program.readState(['long'])).long).toEqual(after);
  await program.writeState({ long: before });
  expect((await program.readState(['long'])).long).toEqual(before);
  await program.dispose();
});

describe('a graph whose state nothing changes', () => {
  const step = trace(
    'step',
    (ops, inputs) => ({ w: ops.add(of(inputs, 'w'), of(inputs, 'x')), loss: ops.sum(of(inputs, 'w')) }),
    { w: spec([2], 'state'), x: spec([2], 'batch') },
  );
  const answers = trace(
    'answers',
    (ops, inputs) => ({ y: ops.mul(ops.exp(of(inputs, 'teacher')), of(inputs, 'x')) }),
    { teacher: spec([2], 'state'), x: spec([2], 'batch') },
  );
  const x = Float32Array.of(1, 2);

  test('answers with the weights that were written last', async () => {
    const initial = { w: Float32Array.of(0, 0), teacher: Float32Array.of(0, 0) };
    const program = await onnxCpu({ threads: 1, spinning: false }).load({ step, answers }, initial);
    expect((await program.run('answers', { x })).y).toEqual(Float32Array.of(1, 2));
    await program.run('step', { x });
    expect((await program.run('answers', { x })).y).toEqual(Float32Array.of(1, 2));
    await program.writeState({ teacher: Float32Array.of(Math.log(3), 0) });
    const { y } = await program.run('answers', { x });
    expect(y?.[0]).toBeCloseTo(3, 5);
    expect(y?.[1]).toBe(2);
    expect(await program.readState()).toEqual({ w: x, teacher: Float32Array.of(Math.log(3), 0) });
    await program.dispose();
  });

  test('has its weights as constants, so that what depends on them alone is computed once', () => {
    const graph = optimize(frozen(answers, { teacher: Float32Array.of(0, 1) }));
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(graph.nodes.map(({ kernel }) => kernel)).toEqual(['Multiply']);
  });
});
