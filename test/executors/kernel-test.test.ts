import { describe, expect, test } from 'vitest';
import { trace } from '../../src/compiler/trace.ts';
import type { Executor, Fetches } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { kernelGraphs } from '../../src/executors/kernel-graph.ts';
import { kernelTest } from '../../src/executors/kernel-test.ts';
import { kernelsTested } from '../../src/executors/kernels-tested.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { residualStep } from '../compiler/residual-net.ts';

const { step, specs } = residualStep(
  { batch: 2, size: 8, width: 4, classes: 3, blocksPerStage: 1, stages: 2 },
  'adam',
);
const graph = trace('train', step, specs);
const cpu = onnxCpu({ threads: 1, spinning: false, blocked: false });

/** The CPU provider, with what one kernel yields changed. */
function faulty(fault: (fetches: Record<string, Fetches[string]>) => void): Executor {
  return {
    ...cpu,
    name: 'faulty',
    async load(graphs, state) {
      const program = await cpu.load(graphs, state);
      return {
        readState: (names) => program.readState(names),
        writeState: (values) => program.writeState(values),
        dispose: () => program.dispose(),
        async run(name, feeds) {
          const fetches = { ...(await program.run(name, feeds)) };
          fault(fetches);
          return fetches;
        },
      };
    },
  };
}

describe('the test of the kernels in use', () => {
  test('passes what computes the same: the interpreter against the CPU provider', async () => {
    expect(await kernelTest(interpreter, [graph], cpu)).toBeNull();
  });

  test('names the kernel that is off, its shapes and by how much', async () => {
    const [kernels] = kernelGraphs([graph]);
    const convolution = kernels?.graph.outputs.find(({ name }) =>
      kernels.describe(name).startsWith('Conv2DBackpropFilter'),
    );
    const name = convolution?.name ?? '';
    const off = faulty((fetches) => {
      const values = fetches[name]?.slice() ?? new Float32Array();
      values[3] = (values[3] ?? 0) + 0.01 * Math.max(...values);
      fetches[name] = values;
    });
    expect(await kernelTest(off, [graph], cpu)).toMatch(
      /Conv2DBackpropFilter of \[2, \d+, \d+, \d+\] and \[2, .*off by \d\.\de-2 of the largest/,
    );
  });

  test('refuses NaN where there is a number, and says how many faults it does not show', async () => {
    const off = faulty((fetches) => {
      for (const name of Object.keys(fetches))
        fetches[name] = (fetches[name] ?? new Float32Array()).map(() => NaN);
    });
    expect(await kernelTest(off, [graph], cpu)).toMatch(/not a number where there is one.* and \d+ more$/);
  });

  test('refuses an executor that cannot load the kernels, with its own words', async () => {
    const absent: Executor = { ...cpu, load: () => Promise.reject(new Error('device lost')) };
    expect(await kernelTest(absent, [graph], cpu)).toMatch(/device lost/);
  });
});

describe('an executor whose kernels are tested', () => {
  const { state, hyper, batch } = residualStep(
    { batch: 2, size: 8, width: 4, classes: 3, blocksPerStage: 1, stages: 2 },
    'adam',
  );

  test('trains where they agree, and is not compared twice', async () => {
    let loads = 0;
    const counted: Executor = {
      ...cpu,
      load(graphs, values) {
        loads++;
        return cpu.load(graphs, values);
      },
    };
    const tested = kernelsTested(counted, cpu);
    const program = await tested.load({ train: graph }, state);
    const first = loads;
    expect((await program.run('train', { ...hyper, ...batch(0) })).loss?.[0]).toBeGreaterThan(0);
    await program.dispose();
    await (await tested.load({ train: graph }, state)).dispose();
    expect([first, loads]).toEqual([2, 3]);
  });

  test('refuses to load what it would compute wrongly, and tests it again when asked again', async () => {
    const tested = kernelsTested(
      faulty((fetches) => {
        for (const name of Object.keys(fetches))
          fetches[name] = (fetches[name] ?? new Float32Array()).map(() => 7);
      }),
      cpu,
    );
    for (let time = 0; time < 2; time++) {
      await expect(tested.load({ train: graph }, state)).rejects.toMatchObject({
        problem: { code: 'KD6032', message: expect.stringContaining('faulty may not train this') as string },
      });
    }
  });
});

describe('the graphs of kernels', () => {
  test('hold each kernel once for each attribute and shape, however often graphs use it', () => {
    const once = kernelGraphs([graph]).flatMap((one) => one.graph.nodes);
    const twice = kernelGraphs([graph, graph]).flatMap((one) => one.graph.nodes);
    expect(twice.length).toBe(once.length);
    expect(new Set(once.map(({ kernel }) => kernel)).size).toBeGreaterThan(10);
  });

  test('give no kernel what another has computed', () => {
    for (const one of kernelGraphs([graph])) {
      const made = new Set(one.graph.nodes.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
      expect(one.graph.nodes.flatMap(({ inputs }) => inputs).filter(({ id }) => made.has(id))).toEqual([]);
    }
  });

  test('are several where outputs would fill the memory', () => {
    const large = trace(
      'large',
      (ops, { x }) =>
        Object.fromEntries([1, 2, 3].map((by) => [`y${by}`, ops.mul(x ?? ops.scalar(0), by + 1)])),
      { x: { shape: [1 << 23], dtype: 'float32', role: 'batch' } },
    );
    expect(kernelGraphs([large]).map((one) => one.graph.outputs.length)).toEqual([1, 1, 1]);
  });
});
