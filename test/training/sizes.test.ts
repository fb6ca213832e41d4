import { expect, test } from 'vitest';
import type { TensorSpec } from '../../src/compiler/graph.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { loadProgram } from '../../src/training/load-program.ts';
import { requireGraphSizes } from '../../src/training/sizes.ts';
import type { Step } from '../../src/training/steps.ts';

/** Takes graphs, computes nothing. */
const executor: Executor = {
  name: 'none',
  description: '',
  load: () => Promise.reject(new Error('was asked to load')),
};
const images = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32', role: 'batch' });
const load = (step: Step) => loadProgram('student', { train: step }, executor);

test('an input over 2 GB is refused with its name and size, before anything is allocated', async () => {
  const step: Step = {
    step: (_ops, inputs) => ({ ...inputs }),
    specs: { images: images(1024, 512, 512, 3) },
  };
  await expect(load(step)).rejects.toMatchObject({
    problem: {
      code: 'KD6041',
      message: expect.stringMatching(
        /"images" of student\/train is \[1024, 512, 512, 3\] and takes 3\.2 GB/,
      ) as string,
      key: 'train.batchSize',
    },
  });
});

test('a result over 2 GB within a step is refused with the kernel and the line', async () => {
  const step: Step = {
    step: (ops, { images: x }) => ({
      loss: ops.sum(ops.tile(ops.reshape(x ?? ops.scalar(0), [-1]), [4096])),
    }),
    specs: { images: images(512, 16, 16, 3) },
  };
  await expect(load(step)).rejects.toMatchObject({
    problem: {
      code: 'KD6041',
      message: expect.stringMatching(/Tile in student\/train \(.*sizes\.test\.ts:\d+\)/) as string,
    },
  });
});

test('constants over 2 GB are refused, and what fits is not', async () => {
  const value = { id: 0, shape: [2 ** 28], dtype: 'float32' as const };
  const graph = { name: 'student/train', inputs: [], nodes: [], outputs: [] };
  const data = new Float32Array();
  const twice = [
    { value, data },
    { value: { ...value, id: 1 }, data },
  ];
  expect(() => requireGraphSizes({ ...graph, constants: twice })).toThrow(
    /constants of student\/train take 2\.1 GB/,
  );
  expect(() => requireGraphSizes({ ...graph, constants: twice.slice(1) })).not.toThrow();
  await expect(
    load({ step: (_ops, inputs) => ({ ...inputs }), specs: { images: images(2, 2) } }),
  ).rejects.toThrow('was asked to load');
});
