import { kernelsTested } from '../kernels-tested.ts';
import { onnxCoreMl } from '../onnx-coreml.ts';
import { onlyOn, type Rung } from './rung.ts';

/** ONNX Runtime on Apple's processors, through CoreML. */
export const onnxCoremlRung: Rung = {
  device: 'coreml',
  name: 'onnx-coreml',
  open: onlyOn('darwin', 'macOS', () => Promise.resolve(kernelsTested(onnxCoreMl()))),
};
