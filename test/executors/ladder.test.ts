import { describe, expect, test } from 'vitest';
import type { Executor, Program } from '../../src/executors/executor.ts';
import { climb, RUNGS } from '../../src/executors/ladder.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { eagerRung } from '../../src/executors/rungs/eager.ts';
import type { Rung } from '../../src/executors/rungs/rung.ts';
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

function rung(executor: Executor, more: Partial<Rung> = {}): Rung {
  return { device: 'cpu', name: executor.name, open: () => Promise.resolve(executor), ...more };
}
const names = (executors: readonly Executor[]) => executors.map(({ name }) => name);

describe('the ladder', () => {
  test('takes ONNX Runtime where it computes what the reference computes, and says of every rung above why not', async () => {
    const { serving, refused } = await climb({ device: 'auto', threads: 1, spinning: false });
    expect(names(serving)).toContain('onnx-cpu');
    const known = [...names(serving), ...refused.map(({ name }) => name)];
    expect(
      RUNGS.filter(({ lastResort }) => lastResort !== true)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(known.sort());
    for (const { reason } of refused) expect(reason.length).toBeGreaterThan(5);
  });

  test('runs eagerly when asked to, and tries nothing else', async () => {
    const { serving, refused } = await climb({ device: 'eager' });
    expect(names(serving)).toEqual([((await eagerRung.open({ byName: true })) as Executor).name]);
    expect(refused).toEqual([]);
  });

  test('refuses an executor that is off in one weight, says which, and goes on to the next', async () => {
    const broken = faulty('broken', (values) => (values[5] = (values[5] ?? 0) + 0.01));
    const { serving, refused } = await climb({ device: 'auto' }, [
      rung(broken),
      rung(onnxCpu({ threads: 1, spinning: false })),
    ]);
    expect(names(serving)).toEqual(['onnx-cpu']);
    expect(refused).toEqual([
      { name: 'broken', reason: expect.stringContaining('wrong first') as string, failed: true },
    ]);
  });

  test('refuses an executor that yields NaN, and falls to the last resort', async () => {
    const broken = faulty('broken', (values) => (values[0] = NaN));
    const { serving, refused } = await climb({ device: 'auto' }, [rung(broken), eagerRung]);
    expect(serving).toHaveLength(1);
    expect(refused).toHaveLength(1);
  });

  test('does not ask a last resort where another rung serves', async () => {
    const last = rung(onnxCpu({ threads: 1 }), {
      lastResort: true,
      open: () => Promise.reject(new Error('asked')),
    });
    const { serving, refused } = await climb({ device: 'auto' }, [
      rung(onnxCpu({ threads: 1, spinning: false })),
      last,
    ]);
    expect(serving).toHaveLength(1);
    expect(refused).toEqual([]);
  });

  test('never takes another device than the one that was named', async () => {
    const absent = rung(onnxCpu({ threads: 1 }), {
      device: 'webgpu',
      name: 'onnx-webgpu',
      open: () => Promise.resolve({ reason: 'no graphics card', help: 'plug one in' }),
    });
    const climbing = climb({ device: 'webgpu' }, [absent, eagerRung]);
    await expect(climbing).rejects.toMatchObject({
      problem: {
        code: 'KD6040',
        key: 'engine.device',
        message: expect.stringContaining('onnx-webgpu: no graphics card') as string,
        help: expect.stringContaining('plug one in') as string,
      },
    });
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
