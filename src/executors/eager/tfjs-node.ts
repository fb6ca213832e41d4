import type { KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { tf, withBackend } from '../../compiler/tfjs.ts';
import type { NodeTensor, WholePackage } from '../tensorflow/package.ts';
import type { EagerBackend } from './backend.ts';
import { cpuBackend } from './cpu.ts';
import { explicitPadding, paddedBeforehand } from './explicit-padding.ts';

const NAME = 'tfjs-node';

/** What of the package's own copy of TensorFlow.js is called for each kernel. */
interface NodeLibrary {
  tensor(values: unknown, shape: number[], dtype: string): NodeTensor;
  reshape(tensor: NodeTensor, shape: number[]): NodeTensor;
  tidy<T>(action: () => T): T;
  keep<T extends NodeTensor>(tensor: T): T;
  getKernelsForBackend(name: string): readonly { readonly kernelName: string }[];
  getBackend(): string;
  engine(): { runKernel(name: string, inputs: unknown, attributes: unknown): NodeTensor | NodeTensor[] };
}

interface Held {
  readonly tensor: NodeTensor;
  references: number;
}

let opened: { readonly from: WholePackage; readonly backend: EagerBackend } | null = null;

/**
 * The kernels of an official package, operation by operation. It keeps a copy of TensorFlow.js of its own, so a backend of ours hands
 * each kernel over to it; gradients and operations stay ours, with all that was mended in them.
 */
export function openTfjsNodeBackend(from: WholePackage): EagerBackend {
  if (opened?.from === from) return opened.backend;
  const { name, version, libraryVersion, usesGpu, isolation } = from;
  const library = from.library as NodeLibrary;
  const handing = new HandingBackend(from);
  tf.registerBackend(NAME, () => handing);
  const kernels = isolation.run(() => library.getKernelsForBackend(library.getBackend()));
  for (const { kernelName } of kernels) {
    const config: KernelConfig = {
      kernelName,
      backendName: NAME,
      kernelFunc: ({ inputs, attrs }) => {
        if (explicitPadding(attrs?.['pad']) === null) return handing.execute(kernelName, inputs, attrs);
        return tf.tidy(() => withExplicitPadding(kernelName, inputs as tf.NamedTensorMap, attrs ?? {}));
      },
    };
    tf.registerKernel(config);
  }
  const there = new Set(kernels.map(({ kernelName }) => kernelName));
  for (const { kernelName } of tf.getKernelsForBackend(cpuBackend.name))
    if (!there.has(kernelName)) tf.registerKernel(onProcessor(kernelName));
  const place = usesGpu ? 'GPU' : 'CPU';
  const description = `TensorFlow ${libraryVersion} by ${name} ${version}, ${place}, operation by operation`;
  const backend: EagerBackend = { name: NAME, description, ops: tf };
  opened = { from, backend };
  return backend;
}

/** The package knows padding by name alone. */
function withExplicitPadding(
  kernelName: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
): Tensor | Tensor[] {
  const run = (name: string, given: tf.NamedTensorMap, attrs: tf.NamedAttrMap): Tensor =>
    tf.engine().runKernel<Tensor>(name, given, attrs);
  return (
    paddedBeforehand(kernelName, inputs, attributes, run) ??
    withBackend(cpuBackend.name, () =>
      tf.engine().runKernel<Tensor | Tensor[]>(kernelName, inputs, attributes),
    )
  );
}

/** A kernel that the package lacks, in plain JavaScript; tensors move there and back as they are asked for. */
function onProcessor(kernelName: string): KernelConfig {
  return {
    kernelName,
    backendName: NAME,
    kernelFunc: ({ inputs, attrs = {} }) =>
      withBackend(cpuBackend.name, () =>
        tf.engine().runKernel<Tensor | Tensor[]>(kernelName, inputs as tf.NamedTensorMap, attrs),
      ),
  };
}

/** Data of our tensors are tensors of the package, one each. */
class HandingBackend extends tf.KernelBackend {
  readonly #library: NodeLibrary;
  readonly #run: WholePackage['isolation']['run'];
  readonly #data: tf.DataStorage<Held>;

  constructor({ library, isolation }: WholePackage) {
    super();
    this.#library = library as NodeLibrary;
    this.#run = isolation.run.bind(isolation);
    this.#data = new tf.DataStorage(this, tf.engine());
  }

  execute(kernel: string, inputs: unknown, attributes: unknown): TensorInfo | TensorInfo[] {
    const library = this.#library;
    const outputs = this.#run(() =>
      library.tidy(() => {
        const results = library.engine().runKernel(kernel, this.#handed(inputs), attributes);
        for (const result of [results].flat()) library.keep(result);
        return results;
      }),
    );
    return Array.isArray(outputs) ? outputs.map((one) => this.#taken(one)) : this.#taken(outputs);
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    // A kernel may be what asks for it, and its end must not take it away.
    const tensor = this.#run(() => this.#library.keep(this.#library.tensor(values, shape, dtype)));
    this.#data.set(dataId, { tensor, references });
  }

  override readSync(dataId: object): tf.BackendValues {
    return this.#run(() => this.#data.get(dataId).tensor.dataSync());
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override incRef(dataId: object): void {
    this.#data.get(dataId).references++;
  }

  override refCount(dataId: object): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).references : 0;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const held = this.#data.get(dataId);
    held.references--;
    if (!force && held.references > 0) return false;
    this.#data.delete(dataId);
    this.#run(() => held.tensor.dispose());
    return true;
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    // The package lives as long as the process.
  }

  /** Inputs of a kernel: named, or a list; some may be absent. */
  #handed(inputs: unknown): unknown {
    const one = (input: Tensor | null | undefined): NodeTensor | null | undefined => {
      if (input === null || input === undefined) return input;
      const { tensor } = this.#data.get(input.dataId);
      const { shape } = input;
      const same = shape.length === tensor.shape.length && shape.every((n, at) => n === tensor.shape[at]);
      return same ? tensor : this.#library.reshape(tensor, shape);
    };
    if (Array.isArray(inputs)) return inputs.map((input) => one(input as Tensor));
    const named = Object.entries(inputs as Record<string, Tensor | undefined>);
    return Object.fromEntries(named.map(([name, input]) => [name, one(input)]));
  }

  #taken(tensor: NodeTensor): TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { tensor, references: 1 });
    return { dataId, shape: [...tensor.shape], dtype: tensor.dtype as tf.DataType };
  }
}
