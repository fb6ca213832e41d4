import type { Rung } from './rung.ts';

/** The TensorFlow graph on the processor, by `@tensorflow/tfjs-node`. */
export const tensorflowRung: Rung = {
  device: 'tensorflow',
  name: 'tensorflow',
  open: () => Promise.resolve({ reason: 'this version does not write TensorFlow graphs' }),
};
