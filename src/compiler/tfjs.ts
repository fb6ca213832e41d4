/**
 * TensorFlow.js as the compiler and the executors use it: with gradients registered, without its advice to install
 * another package, and with the `cpu` backend that serves as reference.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { mendGradients } from './gradients.ts';
import { mendCpuKernels } from './mended-kernels.ts';

tf.enableProdMode();
mendGradients();
mendCpuKernels();

export { tf };

/**
 * Runs `action` with `backend` as the active one and restores the one before, also after an error. Backends that start
 * synchronously are active as soon as `setBackend` has been called; all of ours do.
 */
export function withBackend<T>(backend: string, action: () => T): T {
  const engine = tf.engine();
  const previous = engine.backendName as string | undefined;
  if (previous === backend) return action();
  void engine.setBackend(backend);
  try {
    return action();
  } finally {
    void engine.setBackend(previous ?? 'cpu');
  }
}
