import { eagerOn } from '../../src/executors/eager/executor.ts';
import { openWasmBackend } from '../../src/executors/eager/wasm.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { tensorFlow } from '../../src/executors/tensorflow.ts';
import { findPackages } from '../../src/executors/tensorflow/package.ts';

/** Where the official TensorFlow package lies that kernels are to be tried on; ONNX Runtime where it is not set. */
const TENSORFLOW = process.env.KD_TEST_TENSORFLOW;
export const IS_TENSORFLOW = TENSORFLOW !== undefined;

/** Set: the kernels of the last rung, TensorFlow.js as WebAssembly operation by operation. */
const eagerWasm = process.env.KD_TEST_EAGER === undefined ? null : eagerOn(await openWasmBackend());

/**
 * TensorFlow, and WebAssembly here and there, take numbers below the smallest normal one, 2^-126, for zero: they are given none,
 * and their results may differ by one.
 */
export const SMALLEST = IS_TENSORFLOW || eagerWasm !== null ? 2 ** -126 : 0;

export function executorUnderTest(): Executor {
  if (eagerWasm !== null) return eagerWasm;
  if (TENSORFLOW === undefined) return onnxCpu({ threads: 1, spinning: false });
  const [found] = findPackages([TENSORFLOW]);
  if (found === undefined) throw new Error(`there is no TensorFlow package in ${TENSORFLOW}`);
  return tensorFlow({ found, threads: 1 });
}
