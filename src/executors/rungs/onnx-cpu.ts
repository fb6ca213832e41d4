import { onnxCpu } from '../onnx-cpu.ts';
import { nativeRuntime } from '../onnx-runtime.ts';
import { reasonOf, type Rung } from './rung.ts';

/** ONNX Runtime on the processor: wherever the product has a native binary. */
export const onnxCpuRung: Rung = {
  device: 'cpu',
  name: 'onnx-cpu',
  async open({ threads, spinning }) {
    try {
      await nativeRuntime();
    } catch (error) {
      return { reason: `its native library cannot be loaded: ${reasonOf(error)}` };
    }
    return onnxCpu({
      ...(threads === undefined ? {} : { threads }),
      ...(spinning === undefined ? {} : { spinning }),
    });
  },
};
