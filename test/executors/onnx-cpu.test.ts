import { setTimeout } from 'node:timers/promises';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { optimize } from '../../src/compiler/optimize.ts';
import { frozen } from '../../src/compiler/passes/frozen.ts';
import { trace } from '../../src/compiler/trace.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { onnxWasm } from '../../src/executors/onnx-wasm.ts';
import { of } from '../compiler/input.ts';
import { executorContract, outsideFeeds, outsideTable, spec } from './contract.ts';

/** A pause between runs, and what a process may compute in it: threads that were not stopped compute several times as long. */
const [PAUSE_MILLISECONDS, IDLE_MILLISECONDS] = [30, 1];

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

test('threads that wait actively leave the processor alone between runs', async () => {
  const side = 256;
  const product = trace('product', (ops, inputs) => ({ y: ops.matMul(of(inputs, 'a'), of(inputs, 'b')) }), {
    a: spec([side, side], 'batch'),
    b: spec([side, side], 'batch'),
  });
  const feeds = { a: new Float32Array(side * side).fill(1), b: new Float32Array(side * side).fill(1) };
  const program = await onnxCpu({ threads: 2, spinning: true }).load({ product }, {});
  const busy: number[] = [];
  for (let run = 0; run < 10; run++) {
    await program.run('product', feeds);
    const before = process.cpuUsage();
    await setTimeout(PAUSE_MILLISECONDS);
    const { user, system } = process.cpuUsage(before);
    busy.push((user + system) / 1000);
  }
  await program.dispose();
  // Whatever else the process does in a pause, in one of them it does next to nothing.
  expect(Math.min(...busy)).toBeLessThan(IDLE_MILLISECONDS);
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

test('a large vector that a matrix product makes is the same vector in the next step', async () => {
  const [rows, columns, batch] = [400, 330, 3];
  const graph = trace(
    'momentum',
    (ops, inputs) => {
      const gradient = ops.matMul(of(inputs, 'x'), of(inputs, 'dy'), true);
      const m = ops.add(ops.mul(of(inputs, 'm'), 0.5), ops.reshape(gradient, [-1]));
      return { m, p: ops.sub(of(inputs, 'p'), ops.mul(m, of(inputs, 'rate'))) };
    },
    {
      ...{ x: spec([batch, rows], 'batch'), dy: spec([batch, columns], 'batch'), rate: spec([], 'hyper') },
      ...{ m: spec([rows * columns], 'state'), p: spec([rows * columns], 'state') },
    },
  );
  const whole = (count: number, modulus: number) => Float32Array.from({ length: count }, (_, at) => at % modulus);
  const feeds = { x: whole(batch * rows, 5), dy: whole(batch * columns, 7), rate: Float32Array.of(0.25) };
  const state = { m: whole(rows * columns, 3), p: whole(rows * columns, 11) };
  const outcome = async (executor: Executor) => {
    const program = await executor.load({ graph }, state);
    for (let step = 0; step < 3; step++) await program.run('graph', feeds);
    const after = await program.readState();
    await program.dispose();
    return after;
  };
  expect(await outcome(onnxCpu({ threads: 1, spinning: false }))).toEqual(await outcome(interpreter));
}); // prettier-ignore

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
