import { describe, expect, it } from 'vitest';
import type { NumericArray } from '../../src/compiler/graph.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { eagerRunner, tracedRunner } from '../../src/training/step-runner.ts';
import { stepOf, type Arrangement } from './step-of.ts';

const eager = eagerRunner(tf);
const traced = tracedRunner(onnxCpu({ threads: 1, spinning: false }));
const EQUAL = { student: [4, 4, 3], teacher: [4, 4, 3] } as const;
const WIDER = { student: [4, 4, 3], teacher: [4, 4, 6] } as const;

function run(method: Method, arrangement: Arrangement, runner = eager) {
  const { step, specs, feeds } = stepOf(method, arrangement);
  return runner(method.name, step, specs, feeds);
}

function expectFinite(got: Readonly<Record<string, NumericArray>>): void {
  for (const [name, values] of Object.entries(got))
    expect(Array.from(values).every(Number.isFinite), name).toBe(true);
}

describe.each(methods.map((method) => [method.name, method] as const))('%s', (_, method) => {
  it('is a finite number whose gradient reaches the student', async () => {
    const got = await run(method, { batch: 6, ...EQUAL, values: 'drawn' });
    expect(got['loss']).toHaveLength(1);
    expectFinite(got);
    const reached = Object.entries(got).filter(
      ([name, values]) => name.startsWith('gradient/student/') && values.some((slope) => slope !== 0),
    );
    expect(reached.length).toBeGreaterThan(0);
  });

  it('takes layers of unlike widths, or says why it cannot', async () => {
    const misfit = method.checkPair?.(WIDER) ?? null;
    if (misfit !== null) {
      expect(misfit.help.length).toBeGreaterThan(10);
      return;
    }
    const got = await run(method, { batch: 6, ...WIDER, values: 'drawn' });
    expectFinite(got);
  });

  it.each(['identical', 'zero'] as const)(
    'stays finite, with its gradient, where both sides are %s',
    async (values) => {
      const got = await run(method, { batch: 6, ...EQUAL, values });
      expectFinite(got);
    },
  );

  it.each([1, 2])('stays finite for a batch of %i', async (batch) => {
    const got = await run(method, { batch, ...EQUAL, values: 'drawn' });
    expectFinite(got);
  });

  it('means the same traced as run operation by operation', async () => {
    const want = await run(method, { batch: 6, ...EQUAL, values: 'drawn' });
    const got = await run(method, { batch: 6, ...EQUAL, values: 'drawn' }, traced);
    for (const [name, values] of Object.entries(want)) {
      const all = Array.from(values);
      const largest = Math.max(...all.map(Math.abs));
      const off = all.map((value, i) => Math.abs(value - (got[name]?.[i] ?? NaN)));
      expect(Math.max(...off), name).toBeLessThanOrEqual(1e-4 * largest + 1e-6);
    }
  });
});
