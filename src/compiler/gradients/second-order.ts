import * as tf from '@tensorflow/tfjs-core';

/** Kernels whose gradient is written in their output, with the names of their inputs. */
const BY_OUTPUT: Readonly<Record<string, readonly string[]>> = {
  Elu: ['x'],
  Exp: ['x'],
  Pow: ['a', 'b'],
  Sigmoid: ['x'],
  Softmax: ['logits'],
  Tanh: ['x'],
};

/**
 * TensorFlow.js notes an output that a gradient saves before the kernel that makes it, so a gradient that is differentiated
 * once more takes it for a constant: second derivatives of exp, tanh, softmax, ... come out wrong without a word. While a
 * gradient is being recorded, the output is therefore computed anew from the inputs; a compiled step merges the two.
 */
export function differentiateOutputs(): void {
  for (const [kernelName, names] of Object.entries(BY_OUTPUT)) {
    const known = tf.getGradient(kernelName);
    const own = known.inputsToSave ?? [];
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      kernelName,
      inputsToSave: [...names],
      outputsToSave: [true],
      gradFunc: (dy, saved, attributes) => {
        const inputs = Object.fromEntries(names.map((name, at) => [name, saved[at]])) as tf.NamedTensorMap;
        const output = isRecorded()
          ? tf.engine().runKernel<tf.Tensor>(kernelName, inputs, attributes)
          : saved[names.length];
        const kept = own.map((name) => inputs[name]);
        return known.gradFunc(dy, [...kept, output] as tf.Tensor[], attributes);
      },
    });
  }
}

/** True while what a gradient does is itself noted for a gradient. */
function isRecorded(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
