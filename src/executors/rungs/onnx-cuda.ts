import type { Rung } from './rung.ts';

/** ONNX Runtime on a graphics card of NVIDIA. */
export const onnxCudaRung: Rung = {
  device: 'cuda',
  name: 'onnx-cuda',
  open: () => Promise.resolve({ reason: 'the CUDA provider of ONNX Runtime is not installed' }),
};
