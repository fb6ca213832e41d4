import type { tf } from '../../compiler/tfjs.ts';

/** A TensorFlow.js backend that runs operations as they are called. */
export interface EagerBackend {
  /** Its name in TensorFlow.js. */
  readonly name: string;
  /** One line for people: library, version, backend. */
  readonly description: string;
  /** The copy of TensorFlow.js in which the backend is registered; a step function is given its operations. */
  readonly ops: typeof tf;
}
