import { cpuBackend } from '../eager/cpu.ts';
import { eagerOn } from '../eager/executor.ts';
import { openWasmBackend } from '../eager/wasm.ts';
import type { EagerExecutor } from '../executor.ts';
import { selfTest } from '../self-test.ts';
import type { Rung } from './rung.ts';

/** TensorFlow.js, operation by operation: slow, there always, and able to run what cannot be compiled. */
export const eagerRung: Rung = {
  device: 'eager',
  name: 'eager',
  lastResort: true,
  open: () => openEager(),
};

/** On WebAssembly, where that computes what plain JavaScript does; else in plain JavaScript, its reference. */
export async function openEager(): Promise<EagerExecutor> {
  try {
    const executor = eagerOn(await openWasmBackend());
    if ((await selfTest(executor)) === null) return executor;
  } catch {
    // No WebAssembly here, or its module is missing.
  }
  return eagerOn(cpuBackend);
}
