import type { Attribute, DType, Value } from './graph.ts';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { numberOf } from './attributes.ts';
import { UserError } from '../protocol/errors.ts';
import { captureCallSite } from './call-site.ts';
import { shapeRules } from './kernels/index.ts';
import { poolingWindow } from './kernels/spatial.ts';
import { axisSize, sizeOf } from './shape.ts';
import { tf } from './tfjs.ts';
import { isTensor, TracingBackend } from './tracing-backend.ts';

export const TRACING_BACKEND = 'kd-trace';

interface Call {
  readonly inputs: NamedTensorInfoMap;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly backend: TracingBackend;
}
type Tracer = (call: Call) => TensorInfo | TensorInfo[];

/** Kernels that are not recorded as they are: views, known values, and fused kernels, which are recorded as their parts. */
const SPECIAL: Readonly<Record<string, Tracer>> = {
  Identity: ({ inputs, backend }) => backend.tensorOf(backend.graphValue(input(inputs, 'x'))),
  ZerosLike: ({ inputs, backend }) => filled(backend, input(inputs, 'x'), 0),
  OnesLike: ({ inputs, backend }) => filled(backend, input(inputs, 'x'), 1),
  LinSpace: ({ attributes, backend }) => {
    const [start, stop, count] = [
      numberOf(attributes, 'start'),
      numberOf(attributes, 'stop'),
      numberOf(attributes, 'num'),
    ];
    return sequence(
      backend,
      count,
      'float32',
      (at) => start + (at * (stop - start)) / Math.max(1, count - 1),
    );
  },
  Range: ({ attributes, backend }) => {
    const [start, stop, step] = [
      numberOf(attributes, 'start'),
      numberOf(attributes, 'stop'),
      numberOf(attributes, 'step'),
    ];
    return sequence(
      backend,
      Math.max(0, Math.ceil((stop - start) / step)),
      attributes.dtype === 'int32' ? 'int32' : 'float32',
      (at) => start + at * step,
    );
  },
  AvgPoolGrad: ({ inputs, attributes, backend }) =>
    recordOne(backend, 'AvgPoolGrad', { ...inputs, dy: countedGradient(inputs, attributes) }, attributes),
  _FusedMatMul: ({ inputs, attributes }) => {
    const product = tf.matMul(
      asTensor(inputs, 'a'),
      asTensor(inputs, 'b'),
      attributes.transposeA === true,
      attributes.transposeB === true,
    );
    return activated(product, inputs, attributes);
  },
  FusedConv2D: ({ inputs, attributes }) => {
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes;
    const result = tf.conv2d(
      asTensor(inputs, 'x') as never,
      asTensor(inputs, 'filter') as never,
      strides as never,
      pad as never,
      dataFormat as never,
      dilations as never,
      dimRoundingMode as never,
    );
    return activated(result, inputs, attributes);
  },
  FusedDepthwiseConv2D: ({ inputs, attributes }) => {
    const { strides, pad, dilations, dimRoundingMode } = attributes;
    const result = tf.depthwiseConv2d(
      asTensor(inputs, 'x') as never,
      asTensor(inputs, 'filter') as never,
      strides as never,
      pad as never,
      'NHWC',
      dilations as never,
      dimRoundingMode as never,
    );
    return activated(result, inputs, attributes);
  },
};

/** Names of all kernels that TensorFlow.js knows: its constants that are called like their value. */
const KERNEL_NAMES = Object.entries(tf)
  .filter(([name, value]) => name === value)
  .map(([name]) => name);

let registered = false;

/** Kernels keep nothing of a trace, so registering them once serves all. */
export function registerTracingKernels(): void {
  if (registered) return;
  registered = true;
  for (const kernelName of KERNEL_NAMES) {
    tf.registerKernel({ kernelName, backendName: TRACING_BACKEND, kernelFunc: kernelFunction(kernelName) });
  }
}

function kernelFunction(kernel: string): KernelFunc {
  const special = SPECIAL[kernel];
  return ({ inputs, attrs, backend }) => {
    if (!(backend instanceof TracingBackend))
      throw new Error(`${kernel} was traced without a tracing backend`);
    const attributes = (attrs ?? {}) as NamedAttrMap & Readonly<Record<string, Attribute>>;
    if (special !== undefined) return special({ inputs, attributes, backend });
    if (shapeRules[kernel] === undefined) throw untraceable(kernel);
    const outputs = record(backend, kernel, inputs, attributes);
    const tensors = outputs.map((value) => backend.tensorOf(value));
    return LISTS.has(kernel) ? tensors : single(tensors);
  };
}

/** Kernels that return a list, even of one. */
const LISTS = new Set(['SplitV', 'Unpack', 'TopK']);

export function untraceable(kernel: string): UserError {
  const site = captureCallSite().describe();
  return new UserError({
    code: 'KD6003',
    message: `${kernel} cannot be compiled${site === null ? '' : ` (${site})`}`,
    help: 'The step runs on the eager executor instead, which is much slower; express it by other operations to compile it.',
  });
}

function record(
  backend: TracingBackend,
  kernel: string,
  inputs: NamedTensorInfoMap,
  attributes: Readonly<Record<string, Attribute>>,
): readonly Value[] {
  const present = Object.entries(inputs as Record<string, TensorInfo | null | undefined>).filter(
    (entry): entry is [string, TensorInfo] => entry[1] !== null && entry[1] !== undefined,
  );
  return backend.recorder.record(
    kernel,
    present.map(([, tensor]) => backend.graphValue(tensor)),
    present.map(([name]) => name),
    attributes,
  );
}

function recordOne(
  backend: TracingBackend,
  kernel: string,
  inputs: NamedTensorInfoMap,
  attributes: Readonly<Record<string, Attribute>>,
): TensorInfo {
  return single(record(backend, kernel, inputs, attributes).map((value) => backend.tensorOf(value)));
}

function single(tensors: readonly TensorInfo[]): TensorInfo {
  const [tensor] = tensors;
  if (tensor === undefined) throw new Error('a kernel yielded no tensor');
  return tensor;
}

function filled(backend: TracingBackend, like: TensorInfo, value: number): TensorInfo {
  const type = backend.graphValue(like);
  return backend.tensorOf(
    sizeOf(type.shape) === 1 ? scalarLike(backend, type, value) : backend.recorder.fill(type, value),
  );
}

function scalarLike(backend: TracingBackend, type: Value, value: number): Value {
  const kind = type.dtype === 'float32' ? Float32Array : type.dtype === 'int32' ? Int32Array : Uint8Array;
  return backend.recorder.constant(type, kind.of(value));
}

function sequence(
  backend: TracingBackend,
  count: number,
  dtype: DType,
  item: (at: number) => number,
): TensorInfo {
  const values = Array.from({ length: count }, (_, at) => item(at));
  return backend.tensorOf(
    backend.recorder.constant(
      { shape: [count], dtype },
      dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values),
    ),
  );
}

function input(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`a kernel was called without "${name}"`);
  return tensor;
}

function asTensor(inputs: NamedTensorInfoMap, name: string): Tensor {
  const tensor = input(inputs, name);
  if (!isTensor(tensor)) throw new Error(`"${name}" is not a tensor`);
  return tensor;
}

/** Bias and activation of a fused kernel, as operations of their own. */
function activated(
  result: Tensor,
  inputs: NamedTensorInfoMap,
  attributes: Readonly<Record<string, Attribute>>,
): Tensor {
  const { bias } = inputs as Record<string, TensorInfo | null | undefined>;
  const sum = bias === null || bias === undefined ? result : tf.add(result, asTensor(inputs, 'bias'));
  switch (attributes.activation ?? 'linear') {
    case 'linear':
      return sum;
    case 'relu':
      return tf.relu(sum);
    case 'relu6':
      return tf.relu6(sum);
    case 'elu':
      return tf.elu(sum);
    case 'sigmoid':
      return tf.sigmoid(sum);
    case 'leakyrelu':
      return tf.leakyRelu(sum, numberOf(attributes, 'leakyreluAlpha', 0.2));
    case 'prelu':
      return tf.prelu(sum, asTensor(inputs, 'preluActivationWeights'));
    default:
      throw untraceable(`the fused activation ${JSON.stringify(attributes.activation)}`);
  }
}

/**
 * `AvgPoolGrad` of TensorFlow.js divides by the whole window, while `AvgPool` divides by the part of it that lies on the
 * image. Where padding makes them differ, the incoming gradient is scaled so that the result is the gradient of `AvgPool`.
 */
function countedGradient(
  inputs: NamedTensorInfoMap,
  attributes: Readonly<Record<string, Attribute>>,
): TensorInfo {
  const dy = asTensor(inputs, 'dy');
  const window = poolingWindow(input(inputs, 'input').shape, attributes);
  if (window.pads.every((pad) => pad === 0)) return dy;
  const [rows, columns] = [0, 1].map((axis) =>
    Array.from({ length: axisSize(window.output, axis) }, (_, at) => {
      const start = at * axisSize(window.strides, axis) - axisSize(window.pads, axis);
      const end = Math.min(start + axisSize(window.kernel, axis), axisSize(window.input, axis));
      return end - Math.max(0, start);
    }),
  ) as [number[], number[]];
  const whole = sizeOf(window.kernel);
  const ratios = rows.flatMap((row) => columns.map((column) => whole / (row * column)));
  return tf.mul(dy, tf.tensor(ratios, [1, rows.length, columns.length, 1]));
}
