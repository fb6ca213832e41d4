import { onnxWasm } from '../onnx-wasm.ts';
import type { Rung } from './rung.ts';

/** ONNX Runtime as WebAssembly, where there is no native binary. */
export const onnxWasmRung: Rung = {
  device: 'wasm',
  name: 'onnx-wasm',
  lastResort: true,
  open: ({ threads }) => Promise.resolve(onnxWasm(threads === undefined ? {} : { threads })),
};
