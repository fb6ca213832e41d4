import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import type { BlockSize } from '../compiler/onnx/blocked/maps.ts';
import { OnnxBuilder } from '../compiler/onnx/builder.ts';
import { lowerToOnnx } from '../compiler/onnx/lower.ts';
import { BLOCKED, type OnnxModel } from '../compiler/onnx/model.ts';
import { encodeModel } from '../compiler/onnx/wire.ts';
import { optimize } from '../compiler/optimize.ts';
import { sizeOf } from '../compiler/shape.ts';
import type { tf } from '../compiler/tfjs.ts';
import { trace } from '../compiler/trace.ts';
import { largestDifference, wave } from './compare.ts';
import { nativeRuntime } from './onnx-runtime.ts';

/** Largest difference between both forms, as a share of the largest value in the tensor. */
const TOLERANCE = 1e-4;
const BATCH = 16;

let known: Promise<BlockSize | null> | null = null;

/**
 * How many channels a block has in this machine's convolution kernels, or null where steps must be written without blocks.
 * The kernels are internal to ONNX Runtime, so nothing is taken for granted: the size is read off a reordered tensor, and
 * a small net must give the same loss, gradients and statistics as in the plain form. Tried once a process.
 */
export function usableBlockSize(): Promise<BlockSize | null> {
  known ??= probe();
  return known;
}

async function probe(): Promise<BlockSize | null> {
  try {
    const size = await reorderedBy();
    if (size === null) return null;
    const graph = optimize(probeStep());
    const [expected, actual] = [await outputs(lowerToOnnx(graph)), await outputs(lowerToOnnx(graph, size))];
    const same = Object.entries(expected).every(
      ([name, values]) => largestDifference(actual[name], values) <= TOLERANCE,
    );
    return same ? size : null;
  } catch {
    return null; // a build of the runtime without these kernels
  }
}

/** The distance at which the second pixel of 16 channels lies after the kernel that makes blocks has run. */
async function reorderedBy(): Promise<BlockSize | null> {
  const onnx = new OnnxBuilder();
  const x = onnx.input('x', 'float32', [1, 16, 1, 2]);
  onnx.output('y', 'float32', [1, 16, 1, 2], onnx.op('ReorderInput', [x], {}, BLOCKED));
  const { y } = await outputs(onnx.model('reorder'), { x: Float32Array.from({ length: 32 }, (_, at) => at) });
  const size = y?.indexOf(1);
  return size === 16 || size === 8 ? size : null;
}

async function outputs(
  model: OnnxModel,
  feeds?: Readonly<Record<string, NumericArray>>,
): Promise<Record<string, Float32Array>> {
  const { InferenceSession, Tensor } = await nativeRuntime();
  const session = await InferenceSession.create(encodeModel(model), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const inputs = model.inputs.map(({ name, shape }) => {
      const values = feeds?.[name] ?? wave(sizeOf(shape), name === 'x' ? 1 : 0.2);
      return [name, new Tensor('float32', Float32Array.from(values), shape)] as const;
    });
    const results = await session.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
    );
  } finally {
    await session.release();
  }
}

/**
 * A residual net that uses each of the internal kernels as training steps do. Its gradients pass no rectification, whose
 * slope rounding may turn over; one is computed beside.
 */
function probeStep(): StepGraph {
  const shapes = {
    first: [3, 3, 3, 16],
    second: [3, 3, 16, 32],
    shortcut: [1, 1, 16, 32],
    third: [3, 3, 32, 32],
    scale: [32],
  } as const;
  const names = Object.keys(shapes) as (keyof typeof shapes)[];
  const step = (ops: typeof tf, inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> => {
    const at = (name: string): Tensor => inputs[name] ?? ops.scalar(0);
    const convolve = (x: Tensor, filter: Tensor, stride: number): Tensor =>
      ops.conv2d(x as Tensor4D, filter as Tensor4D, stride, 'same');
    const net = (...[first, second, shortcut, third, scale]: Tensor[]): Tensor => {
      const map = ops.softplus(convolve(at('x'), first ?? at('first'), 1));
      const left = convolve(map, second ?? at('second'), 2);
      const right = convolve(map, shortcut ?? at('shortcut'), 2);
      const pooled = convolve(ops.maxPool(map as Tensor4D, 2, 2, 'valid'), shortcut ?? at('shortcut'), 1);
      const scaled = ops.mul(ops.add(ops.add(left, right), pooled), scale ?? at('scale'));
      return ops.add(scaled, convolve(ops.tanh(left), third ?? at('third'), 1));
    };
    const loss = (...weights: Tensor[]): Tensor => {
      const map = net(...weights);
      const centred = ops.sub(map, ops.mean(map, [0, 1, 2]));
      const pooled = ops.mean(ops.tanh(map), [1, 2]);
      return ops.add(ops.mean(ops.square(pooled)), ops.mean(ops.mean(ops.square(centred), [0, 1, 2])));
    };
    const { value, grads } = ops.valueAndGrads(loss)(names.map(at));
    return {
      loss: value,
      rectified: ops.relu(ops.add(ops.mul(net(...names.map(at)), at('scale')), net(...names.map(at)))),
      ...Object.fromEntries(names.map((name, index) => [`d-${name}`, grads[index] ?? value])),
    };
  };
  return trace('probe of blocks', step, {
    x: { shape: [BATCH, 6, 6, 3], dtype: 'float32', role: 'batch' },
    ...Object.fromEntries(
      names.map((name) => [name, { shape: shapes[name], dtype: 'float32', role: 'batch' }]),
    ),
  });
}
