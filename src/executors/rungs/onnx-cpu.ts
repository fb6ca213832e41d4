import { reasonOf, type Rung } from './rung.ts';

/** ONNX Runtime on the processor: wherever the product has a native binary. */
export const onnxCpuRung: Rung = {
  device: 'cpu',
  name: 'onnx-cpu',
  async open({ threads, spinning }) {
    try {
      // Loading it loads the native library.
      const { onnxCpu } = await import('../onnx-cpu.ts');
      return onnxCpu({
        ...(threads === undefined ? {} : { threads }),
        ...(spinning === undefined ? {} : { spinning }),
      });
    } catch (error) {
      return { reason: `its native library cannot be loaded: ${reasonOf(error)}` };
    }
  },
};
