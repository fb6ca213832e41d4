import type { DataId, DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { UserError } from '../protocol/errors.ts';
import { captureCallSite } from './call-site.ts';
import type { DType, NumericArray, Value } from './graph.ts';
import type { Recorder } from './recorder.ts';
import { sizeOf } from './shape.ts';
import { tf } from './tfjs.ts';

interface TracedData {
  value: Value | null;
  /** Values that are known while tracing; null for everything that a step computes. */
  readonly constant: NumericArray | null;
  readonly shape: readonly number[];
  readonly dtype: DType;
  references: number;
}

/** Operations of TensorFlow.js that draw random numbers in JavaScript, and what shuffles arrays. */
const RANDOM_DRAW = /\b(random\w*|truncatedNormal|multinomial|rand|dropout)__op\b|\b(shuffle(?:Combo)?)\b/g;

/**
 * A TensorFlow.js backend that computes nothing: its tensors stand for values of the graph that is being recorded.
 * Tensors of other backends become constants; they stay where they are.
 */
export class TracingBackend extends tf.KernelBackend {
  readonly recorder: Recorder;
  /** An error that could not be thrown where it happened: the read was asynchronous. */
  deferredError: UserError | null = null;
  readonly #data = new Map<DataId, TracedData>();

  constructor(recorder: Recorder) {
    super();
    this.recorder = recorder;
  }

  /** A tensor that stands for `value`. */
  tensorOf(value: Value): TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { value, constant: null, shape: value.shape, dtype: value.dtype, references: 1 });
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  /** The value that a tensor stands for; known numbers become constants of the graph when they are first used. */
  graphValue(tensor: TensorInfo): Value {
    const data = this.#data.get(tensor.dataId) ?? this.#adopt(tensor.dataId);
    data.value ??= this.recorder.constant(data, data.constant ?? new Float32Array());
    return data.value;
  }

  override write(values: unknown, shape: number[], dtype: DataType): DataId {
    const draw = randomDraw();
    if (draw !== null) throw drawError(draw);
    const dataId = {};
    this.#data.set(dataId, {
      value: null,
      constant: typedValues(values, dtype, sizeOf(shape)),
      shape: [...shape],
      dtype: checkedType(dtype),
      references: 1,
    });
    return dataId;
  }

  override move(dataId: DataId, values: unknown, shape: number[], dtype: DataType, references: number): void {
    const constant = typedValues(values, dtype, sizeOf(shape));
    this.#data.set(dataId, {
      value: null,
      constant,
      shape: [...shape],
      dtype: checkedType(dtype),
      references,
    });
  }

  override readSync(dataId: DataId): NumericArray {
    const { constant } = this.#data.get(dataId) ?? this.#adopt(dataId);
    if (constant !== null) return constant;
    throw readError();
  }

  override read(dataId: DataId): Promise<NumericArray> {
    const { constant } = this.#data.get(dataId) ?? this.#adopt(dataId);
    if (constant !== null) return Promise.resolve(constant);
    this.deferredError ??= readError();
    return new Promise(() => undefined);
  }

  override readToGPU(): never {
    throw readError();
  }

  /**
   * Nothing is freed while tracing: there is nothing to free, and a tensor that leaves a gradient function (a loss term,
   * the statistics of a batch) stays usable without `tf.keep`.
   */
  override disposeData(dataId: DataId, force = false): boolean {
    const data = this.#data.get(dataId);
    if (data === undefined) return true;
    data.references--;
    return force || data.references <= 0;
  }

  override incRef(dataId: DataId): void {
    const data = this.#data.get(dataId);
    if (data !== undefined) data.references++;
  }

  override refCount(dataId: DataId): number {
    return this.#data.get(dataId)?.references ?? 0;
  }

  override numDataIds(): number {
    return this.#data.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.#data.clear();
  }

  #adopt(dataId: DataId): TracedData {
    const info = tf.engine().state.tensorInfo.get(dataId);
    if (info === undefined || info.backend === this)
      throw new Error('a tensor was used after it was disposed');
    const variable = Object.values(tf.engine().registeredVariables).find((own) => own.dataId === dataId);
    if (variable !== undefined) throw bakedError(variable.name);
    const shape = info.shape;
    const constant = typedValues(info.backend.readSync(dataId), info.dtype, sizeOf(shape));
    const data: TracedData = { value: null, constant, shape, dtype: checkedType(info.dtype), references: 1 };
    this.#data.set(dataId, data);
    return data;
  }
}

/** Runs `action` with `Math.random` refused: whatever draws a number while a step is traced would draw it once for all steps. */
export function withoutRandomDraws<T>(action: () => T): T {
  const own = Math.random;
  Math.random = () => {
    throw drawError(randomDraw() ?? 'Math.random');
  };
  try {
    return action();
  } finally {
    Math.random = own;
  }
}

/** The outermost operation on the call stack that draws random numbers: `dropout`, not the draw inside it. */
function randomDraw(): string | null {
  const draw = [...(new Error().stack ?? '').matchAll(RANDOM_DRAW)].at(-1);
  return draw === undefined ? null : (draw[1] ?? draw[2] ?? null);
}

function drawError(draw: string): UserError {
  return new UserError({
    code: 'KD6004',
    message: `${draw} would be the same in every step${place()}`,
    help:
      draw === 'dropout'
        ? 'Random numbers are inputs of a step: declare a mask of zeros and ones as input, multiply by it, and divide by the share that is kept.'
        : 'Random numbers are inputs of a step: declare one and use it in place of the draw.',
  });
}

function bakedError(variable: string): UserError {
  return new UserError({
    code: 'KD6007',
    message: `variable "${variable}" is no input of the step, so its value would be fixed in the graph${place()}`,
    help: 'What changes between steps is an input: declare it as state, and return its new value.',
  });
}

function readError(): UserError {
  return new UserError({
    code: 'KD6001',
    message: `the value of a tensor was read while the step was traced${place()}`,
    help: 'A step is compiled before it runs, so it has no values yet: use tensor operations (tf.where, tf.maximum, ...) in place of JavaScript conditions, and return the tensor to read it after the step.',
  });
}

function place(): string {
  const site = captureCallSite().describe();
  return site === null ? '' : ` (${site})`;
}

function checkedType(dtype: DataType): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new UserError({
    code: 'KD6002',
    message: `a tensor of type ${dtype} cannot be traced${place()}`,
    help: 'Use float32, int32 or bool tensors in a step.',
  });
}

function typedValues(values: unknown, dtype: DataType, size: number): NumericArray {
  checkedType(dtype);
  const kind = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
  if (values === null || values === undefined) return new kind(size);
  return values instanceof kind ? values : kind.from(values as ArrayLike<number>);
}

/** True for a tensor of TensorFlow.js, also one of another copy of the library. */
export function isTensor(candidate: unknown): candidate is Tensor {
  return candidate instanceof tf.Tensor;
}
