import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/compiler/trace.ts';
import { wave } from '../../src/executors/compare.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { sharing } from '../../src/executors/sharing.ts';

const graph = trace(
  'step',
  (ops, inputs) => {
    const { x, w } = inputs as Record<'x' | 'w', Tensor>;
    return { loss: ops.mean(x), w: ops.add(w, ops.mean(ops.mul(x, w))) };
  },
  {
    x: { shape: [4, 8], dtype: 'float32', role: 'batch' },
    w: { shape: [8], dtype: 'float32', role: 'state' },
  },
);

/** Runs one step a second on a machine that is busy in the given seconds; returns the sessions that were made, and the weights. */
async function train(busy: (second: number) => boolean) {
  let second = 0;
  const made: boolean[] = [];
  const executor = sharing(
    (spinning) => {
      const inner = onnxCpu({ threads: 1, spinning });
      return { ...inner, load: (graphs, state) => (made.push(spinning), inner.load(graphs, state)) };
    },
    { isBusy: () => busy(second), now: () => second * 1000 },
  );
  const program = await executor.load({ graph }, { w: wave(8, 0.5) });
  for (; second < 60; second++) await program.run('graph', { x: wave(32, 1 + second) });
  const { w } = await program.readState();
  await program.dispose();
  return { made, weights: w };
}

describe('an executor that shares the machine', () => {
  test('spins on an idle machine, and makes no session twice', async () => {
    expect((await train(() => false)).made).toEqual([true]);
  });

  test('stops spinning while others need the processor and goes on afterwards, with the same numbers', async () => {
    const idle = await train(() => false);
    const shared = await train((second) => second > 10 && second < 35);
    expect(shared.made).toEqual([true, false, true]);
    expect(shared.weights).toEqual(idle.weights);
  });

  test('does not stop for a moment of work', async () => {
    expect((await train((second) => second % 20 === 5)).made).toEqual([true]);
  });

  test('starts without spinning on a busy machine', async () => {
    expect((await train(() => true)).made).toEqual([false]);
  });
});
