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
 * Runs `action` with `backend` as the active one and restores the one before, also after an error. A backend that has been
 * started, or that starts synchronously, is active as soon as `setBackend` has been called.
 */
export function withBackend<T>(backend: string, action: () => T, library: typeof tf = tf): T {
  const engine = library.engine();
  const previous = engine.backendName as string | undefined;
  if (previous === backend) return action();
  void engine.setBackend(backend);
  try {
    return action();
  } finally {
    void engine.setBackend(previous ?? 'cpu');
  }
}

interface TapeNode {
  readonly saved?: readonly tf.Tensor[];
}

/** Frees what a gradient saved on its way forward and was stopped before it could use: TensorFlow.js leaves that alive. */
export function releaseTape(library: typeof tf = tf): void {
  const { activeTape } = library.engine().state as { readonly activeTape: readonly TapeNode[] | null };
  for (const { saved } of activeTape ?? []) {
    for (const tensor of saved ?? []) tensor.dispose();
  }
}
