import type * as tf from '@tensorflow/tfjs-core';
import type { LayerOperation, ModelGraph, Shape } from './description.ts';
import { formedKernel, quantizerCodes, quantizerStep, type KernelForm } from './kernel-forms.ts';

interface Values {
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}

/** A kernel in whole numbers: `step · codes`. */
export interface CodedKernel {
  readonly codes: Int8Array;
  readonly step: number;
}

/** A model whose kernels are what it computes with, whatever they came from. */
export interface PlainModel {
  readonly graph: ModelGraph;
  readonly tensors: Readonly<Record<string, Values>>;
  /** Of quantised kernels, by the name of the tensor that holds their product. */
  readonly codes: Readonly<Record<string, CodedKernel>>;
}

/**
 * The same function without the modules that only matter while it learns: attention multiplied into the kernels, quantised
 * kernels rounded, distributions of weights at their means. Runs on the active backend.
 * @param tensors by the names of `parameterSpecs`
 */
export function plainModel(
  ops: typeof tf,
  graph: ModelGraph,
  tensors: Readonly<Record<string, Values>>,
): PlainModel {
  const changed: Record<string, Values> = { ...tensors };
  const codes: Record<string, CodedKernel> = {};
  const merged = new Set<string>();
  for (const { path, operation } of graph.layers) {
    const forms = formsOf(operation);
    const name = `${path}/kernel`;
    const kernel = tensors[name];
    if (forms.length === 0 || kernel === undefined) continue;
    ops.tidy(() => {
      const before = forms.filter(({ kind }) => kind !== 'quantized');
      const formed = formedKernel(ops, before, tensorOf(ops, kernel), {
        attention: () => tensorOf(ops, tensors[`${path}/attention`]) as tf.Tensor2D,
        spread: () => tensorOf(ops, tensors[`${path}/spread`]),
        noise: null,
      });
      const quantizer = forms.find((form) => form.kind === 'quantized');
      const put = (data: tf.Tensor) => {
        changed[name] = { shape: kernel.shape, data: data.dataSync<'float32'>().slice() };
      };
      if (quantizer === undefined) {
        put(formed);
        return;
      }
      const step = quantizerStep(ops, formed, quantizer.bits);
      const whole = quantizerCodes(ops, formed, step, quantizer.bits);
      put(ops.mul(step, whole));
      codes[name] = { codes: Int8Array.from(whole.dataSync()), step: step.dataSync()[0] ?? NaN };
    });
    merged.add(`${path}/attention`).add(`${path}/spread`);
  }
  return {
    graph: {
      ...graph,
      layers: graph.layers.map((layer) => ({ ...layer, operation: withoutForms(layer.operation) })),
      penalties: [],
    },
    tensors: Object.fromEntries(Object.entries(changed).filter(([name]) => !merged.has(name))),
    codes,
  };
}

function formsOf(operation: LayerOperation): readonly KernelForm[] {
  return operation.kind === 'conv2d' || operation.kind === 'dense' ? (operation.forms ?? []) : [];
}

function withoutForms(operation: LayerOperation): LayerOperation {
  return operation.kind === 'conv2d' || operation.kind === 'dense' ? { ...operation, forms: [] } : operation;
}

function tensorOf(ops: typeof tf, values: Values | undefined): tf.Tensor {
  if (values === undefined) throw new Error('a module reads a tensor that the model does not have');
  return ops.tensor(values.data, [...values.shape], 'float32');
}
