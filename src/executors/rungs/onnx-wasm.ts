import { physicalCores } from '../cores.ts';
import { wasmRuntime } from '../onnx-runtime.ts';
import { onnxWasm } from '../onnx-wasm.ts';
import { reasonOf, type Rung } from './rung.ts';

/** ONNX Runtime as WebAssembly, where there is no native binary. */
export const onnxWasmRung: Rung = {
  device: 'wasm',
  name: 'onnx-wasm',
  lastResort: true,
  async open({ threads = physicalCores() }) {
    try {
      await wasmRuntime(threads);
    } catch (error) {
      return {
        reason: `its module cannot be loaded: ${reasonOf(error)}`,
        help: 'packages for a platform with a native runtime leave it out; the universal package of the extension has it',
      };
    }
    return onnxWasm({ threads });
  },
};
