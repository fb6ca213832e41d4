import type { Rung } from './rung.ts';

/** ONNX Runtime on any graphics card, through WebGPU. */
export const onnxWebgpuRung: Rung = {
  device: 'webgpu',
  name: 'onnx-webgpu',
  open: () => Promise.resolve({ reason: 'this version does not train on WebGPU' }),
};
