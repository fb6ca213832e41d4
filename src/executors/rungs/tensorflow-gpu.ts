import type { Rung } from './rung.ts';

/** The TensorFlow graph on a graphics card of NVIDIA, by `@tensorflow/tfjs-node-gpu`. */
export const tensorflowGpuRung: Rung = {
  device: 'cuda',
  name: 'tensorflow-gpu',
  open: () => Promise.resolve({ reason: 'this version does not write TensorFlow graphs' }),
};
