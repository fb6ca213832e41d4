import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';
import type { StepGraph, TensorSpec } from '../../src/compiler/graph.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { frozen } from '../../src/compiler/passes/frozen.ts';
import { trace } from '../../src/compiler/trace.ts';
import type { Executor, Program } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { onnxWasm } from '../../src/executors/onnx-wasm.ts';
import { UserError } from '../../src/protocol/errors.ts';

const spec = (
  shape: readonly number[],
  role: TensorSpec['role'],
  dtype: TensorSpec['dtype'] = 'float32',
): TensorSpec => ({ shape, dtype, role });
const of = (inputs: Readonly<Record<string, Tensor>>, name: string): Tensor => {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`no input ${name}`);
  return tensor;
};

/** `w` moves by `x`, `steps` counts, `frozen` stays; `evaluate` reads all three. */
const train: StepGraph = trace(
  'train',
  (ops, inputs) => ({
    w: ops.add(of(inputs, 'w'), ops.mul(of(inputs, 'x'), of(inputs, 'frozen'))),
    steps: ops.add(of(inputs, 'steps'), ops.scalar(1, 'int32')),
    loss: ops.sum(of(inputs, 'w')),
  }),
  {
    w: spec([2], 'state'),
    b: spec([1], 'state'),
    steps: spec([], 'state', 'int32'),
    frozen: spec([2], 'state'),
    x: spec([2], 'batch'),
  },
);
const evaluate: StepGraph = trace(
  'evaluate',
  (ops, inputs) => ({
    sum: ops.sum(ops.mul(of(inputs, 'w'), of(inputs, 'frozen'))),
    mask: ops.greater(of(inputs, 'w'), 0),
  }),
  {
    w: spec([2], 'state'),
    frozen: spec([2], 'state'),
  },
);
const initial = {
  w: Float32Array.of(1, 2),
  b: Float32Array.of(5),
  steps: Int32Array.of(0),
  frozen: Float32Array.of(1, 10),
};

describe.each<[string, Executor]>([
  ['onnx-cpu', onnxCpu({ threads: 1, spinning: false })],
  ['onnx-wasm', onnxWasm({ threads: 2 })],
  ['the interpreter', interpreter],
])('%s', (_name, executor) => {
  let program: Program | null = null;
  const load = async (): Promise<Program> => (program = await executor.load({ train, evaluate }, initial));
  afterEach(async () => {
    await program?.dispose();
    program = null;
  });
  const failure = async (action: () => Promise<unknown>): Promise<string> => {
    try {
      await action();
    } catch (error) {
      if (error instanceof UserError) return error.problem.message;
      throw error;
    }
    throw new Error('it did not fail');
  };

  test('keeps state between steps and shares it between graphs', async () => {
    const loaded = await load();
    expect((await loaded.run('train', { x: Float32Array.of(1, 1) })).loss).toEqual(Float32Array.of(3));
    expect((await loaded.run('train', { x: Float32Array.of(1, 1) })).loss).toEqual(Float32Array.of(14));
    expect(await loaded.run('evaluate', {})).toEqual({
      sum: Float32Array.of(3 + 220),
      mask: Uint8Array.of(1, 1),
    });
    expect(await loaded.readState()).toEqual({
      w: Float32Array.of(3, 22),
      b: Float32Array.of(5),
      steps: Int32Array.of(2),
      frozen: Float32Array.of(1, 10),
    });
  });

  test('reads copies and writes values, so that a checkpoint restores a run', async () => {
    const loaded = await load();
    const saved = await loaded.readState(['w']);
    await loaded.run('train', { x: Float32Array.of(1, 1) });
    expect(saved.w).toEqual(Float32Array.of(1, 2));
    await loaded.writeState({ ...saved, frozen: Float32Array.of(2, 2) });
    expect((await loaded.run('evaluate', {})).sum).toEqual(Float32Array.of(6));
  });

  test('does not change the arrays it was given', async () => {
    const loaded = await load();
    const x = Float32Array.of(1, 1);
    await loaded.run('train', { x });
    expect([[...x], [...initial.w]]).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  test('runs steps that were asked for at once in order', async () => {
    const loaded = await load();
    const losses = await Promise.all([1, 2, 3].map(() => loaded.run('train', { x: Float32Array.of(1, 0) })));
    expect(losses.map(({ loss }) => loss?.[0])).toEqual([3, 4, 5]);
  });

  test('names what is missing or does not fit', async () => {
    const loaded = await load();
    expect(await failure(() => loaded.run('train', {}))).toMatch(/input "x"/);
    expect(await failure(() => loaded.run('train', { x: Float32Array.of(1) }))).toMatch(
      /input "x" holds 2 numbers/,
    );
    expect(await failure(() => loaded.run('probe', {}))).toMatch(/graph "probe".*train, evaluate/);
    expect(await failure(() => loaded.writeState({ w: Float32Array.of(1) }))).toMatch(/state "w"/);
    expect(await failure(() => loaded.readState(['v']))).toMatch(/state "v"/);
    expect(
      await failure(async () => executor.load({ train }, { ...initial, w: Float32Array.of(1) })),
    ).toMatch(/state "w"/);
  });
});

test('a runtime that fails says so as an error with a next step', async () => {
  // An index outside the table: compiled without knowing it, refused by the runtime.
  const graph = trace('lookup', (ops, inputs) => ({ y: ops.gather(of(inputs, 'table'), of(inputs, 'at')) }), {
    table: spec([2], 'batch'),
    at: spec([1], 'batch', 'int32'),
  });
  const program = await onnxCpu({ threads: 1, spinning: false }).load({ graph }, {});
  const run = program.run('graph', { table: Float32Array.of(1, 2), at: Int32Array.of(7) });
  await expect(run).rejects.toMatchObject({
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
