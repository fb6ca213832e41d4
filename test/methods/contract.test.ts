import { describe, expect, it } from 'vitest';
import type { NumericArray } from '../../src/compiler/graph.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { catalogue } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { eagerRunner, tracedRunner } from '../../src/training/step-runner.ts';
import { LEARNER, stepOf, type Arrangement } from './step-of.ts';

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

describe.each(catalogue.map((method) => [method.name, method] as const))('%s', (_, method) => {
  it('is a finite number whose gradient reaches the student', async () => {
    const got = await run(method, { batch: 6, ...EQUAL, values: 'drawn' });
    expect(got['loss']).toHaveLength(1);
    expectFinite(got);
    const reached = Object.entries(got).filter(
      ([name, values]) =>
        name.startsWith('gradient/') &&
        LEARNER.test(name.slice('gradient/'.length)) &&
        values.some((slope) => slope !== 0),
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
    const sizeOf = (values: NumericArray) => Math.max(...Array.from(values).map(Math.abs));
    // A gradient that cancels, as that of a bias before a batch norm, keeps the rounding of what it is made of.
    const slopes = Object.entries(want).filter(([name]) => name.includes('gradient/'));
    const rounding = 1e-5 * Math.max(...slopes.map(([, values]) => sizeOf(values)));
    for (const [name, values] of Object.entries(want)) {
      const off = Array.from(values).map((value, i) => Math.abs(value - (got[name]?.[i] ?? NaN)));
      const cancelled = name.includes('gradient/') ? rounding : 0;
      expect(Math.max(...off), name).toBeLessThanOrEqual(1e-4 * sizeOf(values) + cancelled + 1e-6);
    }
  });
});

const withOpponent = catalogue.filter((method) => method.opponent !== undefined);

describe.each(withOpponent.map((method) => [method.name, method] as const))(
  'the network beside the student of %s',
  (_, method) => {
    it('is moved by its own loss, in every variable', async () => {
      const got = await run(method, { batch: 6, ...EQUAL, values: 'drawn' });
      expect(got['opponent/loss']).toHaveLength(1);
      const slopes = Object.entries(got).filter(([name]) => name.startsWith('opponent/gradient/'));
      expect(slopes.length).toBeGreaterThan(0);
      const still = slopes.filter(([, values]) => values.every((slope) => slope === 0));
      expect(still.map(([name]) => name)).toEqual([]);
    });
  },
);
