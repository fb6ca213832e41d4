import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { largestDifference, wave } from '../../src/executors/compare.ts';
import { cpuBackend } from '../../src/executors/eager/cpu.ts';
import { eagerOn } from '../../src/executors/eager/executor.ts';
import { openWasmBackend } from '../../src/executors/eager/wasm.ts';
import type { EagerExecutor, EagerStep, Program } from '../../src/executors/executor.ts';
import { openEager } from '../../src/executors/rungs/eager.ts';
import { selfTest } from '../../src/executors/self-test.ts';

const STEPS = 4;
/** Both sum in 32 bits, in another order. */
const TOLERANCE = 1e-5;

const KERNEL = 'TripleOfTest';

/** Uses a kernel that the compiler has never heard of. */
const untraceable: StepFunction = (ops, { x, weights }) => {
  const loss = (w: tf.Tensor): tf.Scalar =>
    ops.mean(ops.square(ops.matMul(x as tf.Tensor2D, w as tf.Tensor2D)));
  const { value, grad } = ops.valueAndGrad(loss)(weights as tf.Tensor);
  const next = ops.sub(weights as tf.Tensor, ops.mul(grad, 0.1));
  const triple = ops.engine().runKernel<tf.Tensor>(KERNEL, { x: next });
  // One tensor under two names: the state must not lose its own.
  return { loss: value, weights: next, again: next, sum: ops.sum(triple) };
};
const step: EagerStep = {
  step: untraceable,
  specs: {
    x: { shape: [5, 4], dtype: 'float32', role: 'batch' },
    weights: { shape: [4, 3], dtype: 'float32', role: 'state' },
  },
};

async function runs(executor: EagerExecutor): Promise<{ losses: number[]; weights: Float32Array }> {
  const program = await executor.loadSteps({ step }, { weights: wave(12, 0.5) });
  const losses: number[] = [];
  for (let at = 0; at < STEPS; at++) {
    const { loss } = await program.run('step', { x: wave(20, 1) });
    losses.push(loss?.[0] ?? NaN);
  }
  const { weights } = await program.readState();
  await program.dispose();
  return { losses, weights: weights as Float32Array };
}

describe('the eager executor', () => {
  let wasm: EagerExecutor;
  beforeAll(async () => {
    wasm = eagerOn(await openWasmBackend());
    for (const backendName of ['cpu', 'wasm']) {
      tf.registerKernel({
        kernelName: KERNEL,
        backendName,
        kernelFunc: ({ inputs }) => tf.mul((inputs as { x: tf.Tensor }).x, 3),
      });
    }
  });
  afterAll(() => tf.setBackend('cpu'));

  test('is WebAssembly where no TensorFlow package is installed, and computes what plain JavaScript computes', async () => {
    vi.stubEnv('KD_TOOLS', import.meta.dirname);
    expect((await openEager()).name).toBe('eager-wasm');
    vi.unstubAllEnvs();
    expect(await selfTest(wasm)).toBeNull();
  });

  test('runs a step that cannot be compiled, with the numbers of cpu', async () => {
    expect(() => trace('step', step.step, step.specs)).toThrow(
      /TripleOfTest cannot be compiled.*eager\.test\.ts:\d+/,
    );
    const [actual, expected] = [await runs(wasm), await runs(eagerOn(cpuBackend))];
    expect(
      largestDifference(Float32Array.from(actual.losses), Float32Array.from(expected.losses)),
    ).toBeLessThan(TOLERANCE);
    expect(largestDifference(actual.weights, expected.weights)).toBeLessThan(TOLERANCE);
    expect(actual.losses.at(-1)).toBeLessThan(actual.losses[0] ?? 0);
  });

  test('keeps no tensor of a step, and none at all after its end', async () => {
    const before = tf.memory().numTensors;
    const program: Program = await wasm.loadSteps({ step }, { weights: wave(12, 0.5) });
    await program.run('step', { x: wave(20, 1) });
    const after = tf.memory().numTensors;
    for (let at = 0; at < STEPS; at++) await program.run('step', { x: wave(20, 1) });
    await program.writeState({ weights: wave(12, 0.1) });
    expect(tf.memory().numTensors).toBe(after);
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves the active backend as it was, also where a step fails', async () => {
    await tf.setBackend('cpu');
    const failing: EagerStep = {
      ...step,
      step: (ops) => ({ y: ops.matMul(ops.zeros([2, 3]), ops.zeros([2, 3])) }),
    };
    const program = await wasm.loadSteps({ failing }, { weights: wave(12, 0.5) });
    await expect(program.run('failing', { x: wave(20, 1) })).rejects.toMatchObject({
      problem: { code: 'KD6011', message: expect.stringContaining('failing') as string },
    });
    expect(tf.getBackend()).toBe('cpu');
    await program.dispose();
  });
});
