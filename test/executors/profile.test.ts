import { describe, expect, it } from 'vitest';
import { trace } from '../../src/compiler/trace.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { costsOf } from '../../src/executors/onnx-profile.ts';

const SIDE = 8;
const RUNS = 4;
const spec = (role: 'state' | 'batch') => ({ shape: [SIDE, SIDE], dtype: 'float32', role }) as const;
const numbers = (seed: number) => Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(seed + i));

/** Two products and a sine, with state, as a training step has. */
const graph = trace(
  'step',
  (ops, { w, x }) => {
    const y = ops.matMul(ops.sin(ops.matMul(x as never, w as never)), w as never);
    return { w: y, loss: ops.sum(y) };
  },
  { w: spec('state'), x: spec('batch') },
);

const costs = (executor: Executor) => {
  if (executor.profile === undefined) throw new Error(`${executor.name} cannot profile`);
  return executor.profile(graph, { w: numbers(1) }, { x: numbers(2) }, RUNS);
};

describe('what the operations of a graph cost', () => {
  it('is told by ONNX Runtime for one run, warm-up left out', async () => {
    const found = await costs(onnxCpu({ threads: 1 }));
    expect(found.find(({ operation }) => operation === 'MatMul')).toMatchObject({
      calls: 2,
      bytes: 2 * SIDE * SIDE * 4,
    });
    expect(found.find(({ operation }) => operation === 'Sin')).toMatchObject({ calls: 1 });
    expect(found.some(({ operation }) => operation === 'SequenceConstruct')).toBe(false);
    expect(found.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
  });

  it('is told by the interpreter under the names of TensorFlow.js', async () => {
    const found = await costs(interpreter);
    expect(found.find(({ operation }) => operation === 'BatchMatMul')).toMatchObject({
      calls: 2,
      bytes: 2 * SIDE * SIDE * 4,
    });
    expect(found.find(({ operation }) => operation === 'Sin')).toMatchObject({ calls: 1 });
  });

  it('sums a trace by operation, the dearest first, and skips what is no kernel', () => {
    const kernel = (operation: string, dur: number) => ({
      ...{ cat: 'Node', name: `n_kernel_time`, dur },
      args: { op_name: operation, output_size: '8' },
    });
    const run = [kernel('Conv', 3000), kernel('Add', 1000), kernel('Conv', 1000)];
    const session = { cat: 'Session', name: 'model_run', dur: 9999 };
    // Three runs to warm up, slower than the two that count.
    const slow = run.map((event) => ({ ...event, dur: event.dur * 10 }));
    const trace = [session, ...slow, ...slow, ...slow, session, ...run, ...run];
    expect(costsOf(JSON.stringify(trace), 5)).toEqual([
      { operation: 'Conv', calls: 2, milliseconds: 4, bytes: 16 },
      { operation: 'Add', calls: 1, milliseconds: 1, bytes: 8 },
    ]);
  });
});
