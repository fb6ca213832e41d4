import * as tf from '@tensorflow/tfjs-core';

export type Tensor = tf.Tensor;

/** Gradient of a kernel: from the gradient of its first output to those of its inputs, each asked for by name. */
export interface GradientRule {
  readonly kernel: string;
  /** Inputs that the gradient needs; `all` for kernels that take a list. */
  readonly saves?: readonly string[] | 'all';
  /** Which outputs it needs. */
  readonly savesOutputs?: readonly boolean[];
  readonly gradient: (call: GradientCall) => Readonly<Record<string, () => Tensor>>;
}

export interface GradientCall {
  readonly dy: Tensor;
  /** Gradients of all outputs, for kernels that have several. */
  readonly all: readonly Tensor[];
  /** The saved inputs, then the saved outputs. */
  readonly saved: readonly Tensor[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export function register({ kernel, saves = [], savesOutputs, gradient }: GradientRule): void {
  const known = tf.getGradient(kernel) as tf.GradConfig | undefined;
  if (known !== undefined) tf.unregisterGradient(kernel);
  tf.registerGradient({
    kernelName: kernel,
    ...(saves === 'all' ? { saveAllInputs: true } : { inputsToSave: [...saves] }),
    ...(savesOutputs === undefined ? {} : { outputsToSave: [...savesOutputs] }),
    gradFunc: (given, saved, attributes) => {
      const all = [given].flat();
      return { ...gradient({ dy: at(all, 0), all, saved, attributes }) };
    },
  });
}

/** A tensor of a list that is known to be long enough. */
export function at(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined) throw new Error('a gradient was called without its tensors');
  return tensor;
}

/** Sums a gradient over the axes along which its operand was broadcast. */
export function summedTo(gradient: Tensor, shape: readonly number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), [...shape]);
}
