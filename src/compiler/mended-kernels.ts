import * as tf from '@tensorflow/tfjs-core';
import { einsum } from './composed/einsum.ts';
import { frontAxis, tensor, type Attributes } from './composed/composition.ts';

type Run = tf.KernelFunc;

/** A kernel of the cpu backend in terms of the one it has. */
type Mend = (original: Run) => Run;

/** The original writes its updates into the tensor that it is given. */
const untouched: Mend =
  (original) =>
  ({ inputs, backend, attrs }) => {
    const given = tensor(inputs, 'tensor');
    const copy = tf.tensor(given.dataSync().slice(), given.shape, given.dtype);
    return original({
      inputs: { ...inputs, tensor: copy },
      backend,
      ...(attrs === undefined ? {} : { attrs }),
    });
  };

/** The original yields nothing where the axis is counted from the back. */
const fromFront: Mend =
  (original) =>
  ({ inputs, backend, attrs = {} }) => {
    const axis = frontAxis(attrs.axis as number, tensor(inputs, 'x').rank);
    return original({ inputs, backend, attrs: { ...attrs, axis } });
  };

/** The original fails for several orders of letters, and answers with its own input where nothing is to be done. */
const contraction: Mend =
  () =>
  ({ inputs, attrs = {} }) =>
    einsum(inputs, attrs as Attributes);

const MENDS: Readonly<Record<string, Mend>> = {
  TensorScatterUpdate: untouched,
  Cumsum: fromFront,
  Cumprod: fromFront,
  Einsum: contraction,
};

/** Puts right what TensorFlow.js's cpu backend, the reference and the last rung, gets wrong. */
export function mendCpuKernels(): void {
  for (const [kernelName, mend] of Object.entries(MENDS)) {
    const config = tf.getKernel(kernelName, 'cpu');
    tf.unregisterKernel(kernelName, 'cpu');
    tf.registerKernel({ ...config, kernelName, backendName: 'cpu', kernelFunc: mend(config.kernelFunc) });
  }
}
