import type * as tfjs from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { openEager } from '../../src/executors/rungs/eager.ts';
import type * as Methods from '../../src/methods/index.ts';
import { defineMethod } from '../../src/methods/method.ts';
import { object } from '../../src/schema/field.ts';
import type { FallBack } from '../../src/training/load-program.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train } from './small-run.ts';

const KERNEL = 'DoubleOfTest';

/** Matches logits by a kernel that the compiler has never heard of. */
const odd = defineMethod({
  name: 'odd',
  title: 'Odd matching',
  knowledge: 'response',
  summary: 'For tests.',
  formula: 'L = mean (2·(z_t − z_s))²',
  papers: [],
  parameters: object({}, { doc: 'None.' }),
  defaultWeight: { value: 1, source: 'a test' },
  needs: { logits: true },
  fixtures: [],
  loss(ops, { student, teacher }) {
    const twice = ops.customGrad((x) => ({
      value: ops.engine().runKernel<tfjs.Tensor>(KERNEL, { x: x as tfjs.Tensor }),
      gradFunc: (dy: tfjs.Tensor) => ops.mul(dy, 2),
    }));
    return ops.mean<tfjs.Scalar>(ops.square(twice(ops.sub(student.logits, teacher.logits))));
  },
});

vi.mock('../../src/methods/index.ts', async (original) => {
  const methods = await original<typeof Methods>();
  return { ...methods, findMethod: (name: string) => (name === 'odd' ? odd : methods.findMethod(name)) };
});

beforeAll(async () => {
  expect((await openEager()).name).toBe('eager-wasm');
  for (const backendName of ['cpu', 'wasm']) {
    tf.registerKernel({
      kernelName: KERNEL,
      backendName,
      kernelFunc: ({ inputs }) => tf.mul((inputs as { x: tf.Tensor }).x, 2),
    });
  }
});
afterAll(() => {
  for (const backendName of ['cpu', 'wasm']) tf.unregisterKernel(KERNEL, backendName);
});

const losses = ({ metricsLog }: MemoryWriter) =>
  metricsLog.filter(({ split }) => split !== 'test').map(({ values }) => Number(values['loss']));

describe('a phase that cannot be compiled', () => {
  const run = () =>
    smallExperiment({
      terms: [term('odd')],
      train: 40,
      batchSize: 16,
      epochs: 1,
      teacherEpochs: 1,
      baseline: false,
    });

  test('trains eagerly, says which kernel of which term keeps it from being compiled, and has the numbers of cpu', async () => {
    const fallen: Parameters<FallBack>[0][] = [];
    const fallBack: FallBack = (one) => {
      fallen.push(one);
      return openEager();
    };
    const executor = onnxCpu({ threads: 1, spinning: false });
    const { writer, outcome } = await train(await run(), { executor, fallBack });
    expect(tf.memory().numTensors).toBe(0);
    expect(outcome.status).toBe('completed');
    expect(fallen.map(({ phase, from }) => [phase, from.name])).toEqual([['student', 'onnx-cpu']]);
    expect(fallen[0]?.why).toMatchObject({
      code: 'KD6003',
      message: expect.stringMatching(
        /DoubleOfTest cannot be compiled.*fall-back\.test\.ts:\d+.*"odd"/,
      ) as string,
    });
    const reference = await train(await run(), { executor: interpreter });
    const [actual, expected] = [losses(writer), losses(reference.writer)];
    expect(actual.length).toBe(expected.length);
    actual.forEach((loss, at) => expect(loss).toBeCloseTo(expected[at] ?? NaN, 4));
  });

  test('fails with the reason where there is nothing to fall back to', async () => {
    const training = train(await run(), { executor: onnxCpu({ threads: 1, spinning: false }) });
    await expect(training).rejects.toMatchObject({ problem: { code: 'KD6003' } });
  });
});
