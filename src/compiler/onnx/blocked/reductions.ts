import type { GraphNode } from '../../graph.ts';
import { flagOf, numberOf } from '../../attributes.ts';
import { reductionAxes } from '../../kernels/reductions.ts';
import { axisSize } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { inputAt, onlyInput, onlyOutput, optionalInput } from '../emit.ts';
import { BLOCKED } from '../model.ts';
import { affine, channelVector, isOpen } from './elementwise.ts';
import type { BlockedEmitter } from './emit.ts';
import { convolve, type BlockedMaps, type DeferredConvolution, type DeferredProduct } from './maps.ts';

/** Means and sums over pixels, or over pixels and images: by global pooling, which reads blocks as they lie. */
function reduce(mean: boolean): BlockedEmitter {
  return (onnx, maps, node) => {
    const [input, output] = [onlyInput(node), onlyOutput(node)];
    if (input.shape.length !== 4 || input.dtype !== 'float32' || !maps.has(input)) return false;
    if (!maps.allows('means')) return false;
    const axes = reductionAxes(node).join();
    if (axes !== '0,1,2' && axes !== '1,2') return false;
    const overImages = axes === '0,1,2';
    const [batch = 1, height = 1, width = 1] = input.shape;
    const pixels = height * width;
    const before = maps.deferred(input);
    const product = overImages && before?.kind === 'product' ? before : null;
    const pooled =
      product === null
        ? onnx.op('GlobalAveragePool', [maps.get(input)], {}, BLOCKED)
        : productSums(onnx, maps, product, input.shape);
    const channels = axisSize(input.shape, 3);
    const reduced = onnx.op(
      overImages && !mean ? 'ReduceSum' : 'ReduceMean',
      [pooled, onnx.integers(overImages ? [0, 2, 3] : [2, 3])],
      { keepdims: 0 },
    );
    const result = maps.unfilled(reduced, overImages ? 1 : 2, channels);
    const wanted = product === null ? (mean ? 1 : pixels) : mean ? 1 / pixels : 1;
    const scaled = wanted === 1 ? result : onnx.op('Mul', [result, onnx.scalar(wanted)]);
    const keepDims = flagOf(node.attributes, 'keepDims');
    if (overImages) onnx.define(output, keepDims ? onnx.reshape(scaled, [1, 1, 1, channels]) : scaled);
    else onnx.define(output, onnx.reshape(scaled, keepDims ? [batch, 1, 1, channels] : [batch, channels]));
    return true;
  };
}

/**
 * Sums of a product over the pixels of each image and channel, without the product in memory: one map is convolved, channel
 * by channel, with the other as its filter.
 */
function productSums(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  { left, right }: DeferredProduct,
  shape: readonly number[],
): string {
  const [batch = 1, height = 1, width = 1, real = 1] = shape;
  const channels = maps.width(real);
  const planes = batch * channels;
  const { x, filter, attributes } = convolve(
    onnx.reshape(left, [1, planes, height, width]),
    onnx.reshape(right, [planes, 1, height, width]),
    { kernel_shape: [height, width], group: planes },
  );
  return onnx.reshape(onnx.op('Conv', [x, filter], attributes, BLOCKED), [batch, channels, 1, 1]);
}

/** One pass `a·x + c`, which a residual and an activation may join. */
const batchNorm: BlockedEmitter = (onnx, maps, node) => {
  const x = inputAt(node, 'x');
  if (x.shape.length !== 4 || !maps.has(x) || !maps.allows('batchNorms')) return false;
  const channels = axisSize(x.shape, 3);
  const vector = (name: string): string | null => {
    const value = optionalInput(node, name);
    return value === null ? null : channelVector(onnx, value, channels);
  };
  const [variance, mean, scale, offset] = [
    vector('variance'),
    vector('mean'),
    vector('scale'),
    vector('offset'),
  ];
  if (variance === null || mean === null) return false;
  const a = slope(onnx, { variance, scale }, node);
  const shift = onnx.isAll(inputAt(node, 'mean'), 0) ? null : onnx.op('Mul', [mean, a]);
  const bias =
    shift === null
      ? (offset ?? '')
      : offset === null
        ? onnx.op('Neg', [shift])
        : onnx.op('Sub', [offset, shift]);
  const before = maps.deferred(x);
  const joins = before?.kind === 'convolution' && isOpen(before);
  maps.defer(
    onlyOutput(node),
    joins ? rescaled(onnx, maps, before, channels, a, bias) : affine(onnx, maps, x, a, bias),
  );
  return true;
};

/** A convolution whose result is scaled and shifted by channel: so are its filters and its bias instead. */
function rescaled(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  before: DeferredConvolution,
  channels: number,
  scale: string,
  shift: string,
): DeferredConvolution {
  const blocks = maps.width(channels) / maps.size;
  const split = onnx.reshape(before.filter, [blocks, -1, maps.size]);
  const factors = onnx.reshape(maps.vector(scale, channels), [blocks, 1, maps.size]);
  const filter = onnx.op('Reshape', [onnx.op('Mul', [split, factors]), onnx.op('Shape', [before.filter])]);
  const offset = shift === '' ? '' : maps.vector(shift, channels);
  if (before.bias === '') return { ...before, filter, bias: offset };
  const bias = onnx.op('Mul', [before.bias, maps.vector(scale, channels)]);
  return { ...before, filter, bias: offset === '' ? bias : onnx.op('Add', [bias, offset]) };
}

function slope(
  onnx: OnnxBuilder,
  { variance, scale }: { variance: string; scale: string | null },
  node: GraphNode,
): string {
  const epsilon = numberOf(node.attributes, 'varianceEpsilon');
  if (epsilon === 0 && scale !== null && onnx.isAll(inputAt(node, 'variance'), 1)) return scale;
  const deviation = onnx.op('Sqrt', [onnx.op('Add', [variance, onnx.scalar(epsilon)])]);
  // As the gradient of a normalisation writes it, so that both are computed once.
  const inverse = onnx.op('Reciprocal', [deviation]);
  return scale === null ? inverse : onnx.op('Mul', [scale, inverse]);
}

export const reductionEmitters: Readonly<Record<string, BlockedEmitter>> = {
  Sum: reduce(false),
  Mean: reduce(true),
  FusedBatchNorm: batchNorm,
};
