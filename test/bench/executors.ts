import type { Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';

/** Every executor that can be measured, by the name that the rows carry. A busy machine gets threads that wait without spinning. */
const EXECUTORS: Readonly<Record<string, (busy: boolean) => Executor>> = {
  onnx: (busy) => onnxCpu({ spinning: !busy }),
};

export function executorNamed(name: string, busy: boolean): Executor {
  const create = EXECUTORS[name];
  if (create === undefined) {
    throw new Error(`no executor "${name}" (there are: ${Object.keys(EXECUTORS).join(', ')})`);
  }
  return create(busy);
}
