import { UserError } from '../protocol/errors.ts';
import type { Executor } from './executor.ts';
import { kernelTest } from './kernel-test.ts';
import { onnxCpu } from './onnx-cpu.ts';

/**
 * An executor that compares its kernels with those of the CPU provider before it loads what uses them, and refuses to load
 * where one differs. What has passed is not compared again.
 *
 * @param reference for tests: another than the CPU provider, plainly written
 */
export function kernelsTested(executor: Executor, reference = onnxCpu({ blocked: false })): Executor {
  const passed = new Set<string>();
  return {
    name: executor.name,
    get description() {
      return executor.description;
    },
    async load(graphs, state) {
      const reason = await kernelTest(executor, Object.values(graphs), reference, passed);
      if (reason !== null) {
        throw new UserError({
          code: 'KD6032',
          message: `${executor.name} may not train this: ${reason}`,
          help: 'Choose another engine.device, or `auto`, which goes on with the next one.',
        });
      }
      return executor.load(graphs, state);
    },
  };
}
