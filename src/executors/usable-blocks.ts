import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import {
  blocksOf,
  formsWithout,
  NEEDED_ALWAYS,
  type Blocks,
  type InternalKernel,
} from '../compiler/onnx/blocked/forms.ts';
import type { BlockSize } from '../compiler/onnx/blocked/maps.ts';
import { OnnxBuilder } from '../compiler/onnx/builder.ts';
import { lowerToOnnx } from '../compiler/onnx/lower.ts';
import { BLOCKED, type OnnxModel } from '../compiler/onnx/model.ts';
import { encodeModel } from '../compiler/onnx/wire.ts';
import { optimize } from '../compiler/optimize.ts';
import { sizeOf } from '../compiler/shape.ts';
import type { tf } from '../compiler/tfjs.ts';
import { trace } from '../compiler/trace.ts';
import { kernelProbes } from './block-probe.ts';
import { largestDifference, wave } from './compare.ts';
import { nativeRuntime, PROBE_SESSION } from './onnx-runtime.ts';

/** Largest difference between both forms, as a share of the largest value in the tensor. */
const TOLERANCE = 1e-4;
const BATCH = 16;

/** What the probe of the internal kernels found. */
export interface BlockProbe {
  /** How to write on blocks; null where steps must be written without. */
  readonly blocks: Blocks | null;
  /** Kernels that are missing or wrong, with the reason. */
  readonly faults: readonly { readonly kernel: InternalKernel; readonly reason: string }[];
  /** Why nothing is written on blocks; null where they are used. */
  readonly reason: string | null;
}

/** Runs a model once. */
export type RunModel = (
  model: OnnxModel,
  feeds: Readonly<Record<string, NumericArray>>,
) => Promise<Readonly<Record<string, NumericArray>>>;

let known: Promise<BlockProbe> | null = null;

/** `probeBlocks`, once a process. */
export function knownBlocks(): Promise<BlockProbe> {
  known ??= probeBlocks();
  return known;
}

/** How to write steps on blocks on this machine; null where they must be written without. */
export async function usableBlocks(): Promise<Blocks | null> {
  return (await knownBlocks()).blocks;
}

/**
 * How many channels a block has in this machine's convolution kernels, and which of the forms on blocks are right here. The
 * kernels are internal to ONNX Runtime, so nothing is taken for granted: the size is read off a reordered tensor; every kernel is
 * compared with its definition, and one that is missing or wrong rules out the forms that need it; and a small net must give the same
 * loss, gradients and statistics as in the plain form.
 *
 * @param run for tests: another runtime
 */
export async function probeBlocks(run: RunModel = onnxRun): Promise<BlockProbe> {
  const size = await reorderedBy(run);
  if (size === null) return { blocks: null, faults: [], reason: 'this build of the runtime has no blocks' };
  const faults = await faultsOf(run, size);
  const names = faults.map(({ kernel }) => kernel);
  const needed = NEEDED_ALWAYS.filter((kernel) => names.includes(kernel));
  if (needed.length > 0) return { blocks: null, faults, reason: `${needed.join(', ')} cannot be used` };
  const blocks = blocksOf(size, formsWithout(names));
  const reason = await differenceOfNet(run, blocks);
  return { blocks: reason === null ? blocks : null, faults, reason };
}

async function faultsOf(run: RunModel, size: BlockSize): Promise<BlockProbe['faults']> {
  const faults = new Map<InternalKernel, string>();
  for (const { kernel, model, feeds, expected } of kernelProbes(size)) {
    if (faults.has(kernel)) continue;
    try {
      const difference = largestDifference((await run(model, feeds))['y'], expected);
      if (!(difference <= TOLERANCE)) faults.set(kernel, offBy(difference));
    } catch (error) {
      faults.set(kernel, reasonOf(error));
    }
  }
  return [...faults].map(([kernel, reason]) => ({ kernel, reason }));
}

function offBy(difference: number): string {
  return Number.isFinite(difference)
    ? `off by ${difference.toExponential(1)} of the largest value`
    : 'not a number';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a net that is written on blocks may not be used; null where it has the numbers of the plain form. */
async function differenceOfNet(run: RunModel, blocks: Blocks): Promise<string | null> {
  try {
    const graph = optimize(probeStep());
    const of = (model: OnnxModel) => run(model, netFeeds(model));
    const [expected, actual] = [await of(lowerToOnnx(graph)), await of(lowerToOnnx(graph, blocks))];
    for (const [name, values] of Object.entries(expected)) {
      const difference = largestDifference(actual[name], values);
      if (!(difference <= TOLERANCE)) return `${name} of a small net is ${offBy(difference)}`;
    }
    return null;
  } catch (error) {
    return `a small net failed: ${reasonOf(error)}`;
  }
}

/** Numbers for the inputs of the small net. */
function netFeeds({ inputs }: OnnxModel): Record<string, Float32Array> {
  return Object.fromEntries(
    inputs.map(({ name, shape }) => [name, wave(sizeOf(shape), name === 'x' ? 1 : 0.2)]),
  );
}

/** The distance at which the second pixel of 16 channels lies after the kernel that makes blocks has run. */
async function reorderedBy(run: RunModel): Promise<BlockSize | null> {
  const onnx = new OnnxBuilder();
  const x = onnx.input('x', 'float32', [1, 16, 1, 2]);
  onnx.output('y', 'float32', [1, 16, 1, 2], onnx.op('ReorderInput', [x], {}, BLOCKED));
  try {
    const { y } = await run(onnx.model('reorder'), { x: Float32Array.from({ length: 32 }, (_, at) => at) });
    const size = y?.indexOf(1);
    return size === 16 || size === 8 ? size : null;
  } catch {
    return null; // a build of the runtime without these kernels
  }
}

/** Runs a model on ONNX Runtime. Exported for tests. */
export async function onnxRun(
  model: OnnxModel,
  feeds: Readonly<Record<string, NumericArray>>,
): Promise<Record<string, NumericArray>> {
  const { InferenceSession, Tensor } = await nativeRuntime();
  const session = await InferenceSession.create(encodeModel(model), PROBE_SESSION);
  try {
    const inputs = model.inputs.map(
      ({ name, shape }) =>
        [name, new Tensor('float32', Float32Array.from(feeds[name] ?? []), shape)] as const,
    );
    const results = await session.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.data as NumericArray]),
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
