import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { NumericArray, StepGraph } from '../../src/compiler/graph.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { wave } from '../../src/executors/compare.ts';
import type { Executor, Fetches } from '../../src/executors/executor.ts';
import { of } from '../compiler/input.ts';

type Inputs = Readonly<Record<string, Tensor>>;

/** One use of a kernel that some provider cannot compute as ONNX defines it. */
export interface LimitCase {
  readonly graph: StepGraph;
  readonly feeds: Readonly<Record<string, NumericArray>>;
}

const DEPTHWISE_MULTIPLIERS = [1, 3, 4, 5, 6, 7, 8, 9];
/** Window, stride, padding, dilation. */
const POOLS: readonly (readonly [number, number, 'same' | 'valid', number])[] = [
  [2, 2, 'valid', 1],
  [3, 2, 'same', 1],
  [3, 1, 'same', 1],
  [2, 3, 'valid', 1],
  [2, 1, 'valid', 2],
];
/** Numbers of channels that providers take two, three or four at a time. */
const CHANNELS = [2, 4, 6, 9, 12, 15];
const KERNELS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 2],
  [3, 1],
  [3, 2],
  [5, 1],
];

function caseOf(
  name: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  step: StepFunction,
  values: (name: string, size: number) => NumericArray = (input, size) => wave(size, input === 'x' ? 1 : 0.4),
): readonly [string, LimitCase] {
  const specs = Object.entries(shapes).map(
    ([input, shape]) => [input, { shape, dtype: 'float32', role: 'batch' }] as const,
  );
  const feeds = Object.entries(shapes).map(
    ([input, shape]) =>
      [
        input,
        values(
          input,
          shape.reduce((a, b) => a * b, 1),
        ),
      ] as const,
  );
  return [name, { graph: trace(name, step, Object.fromEntries(specs)), feeds: Object.fromEntries(feeds) }];
}

const at = (inputs: Inputs, name: string): Tensor4D => of(inputs, name) as Tensor4D;

/** Whole numbers of a small range: many equal pixels in a window. */
const ties = (size: number): Float32Array => wave(size, 2).map(Math.round);

export const LIMIT_CASES: readonly (readonly [string, LimitCase])[] = [
  ...DEPTHWISE_MULTIPLIERS.map((multiplier) =>
    caseOf(
      `depthwise convolution with ${multiplier} outputs a channel, and its gradients`,
      { x: [2, 5, 6, 4], f: [3, 3, 4, multiplier], dy: [2, 5, 6, 4 * multiplier] },
      (ops, inputs) => {
        const loss = (x: Tensor, f: Tensor): Tensor =>
          ops.sum(ops.mul(ops.depthwiseConv2d(x as Tensor4D, f as Tensor4D, 1, 'same'), at(inputs, 'dy')));
        const { value, grads } = ops.valueAndGrads(loss)([at(inputs, 'x'), at(inputs, 'f')]);
        const y = ops.depthwiseConv2d(at(inputs, 'x'), at(inputs, 'f'), 1, 'same');
        return { y, dx: grads[0] ?? value, df: grads[1] ?? value };
      },
    ),
  ),
  ...KERNELS.map(([kernel, stride]) =>
    caseOf(
      `gradients of a convolution of ${kernel} by ${kernel} pixels at stride ${stride}`,
      { x: [2, 6, 6, 4], f: [kernel, kernel, 4, 4] },
      (ops, inputs) => {
        const loss = (x: Tensor, f: Tensor): Tensor =>
          ops.sum(ops.square(ops.conv2d(x as Tensor4D, f as Tensor4D, stride, 'same')));
        const { value, grads } = ops.valueAndGrads(loss)([at(inputs, 'x'), at(inputs, 'f')]);
        return { dx: grads[0] ?? value, df: grads[1] ?? value };
      },
    ),
  ),
  ...CHANNELS.map((channels) =>
    caseOf(
      `convolution of ${channels} channels into 8, and its gradients`,
      { x: [2, 5, 5, channels], f: [3, 3, channels, 8], dy: [2, 5, 5, 8] },
      (ops, inputs) => {
        const convolved = (x: Tensor, f: Tensor): Tensor =>
          ops.conv2d(x as Tensor4D, f as Tensor4D, 1, 'same');
        const loss = (x: Tensor, f: Tensor): Tensor => ops.sum(ops.mul(convolved(x, f), at(inputs, 'dy')));
        const { value, grads } = ops.valueAndGrads(loss)([at(inputs, 'x'), at(inputs, 'f')]);
        const y = convolved(at(inputs, 'x'), at(inputs, 'f'));
        return { y, dx: grads[0] ?? value, df: grads[1] ?? value };
      },
    ),
  ),
  ...POOLS.map(([window, stride, pad, dilation]) =>
    caseOf(
      `gradient of max pooling over ${window} by ${window} at stride ${stride}, '${pad}', dilation ${dilation}, with ties`,
      { x: [2, 6, 7, 3] },
      (ops, inputs) => {
        const pooled = (x: Tensor): Tensor4D =>
          ops.pool(x as Tensor4D, window, 'max', pad, dilation, dilation > 1 ? 1 : stride);
        const weighted = (x: Tensor): Tensor => ops.sum(ops.mul(pooled(x), ops.add(pooled(x), 3)));
        return { dx: ops.grad(weighted)(at(inputs, 'x')) };
      },
      (_, size) => ties(size).map((value) => value - 2),
    ),
  ),
  caseOf('a split into twenty and their join', { x: [2, 20, 3] }, (ops, inputs) => {
    const pieces = ops.split(at(inputs, 'x'), 20, 1);
    return {
      join: ops.concat(
        pieces.map((piece, index) => ops.mul(piece, index)),
        2,
      ),
    };
  }),
  caseOf('an unstacking into nine', { x: [9, 4] }, (ops, inputs) => {
    const rows = ops.unstack(at(inputs, 'x'));
    return { first: ops.sub(rows[0] ?? at(inputs, 'x'), rows[8] ?? at(inputs, 'x')) };
  }),
];

export async function outcome(executor: Executor, { graph, feeds }: LimitCase): Promise<Fetches> {
  const program = await executor.load({ graph }, {});
  try {
    return await program.run('graph', feeds);
  } finally {
    await program.dispose();
  }
}
