import type { DataType, KernelConfig, NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { COMPOSITIONS } from '../../compiler/composed.ts';
import type { Attribute } from '../../compiler/graph.ts';
import { tf, withBackend } from '../../compiler/tfjs.ts';

type Inputs = Readonly<Record<string, Tensor>>;
type Attributes = Readonly<Record<string, Attribute>>;
type Kernel = (inputs: Inputs, attributes: Attributes) => Tensor;
type Pad = Parameters<typeof tf.conv2d>[3];
type Rounding = Parameters<typeof tf.conv2d>[6];
type ConvolutionInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/**
 * What a training step asks of a backend and `@tensorflow/tfjs-backend-wasm` 4.22 does not have, or computes wrongly, as
 * kernels that it has.
 */
export function mendWasmKernels(backendName: string): void {
  const register = (kernelName: string, kernel: Kernel): void =>
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => tf.tidy(() => kernel(inputs as Inputs, attributesOf(attrs))),
    });
  for (const [kernelName, kernel] of Object.entries(MISSING)) {
    const known = tf.getKernel(kernelName, backendName) as KernelConfig | undefined;
    if (known === undefined) register(kernelName, kernel);
  }
  for (const [kernelName, kernel] of Object.entries(REPLACED)) {
    tf.unregisterKernel(kernelName, backendName);
    register(kernelName, kernel);
  }
  for (const kernelName of ['Conv2D', 'DepthwiseConv2dNative']) mendConvolution(kernelName, backendName);
  for (const [kernelName, isWrong] of Object.entries(ON_CPU)) mendByCpu(kernelName, backendName, isWrong);
}

function typed(values: ArrayLike<number>, dtype: DataType): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'int32') return Int32Array.from(values);
  return dtype === 'bool' ? Uint8Array.from(values) : Float32Array.from(values);
}

/** Puts another computation in the place of a kernel where that yields a result, and leaves the kernel where it yields null. */
function mend(
  kernelName: string,
  backendName: string,
  instead: (inputs: Inputs, attributes: Attributes) => Tensor | Tensor[] | null,
): void {
  const original = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...original,
    kernelFunc: (call) =>
      instead(call.inputs as Inputs, attributesOf(call.attrs)) ?? original.kernelFunc(call),
  });
}

/** Computes a kernel in plain JavaScript where the backend's own is wrong. */
function mendByCpu(kernelName: string, backendName: string, isWrong: IsWrong): void {
  // The engine moves what is read to `cpu`. Back it would move the bytes, of whatever type `cpu` keeps whole numbers in.
  const copied = (output: Tensor): Tensor => {
    const values = typed(output.dataSync(), output.dtype);
    output.dispose();
    return tf.tensor(values, output.shape, output.dtype);
  };
  mend(kernelName, backendName, (inputs, attributes) => {
    if (!isWrong(attributes, inputs)) return null;
    const outputs = withBackend('cpu', () =>
      tf.engine().runKernel<Tensor | Tensor[]>(kernelName, { ...inputs }, { ...attributes } as NamedAttrMap),
    );
    return Array.isArray(outputs) ? outputs.map(copied) : copied(outputs);
  });
}

/**
 * Where a window steps further than it reaches, XNNPACK may refuse "same" padding, and the backend returns zeros without a
 * word. The image is then padded beforehand.
 */
function mendConvolution(kernelName: string, backendName: string): void {
  const depthwise = kernelName !== 'Conv2D';
  mend(kernelName, backendName, (inputs, attributes) => {
    const { x, filter } = tensors(inputs, 'x', 'filter');
    const info = convolution(x.shape, filter.shape, attributes, depthwise);
    const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
    const reaches = filterHeight >= strideHeight && filterWidth >= strideWidth;
    const single = filterHeight === 1 && filterWidth === 1;
    if (attributes['pad'] !== 'same' || reaches || single) return null;
    const convolve = depthwise ? tf.depthwiseConv2d : tf.conv2d;
    return tf.tidy(() =>
      convolve(padded(x, info), filter as Tensor4D, [strideHeight, strideWidth], 'valid', 'NHWC', [
        info.dilationHeight,
        info.dilationWidth,
      ]),
    );
  });
}

function attributesOf(attrs: NamedAttrMap | undefined): Attributes {
  return (attrs ?? {}) as Attributes;
}

/**
 * dW[i, j, c, k] = Σ x[n, y·s + i, z·s + j, c] · dy[n, y, z, k]: for each place of the window one matrix product over all
 * pixels.
 */
const filterGradient: Kernel = (inputs, attributes) => {
  const { x, dy } = tensors(inputs, 'x', 'dy');
  const info = convolution(x.shape, attributes['filterShape'], attributes, false);
  const channels = info.outChannels;
  const gradients = tf.transpose(tf.reshape(dy, [-1, channels]));
  const taps = windows(x, info).map((seen) => tf.matMul(gradients, tf.reshape(seen, [-1, info.inChannels])));
  const stacked = tf.reshape(tf.stack(taps), [
    info.filterHeight,
    info.filterWidth,
    channels,
    info.inChannels,
  ]);
  return tf.transpose(stacked, [0, 1, 3, 2]);
};

/** dW[i, j, c, m] = Σ x[n, y·s + i, z·s + j, c] · dy[n, y, z, c·M + m] */
const depthwiseFilterGradient: Kernel = (inputs, attributes) => {
  const { x, dy } = tensors(inputs, 'x', 'dy');
  const info = convolution(x.shape, attributes['filterShape'], attributes, true);
  const [channels, multiplier] = [info.inChannels, info.outChannels / info.inChannels];
  const gradients = tf.reshape(dy, [-1, channels, multiplier]);
  const taps = windows(x, info).map((seen) =>
    tf.sum(tf.mul(tf.reshape(seen, [-1, channels, 1]), gradients), 0),
  );
  return tf.reshape(tf.stack(taps), [info.filterHeight, info.filterWidth, channels, multiplier]);
};

/** dx[n, y·s + i, z·s + j, c] += Σ_m dy[n, y, z, c·M + m] · w[i, j, c, m] */
const depthwiseInputGradient: Kernel = (inputs, attributes) => {
  const { dy, filter } = tensors(inputs, 'dy', 'filter');
  const shape = attributes['inputShape'] as readonly number[];
  const info = convolution(shape, filter.shape, attributes, true);
  const [channels, multiplier] = [info.inChannels, info.outChannels / info.inChannels];
  const { outHeight, outWidth } = info;
  const gradients = tf.reshape(dy, [-1, outHeight, outWidth, channels, multiplier]);
  const taps = tapsOf(info).map(({ row, column }) => {
    const weights = tf.reshape(tf.slice(filter as Tensor4D, [row, column, 0, 0], [1, 1, -1, -1]), [
      channels,
      multiplier,
    ]);
    return tf.sum(tf.mul(gradients, weights), -1);
  });
  return scattered(taps, info);
};

/**
 * dx at the first largest pixel of each window += dy of the window. The kernel of the backend takes no pixel below zero for
 * the largest.
 */
const maxPoolGradient: Kernel = (inputs, attributes) => {
  const { dy, input, output } = tensors(inputs, 'dy', 'input', 'output');
  const info = tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    attributes['filterSize'] as number | [number, number],
    attributes['strides'] as number | [number, number],
    1,
    attributes['pad'] as Pad,
    attributes['dimRoundingMode'] as Rounding,
  );
  let free: Tensor = tf.onesLike(dy);
  const taps = windows(input, info, -Infinity).map((seen) => {
    const first = tf.mul(tf.cast(tf.equal(seen, output), 'float32'), free);
    free = tf.sub(free, first);
    return tf.mul(dy, first);
  });
  return scattered(taps, info);
};

/** y[s] = Σ x[i] over all i whose segment is s; entries outside the segments are left out. */
const segmentSum: Kernel = (inputs, attributes) => {
  const { x, segmentIds } = tensors(inputs, 'x', 'segmentIds');
  const count = attributes['numSegments'] as number;
  const inner = x.shape.slice(segmentIds.rank);
  const size = inner.reduce((product, extent) => product * extent, 1);
  const sums = new Float64Array(count * size);
  const values = x.dataSync();
  segmentIds.dataSync().forEach((segment, at) => {
    if (segment < 0 || segment >= count) return;
    for (let i = 0; i < size; i++) {
      const place = segment * size + i;
      sums[place] = (sums[place] ?? 0) + (values[at * size + i] ?? 0);
    }
  });
  return tf.tensor(typed(sums, x.dtype), [count, ...inner], x.dtype);
};

const MISSING: Readonly<Record<string, Kernel>> = {
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  UnsortedSegmentSum: segmentSum,
  // Composed for the compiler as well, and of the same operations.
  ...COMPOSITIONS,
};

const REPLACED: Readonly<Record<string, Kernel>> = { MaxPoolGrad: maxPoolGradient };

/** Where a kernel of the backend differs from the same in plain JavaScript, beyond rounding. */
type IsWrong = (attributes: Attributes, inputs: Inputs) => boolean;
const always: IsWrong = () => true;
const ofOneTerm: IsWrong = ({ transposeA }, { a }) => a?.shape.at(transposeA === true ? -2 : -1) === 1;
const paddedByNumber: IsWrong = ({ pad }) => typeof pad === 'number';

const ON_CPU: Readonly<Record<string, IsWrong>> = {
  // Writes whole numbers, whatever the type: as float32 they are read as numbers next to 0.
  OneHot: always,
  // Numbers other than 0 and 1 stay what they are.
  Cast: ({ dtype }) => dtype === 'bool',
  // One thread of the module ends where the types differ, and with it the module.
  Select: (_, { t, e }) => t?.dtype !== e?.dtype || t?.dtype === 'bool',
  // Numbers near 0 have none.
  Sign: always,
  // A slope for each place of a smaller map is not broadcast.
  Prelu: always,
  // Adds 1 first, which loses numbers next to 0.
  Log1p: always,
  GatherV2: ({ batchDims }) => Number(batchDims ?? 0) > 0,
  Conv2D: paddedByNumber,
  DepthwiseConv2dNative: paddedByNumber,
  Conv2DBackpropInput: paddedByNumber,
  Conv2DBackpropFilter: paddedByNumber,
  DepthwiseConv2dNativeBackpropInput: paddedByNumber,
  DepthwiseConv2dNativeBackpropFilter: paddedByNumber,
  MaxPool: paddedByNumber,
  MaxPoolGrad: paddedByNumber,
  AvgPool: paddedByNumber,
  AvgPoolGrad: paddedByNumber,
  // Products of one term each: reads beside its operands.
  BatchMatMul: ofOneTerm,
  _FusedMatMul: ofOneTerm,
  Cumsum: always,
  Cumprod: always,
  MaxPoolWithArgmax: always,
};

function convolution(
  inputShape: readonly number[],
  filterShape: unknown,
  attributes: Attributes,
  depthwise: boolean,
): ConvolutionInfo {
  return tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes['strides'] as number | [number, number],
    (attributes['dilations'] ?? 1) as number | [number, number],
    attributes['pad'] as Pad,
    attributes['dimRoundingMode'] as Rounding,
    depthwise,
  );
}

interface Tap {
  readonly row: number;
  readonly column: number;
  /** Where the window's place starts on the padded image. */
  readonly y: number;
  readonly x: number;
}

function tapsOf({
  filterHeight,
  filterWidth,
  dilationHeight,
  dilationWidth,
}: ConvolutionInfo): readonly Tap[] {
  return Array.from({ length: filterHeight * filterWidth }, (_, at) => {
    const [row, column] = [Math.floor(at / filterWidth), at % filterWidth];
    return { row, column, y: row * dilationHeight, x: column * dilationWidth };
  });
}

function padded(x: Tensor, { padInfo }: ConvolutionInfo, value = 0): Tensor4D {
  return tf.pad(
    x as Tensor4D,
    [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ],
    value,
  );
}

/** Rows and columns from the first pixel that a place of the window sees to the last. */
function reach({ outHeight, outWidth, strideHeight, strideWidth }: ConvolutionInfo): [number, number] {
  return [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
}

/** For each place of the window the pixels it sees, `[batch, outHeight, outWidth, channels]`. */
function windows(x: Tensor, info: ConvolutionInfo, outside = 0): readonly Tensor[] {
  const { strideHeight, strideWidth } = info;
  const image = padded(x, info, outside);
  const [batch, , , channels] = image.shape;
  const [rows, columns] = reach(info);
  return tapsOf(info).map((tap) => {
    if (strideHeight === 1 && strideWidth === 1)
      return tf.slice(image, [0, tap.y, tap.x, 0], [-1, rows, columns, -1]);
    return tf.stridedSlice(
      image,
      [0, tap.y, tap.x, 0],
      [batch, tap.y + rows, tap.x + columns, channels],
      [1, strideHeight, strideWidth, 1],
    );
  });
}

/** The sum of what each place of the window gives to the pixels it sees: the other way round. */
function scattered(taps: readonly Tensor[], info: ConvolutionInfo): Tensor {
  const { inHeight, inWidth, padInfo, strideHeight, strideWidth } = info;
  const height = inHeight + padInfo.top + padInfo.bottom;
  const width = inWidth + padInfo.left + padInfo.right;
  const [rows, columns] = reach(info);
  const images = tapsOf(info).map(({ y, x }, at) => {
    const spread = withGaps(taps[at] as Tensor4D, strideHeight, strideWidth);
    return tf.pad(tf.slice(spread, [0, 0, 0, 0], [-1, rows, columns, -1]), [
      [0, 0],
      [y, height - rows - y],
      [x, width - columns - x],
      [0, 0],
    ]);
  });
  return tf.slice(tf.addN<Tensor4D>(images), [0, padInfo.top, padInfo.left, 0], [-1, inHeight, inWidth, -1]);
}

/** `[batch, height·s, width·t, channels]` with s − 1 and t − 1 zeros after every pixel. */
function withGaps(map: Tensor4D, s: number, t: number): Tensor4D {
  if (s === 1 && t === 1) return map;
  const [batch, height, width, channels] = map.shape;
  const columns = tf.pad(tf.reshape(map, [batch * height * width, 1, channels]), [
    [0, 0],
    [0, t - 1],
    [0, 0],
  ]);
  const rows = tf.pad(tf.reshape(columns, [batch * height, 1, width * t * channels]), [
    [0, 0],
    [0, s - 1],
    [0, 0],
  ]);
  return tf.reshape(rows, [batch, height * s, width * t, channels]);
}

function tensors<N extends string>(inputs: Inputs, ...names: readonly N[]): Record<N, Tensor> {
  for (const name of names)
    if (inputs[name] === undefined) throw new Error(`a kernel was called without "${name}"`);
  return inputs as Record<N, Tensor>;
}
