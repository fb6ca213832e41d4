import { onnxCpu } from '../onnx-cpu.ts';
import { nativeRuntime } from '../onnx-runtime.ts';
import { sharing } from '../sharing.ts';
import { reasonOf, type Rung } from './rung.ts';

/** ONNX Runtime on the processor: wherever the product has a native binary. */
export const onnxCpuRung: Rung = {
  device: 'cpu',
  name: 'onnx-cpu',
  async open({ threads, spinning, isBusy }) {
    try {
      await nativeRuntime();
    } catch (error) {
      return { reason: `its native library cannot be loaded: ${reasonOf(error)}` };
    }
    const given = threads === undefined ? {} : { threads };
    if (isBusy !== undefined) return sharing((spins) => onnxCpu({ ...given, spinning: spins }), { isBusy });
    return onnxCpu({ ...given, ...(spinning === undefined ? {} : { spinning }) });
  },
};
