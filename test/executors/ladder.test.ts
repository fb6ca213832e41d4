import { describe, expect, test } from 'vitest';
import type { Executor, Program } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { chooseExecutor } from '../../src/executors/ladder.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { selfTest } from '../../src/executors/self-test.ts';

/** ONNX Runtime with a fault in its results. */
function faulty(name: string, fault: (values: Float32Array) => void): Executor {
  const inner = onnxCpu({ threads: 1, spinning: false });
  return {
    ...inner,
    name,
    async load(graphs, state) {
      const program = await inner.load(graphs, state);
      return {
        run: (graph, feeds) => program.run(graph, feeds),
        async readState(names) {
          const values = await program.readState(names);
          if (values.first instanceof Float32Array) fault(values.first);
          return values;
        },
        writeState: (values) => program.writeState(values),
        dispose: () => program.dispose(),
      } satisfies Program;
    },
  };
}

describe('the ladder', () => {
  test('takes ONNX Runtime where it computes what the reference computes', async () => {
    const { executor, refused } = await chooseExecutor({ device: 'auto', threads: 1, spinning: false });
    expect(executor.name).toBe('onnx-cpu');
    expect(refused).toEqual([]);
  });

  test('runs eagerly when asked to', async () => {
    expect((await chooseExecutor({ device: 'eager' })).executor).toBe(interpreter);
  });

  test('refuses an executor that is off in one weight, says which, and goes on to the next', async () => {
    const broken = faulty('broken', (values) => (values[5] = (values[5] ?? 0) + 0.01));
    const { executor, refused } = await chooseExecutor({ device: 'auto' }, [
      broken,
      onnxCpu({ threads: 1, spinning: false }),
    ]);
    expect(executor.name).toBe('onnx-cpu');
    expect(refused).toEqual([{ name: 'broken', reason: expect.stringContaining('wrong first') as string }]);
  });

  test('refuses an executor that yields NaN, and falls to the interpreter', async () => {
    const { executor, refused } = await chooseExecutor({ device: 'auto' }, [
      faulty('broken', (values) => (values[0] = NaN)),
    ]);
    expect(executor).toBe(interpreter);
    expect(refused).toHaveLength(1);
  });

  test('refuses an executor that cannot load, with its own words', async () => {
    const absent: Executor = {
      name: 'absent',
      description: '',
      load: () => Promise.reject(new Error('library not found')),
    };
    expect(await selfTest(absent)).toMatch(/library not found/);
  });
});
