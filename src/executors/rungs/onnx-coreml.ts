import { onlyOn, type Rung } from './rung.ts';

/** ONNX Runtime on Apple's processors, through CoreML. */
export const onnxCoremlRung: Rung = {
  device: 'coreml',
  name: 'onnx-coreml',
  open: onlyOn('darwin', 'macOS', () => Promise.resolve({ reason: 'this version does not train on it' })),
};
