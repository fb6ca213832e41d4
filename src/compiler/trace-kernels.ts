import type { Attribute, CallSite, Value } from './graph.ts';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { numberOf } from './attributes.ts';
import { UserError } from '../protocol/errors.ts';
import { captureCallSite } from './call-site.ts';
import { COMPOSITIONS } from './composed.ts';
import { FALLBACKS } from './composed/fallbacks.ts';
import { shapeRules } from './kernels/index.ts';
import { REFUSED_KERNELS } from './kernels/refused.ts';
import { sizeOf } from './shape.ts';
import { tf } from './tfjs.ts';
import { TracingBackend } from './tracing-backend.ts';

export const TRACING_BACKEND = 'kd-trace';

interface Call {
  readonly inputs: NamedTensorInfoMap;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly backend: TracingBackend;
}
type Tracer = (call: Call) => TensorInfo | TensorInfo[];

/** Kernels that are not recorded as they are: views and known values. */
export const SPECIAL_KERNELS: Readonly<Record<string, Tracer>> = {
  Identity: ({ inputs, backend }) => backend.tensorOf(backend.graphValue(input(inputs, 'x'))),
  ZerosLike: ({ inputs, backend }) => filled(backend, input(inputs, 'x'), 0),
  OnesLike: ({ inputs, backend }) => filled(backend, input(inputs, 'x'), 1),
  LinSpace: ({ attributes, backend }) => {
    const [start, stop, count] = [
      numberOf(attributes, 'start'),
      numberOf(attributes, 'stop'),
      numberOf(attributes, 'num'),
    ];
    return sequence(backend, count, 'float32', start, (stop - start) / (count - 1));
  },
  Range: ({ attributes, backend }) => {
    const [start, stop, step] = [
      numberOf(attributes, 'start'),
      numberOf(attributes, 'stop'),
      numberOf(attributes, 'step'),
    ];
    const dtype = attributes.dtype === 'int32' ? 'int32' : 'float32';
    // Downwards, a step that was not given is −1.
    const signed = stop < start && step === 1 ? -1 : step;
    return sequence(backend, rangeLength(start, stop, step), dtype, start, signed);
  },
};

/** Names of all kernels that TensorFlow.js knows: its constants that are called like their value. */
export const KERNEL_NAMES: readonly string[] = Object.entries(tf)
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
  const special = SPECIAL_KERNELS[kernel];
  return ({ inputs, attrs, backend }) => {
    if (!(backend instanceof TracingBackend))
      throw new Error(`${kernel} was traced without a tracing backend`);
    const attributes = (attrs ?? {}) as NamedAttrMap & Readonly<Record<string, Attribute>>;
    if (special !== undefined) return special({ inputs, attributes, backend });
    const composed = (COMPOSITIONS[kernel] ?? FALLBACKS[kernel])?.(inputs, attributes) ?? null;
    // A tensor of its own, also where the composition hands one of its inputs on.
    if (composed !== null) return backend.tensorOf(backend.graphValue(composed));
    if (shapeRules[kernel] === undefined) throw untraceable(kernel);
    const outputs = record(backend, kernel, inputs, attributes);
    const tensors = outputs.map((value) => backend.tensorOf(value));
    return LISTS.has(kernel) ? tensors : single(tensors);
  };
}

/** Kernels that return a list, even of one. */
const LISTS = new Set(['SplitV', 'Unpack', 'TopK', 'MaxPoolWithArgmax']);

export function untraceable(kernel: string, called: CallSite = captureCallSite(), more = ''): UserError {
  const site = called.describe();
  const reason = REFUSED_KERNELS[kernel];
  return new UserError({
    code: 'KD6003',
    message: `${kernel} cannot be compiled${site === null ? '' : ` (${site})`}${reason === undefined ? '' : `: ${reason}`}${more}`,
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

/** How many numbers TensorFlow.js counts from `start` by `step` before `stop`; a step in the wrong direction is none. */
function rangeLength(start: number, stop: number, step: number): number {
  if (start === stop || (start < stop && step < 0) || (stop < start && step > 1)) return 0;
  return Math.abs(Math.ceil((stop - start) / step));
}

/** Each number is the one before plus the step, rounded, as TensorFlow.js adds them up. */
function sequence(
  backend: TracingBackend,
  count: number,
  dtype: 'float32' | 'int32',
  start: number,
  step: number,
): TensorInfo {
  const values = dtype === 'int32' ? new Int32Array(count) : new Float32Array(count);
  for (let at = 0; at < count; at++) values[at] = at === 0 ? start : (values[at - 1] ?? 0) + step;
  return backend.tensorOf(backend.recorder.constant({ shape: [count], dtype }, values));
}

function input(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`a kernel was called without "${name}"`);
  return tensor;
}
