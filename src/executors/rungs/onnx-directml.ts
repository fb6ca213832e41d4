import { kernelsTested } from '../kernels-tested.ts';
import { onnxDirectMl } from '../onnx-directml.ts';
import { onlyOn, type Rung } from './rung.ts';

/** ONNX Runtime on any graphics card of a Windows machine, through DirectML. */
export const onnxDirectmlRung: Rung = {
  device: 'directml',
  name: 'onnx-directml',
  open: onlyOn('win32', 'Windows', () => Promise.resolve(kernelsTested(onnxDirectMl()))),
};
