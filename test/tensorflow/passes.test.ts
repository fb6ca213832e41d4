import { expect, test } from 'vitest';
import { optimize, PASSES as COMMON } from '../../src/compiler/optimize.ts';
import type { Pass } from '../../src/compiler/passes/pass.ts';
import { commonSubexpressions } from '../../src/compiler/passes/common-subexpressions.ts';
import { winograd } from '../../src/compiler/passes/winograd.ts';
import { batchNorm } from '../../src/compiler/tensorflow/passes/batch-norm.ts';
import { PASSES, PROCESSOR_PASSES } from '../../src/compiler/tensorflow/passes/index.ts';
import { reluGradient } from '../../src/compiler/tensorflow/passes/relu-gradient.ts';
import { trace } from '../../src/compiler/trace.ts';
import { tensorFlow } from '../../src/executors/tensorflow.ts';
import { residualStep } from '../compiler/residual-net.ts';
import { expectSame } from '../compiler/support.ts';
import { found } from './package-under-test.ts';

const training = residualStep({ batch: 4, size: 8, width: 4, classes: 5, blocksPerStage: 1 }, 'momentum');
const graph = trace('train', training.step, training.specs);
/** Stem, two a block, and two shortcuts. */
const NORMS = 9;

async function outcome(passes: readonly Pass[]) {
  const program = await tensorFlow({ found: found(), threads: 1, passes }).load(
    { train: graph },
    training.state,
  );
  const losses = await program.run('train', { ...training.batch(0), ...training.hyper });
  const state = await program.readState();
  await program.dispose();
  return { ...losses, ...state };
}

test.each([
  ['batch-norm', batchNorm],
  ['relu-gradient', reluGradient],
])('the pass %s alone changes no result of a residual step', async (_name, pass) => {
  expectSame(await outcome([...COMMON, pass]), await outcome(COMMON), {
    relative: 0,
    ofLargest: 2e-5,
    absolute: 1e-7,
  });
});

test('3x3 windows as products of matrices change no result', async () => {
  const windows = [...PASSES, winograd(() => true), commonSubexpressions];
  const convolutions = (passes: readonly Pass[]): number =>
    optimize(graph, passes).nodes.filter(({ kernel }) => kernel.startsWith('Conv2D')).length;
  expect(convolutions(windows)).toBeLessThan(convolutions(PASSES));
  expectSame(await outcome(windows), await outcome(PASSES), { relative: 0, ofLargest: 2e-5, absolute: 1e-7 });
});

test('a processor takes products where they are faster, which they are not for few channels', () => {
  expect(PROCESSOR_PASSES.map(({ name }) => name)).toContain('winograd');
  expect(optimize(graph, PROCESSOR_PASSES).nodes).toHaveLength(optimize(graph, PASSES).nodes.length);
});

test('all batch norms of a residual net and their gradients become single operations', () => {
  const kernels = optimize(graph, PASSES).nodes.map(({ kernel }) => kernel);
  const countOf = (name: string) => kernels.filter((kernel) => kernel === name).length;
  expect([countOf('FusedBatchNormV3'), countOf('FusedBatchNormGradV3'), countOf('FusedBatchNorm')]).toEqual([
    NORMS,
    NORMS,
    0,
  ]);
  expect(countOf('Rsqrt')).toBe(0);
});
