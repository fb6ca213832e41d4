import { tf } from '../../compiler/tfjs.ts';
import type { EagerBackend } from './backend.ts';

/** Plain JavaScript: there always, exact, and a hundred times slower than a compiled step. The reference of all others. */
export const cpuBackend: EagerBackend = {
  name: 'cpu',
  description: `TensorFlow.js ${tf.version_core} in plain JavaScript, operation by operation (very slow)`,
  ops: tf,
};
