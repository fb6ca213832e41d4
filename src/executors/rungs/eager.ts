import { cpuBackend } from '../eager/cpu.ts';
import { eagerOn } from '../eager/executor.ts';
import { openWasmBackend } from '../eager/wasm.ts';
import type { EagerExecutor } from '../executor.ts';
import { physicalCores } from '../cores.ts';
import { selfTest } from '../self-test.ts';
import { findPackages, loadWholePackage } from '../tensorflow/package.ts';
import { tensorFlowFolders } from '../tensorflow/places.ts';
import type { Rung } from './rung.ts';

/** TensorFlow.js, operation by operation: slow, there always, and able to run what cannot be compiled. */
export const eagerRung: Rung = {
  device: 'eager',
  name: 'eager',
  lastResort: true,
  open: ({ threads }) => openEager(threads),
};

/**
 * By an official TensorFlow package where one is installed, else on WebAssembly, where these compute what plain JavaScript does;
 * else in plain JavaScript, their reference.
 *
 * @param threads for the package, where it is not loaded yet
 */
export async function openEager(threads = physicalCores()): Promise<EagerExecutor> {
  for (const open of [...packages(threads), async () => eagerOn(await openWasmBackend())]) {
    try {
      const executor = await open();
      if ((await selfTest(executor)) === null) return executor;
    } catch {
      // It cannot be loaded here; the rungs of these packages and `kd doctor` say why.
    }
  }
  return eagerOn(cpuBackend);
}

function packages(threads: number): readonly (() => Promise<EagerExecutor>)[] {
  return findPackages(tensorFlowFolders()).map((found) => async () => {
    const { openTfjsNodeBackend } = await import('../eager/tfjs-node.ts');
    return eagerOn(openTfjsNodeBackend(loadWholePackage(found, threads)));
  });
}
