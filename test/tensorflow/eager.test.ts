import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { largestDifference } from '../../src/executors/compare.ts';
import { cpuBackend } from '../../src/executors/eager/cpu.ts';
import { eagerOn } from '../../src/executors/eager/executor.ts';
import { openTfjsNodeBackend } from '../../src/executors/eager/tfjs-node.ts';
import type { EagerExecutor } from '../../src/executors/executor.ts';
import { openEager } from '../../src/executors/rungs/eager.ts';
import { selfTest } from '../../src/executors/self-test.ts';
import { residualStep } from '../compiler/residual-net.ts';
import { expectSame } from '../compiler/support.ts';
import { FOLDER, packageUnderTest } from './package-under-test.ts';

const training = residualStep({ batch: 4, size: 8, width: 4, classes: 5, blocksPerStage: 1 }, 'momentum');
const steps = { train: { step: training.step, specs: training.specs } };
const STEPS = 3;

/** Loss and every parameter after some steps of a residual net, run as they are. */
async function outcome(executor: EagerExecutor) {
  const program = await executor.loadSteps(steps, training.state);
  const losses: Record<string, unknown> = {};
  for (let at = 0; at < STEPS; at++) {
    const fetched = await program.run('train', { ...training.batch(at), ...training.hyper });
    for (const [name, values] of Object.entries(fetched)) losses[`${name} of step ${at}`] = values;
  }
  const state = await program.readState();
  await program.dispose();
  return { ...losses, ...state } as Record<string, Float32Array>;
}

describe('steps that are not compiled', () => {
  let eager: EagerExecutor;
  beforeAll(() => {
    eager = eagerOn(openTfjsNodeBackend(packageUnderTest()));
  });
  afterAll(() => tf.setBackend('cpu'));

  test('run on the package where it is installed, and it says so', async () => {
    const tools = mkdtempSync(join(tmpdir(), 'kd-eager-tools-'));
    vi.stubEnv('KD_TOOLS', tools);
    symlinkSync(FOLDER, join(tools, 'tensorflow'));
    const { name, description } = await openEager();
    vi.unstubAllEnvs();
    rmSync(tools, { recursive: true, force: true });
    expect(name).toBe('eager-tfjs-node');
    expect(description).toMatch(/^TensorFlow \d.* by @tensorflow\/tfjs-node.*operation by operation$/);
  });

  test('pass the self-test there', async () => {
    expect(await selfTest(eager)).toBeNull();
  });

  test('give the losses and parameters of plain JavaScript', async () => {
    const expected = await outcome(eagerOn(cpuBackend));
    expectSame(await outcome(eager), expected, { relative: 0, ofLargest: 2e-5, absolute: 1e-7 });
  });

  test('leave no tensor behind, neither ours nor of the package', async () => {
    const { binding } = packageUnderTest();
    const held = () => [tf.memory().numTensors, binding.getNumOfTensors()];
    await selfTest(eager);
    const before = held();
    await selfTest(eager);
    expect(held()).toEqual(before);
  });

  test('have the kernels that the package lacks too', async () => {
    await tf.setBackend('tfjs-node');
    const places = tf.tidy(() => {
      const found = tf.searchSorted(tf.tensor1d([1, 3, 5]), tf.add(tf.tensor1d([1, 3]), 1));
      return tf.mul(found, 2).dataSync();
    });
    expect([...places]).toEqual([2, 4]);
    await tf.setBackend('cpu');
  });

  test.each(['conv2d', 'depthwiseConv2d', 'maxPool'] as const)(
    'compute %s with padding in numbers, and its gradients, as plain JavaScript does',
    async (operation) => {
      const results: Float32Array[] = [];
      for (const backend of ['cpu', 'tfjs-node']) {
        await tf.setBackend(backend);
        const [x, w] = [
          tf.randomNormal<tf.Rank.R4>([2, 9, 7, 3], 0, 1, 'float32', 1),
          tf.randomNormal<tf.Rank.R4>([3, 3, 3, 2], 0, 1, 'float32', 2),
        ];
        const of = (image: tf.Tensor, filter: tf.Tensor): tf.Scalar => {
          const y =
            operation === 'maxPool'
              ? tf.mul(tf.maxPool(image as tf.Tensor4D, 3, 2, 1), tf.sum(filter))
              : tf[operation](image as tf.Tensor4D, filter as tf.Tensor4D, 2, 1);
          return tf.sum(tf.square(y));
        };
        const { value, grads } = tf.valueAndGrads(of)([x, w]);
        results.push(Float32Array.from([value, ...grads].flatMap((one) => [...one.dataSync()])));
      }
      await tf.setBackend('cpu');
      const [expected = new Float32Array(), actual] = results;
      expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
    },
  );

  test('take over tensors of another backend', async () => {
    await tf.setBackend('cpu');
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    await tf.setBackend('tfjs-node');
    expect([...tf.matMul(x, x).dataSync()]).toEqual([7, 10, 15, 22]);
    expect([...tf.reshape(x, [4]).dataSync()]).toEqual([1, 2, 3, 4]);
    x.dispose();
    await tf.setBackend('cpu');
  });
});
