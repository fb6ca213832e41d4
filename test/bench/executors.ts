import type { Executor } from '../../src/executors/executor.ts';
import { onnxCpuRung } from '../../src/executors/rungs/onnx-cpu.ts';
import { isRefusal, type Refusal } from '../../src/executors/rungs/rung.ts';
import { openTensorFlow } from '../../src/executors/rungs/tensorflow.ts';
import { findPackages, type Found } from '../../src/executors/tensorflow/package.ts';
import { tensorFlowFolders } from '../../src/executors/tensorflow/places.ts';

type Open = (busy: boolean) => Promise<Executor | Refusal>;

/** What can be measured, by the name that the rows carry. On a busy machine threads wait without spinning, as `engine.priority: auto` has it. */
const OPEN: Readonly<Record<string, Open>> = {
  onnx: (busy) => onnxCpuRung.open({ byName: true, spinning: !busy }),
  tensorflow: () => {
    const found = tensorFlowPackages();
    return found.length === 0
      ? Promise.resolve({ reason: '@tensorflow/tfjs-node is not installed' })
      : openTensorFlow(found, undefined);
  },
};

/** The package for processors, in the folder that `KD_BENCH_TENSORFLOW` names, else wherever a run would find it. */
export function tensorFlowPackages(): Found[] {
  const named = process.env['KD_BENCH_TENSORFLOW'];
  return findPackages(named === undefined ? tensorFlowFolders() : [named], ['@tensorflow/tfjs-node']);
}

export const EXECUTORS = Object.keys(OPEN);

/**
 * @param busy other programs keep the processor busy
 * @throws Error with the reason where it cannot serve on this machine
 */
export async function executorNamed(name: string, busy: boolean): Promise<Executor> {
  const open = OPEN[name];
  if (open === undefined) throw new Error(`no executor "${name}" (there are: ${EXECUTORS.join(', ')})`);
  const opened = await open(busy);
  if (isRefusal(opened)) throw new Error(opened.reason);
  return opened;
}
