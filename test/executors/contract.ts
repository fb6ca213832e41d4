import { afterEach, describe, expect, test } from 'vitest';
import type { StepGraph, TensorSpec } from '../../src/compiler/graph.ts';
import { trace } from '../../src/compiler/trace.ts';
import type { Executor, Program } from '../../src/executors/executor.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { of } from '../compiler/input.ts';

export const spec = (
  shape: readonly number[],
  role: TensorSpec['role'],
  dtype: TensorSpec['dtype'] = 'float32',
): TensorSpec => ({ shape, dtype, role });

/** `w` moves by `x`, `steps` counts, `frozen` stays; `evaluate` reads all three. */
const train: StepGraph = trace(
  'train',
  (ops, inputs) => ({
    w: ops.add(of(inputs, 'w'), ops.mul(of(inputs, 'x'), of(inputs, 'frozen'))),
    steps: ops.add(of(inputs, 'steps'), ops.scalar(1, 'int32')),
    loss: ops.sum(of(inputs, 'w')),
  }),
  {
    w: spec([2], 'state'),
    b: spec([1], 'state'),
    steps: spec([], 'state', 'int32'),
    frozen: spec([2], 'state'),
    x: spec([2], 'batch'),
  },
);
const evaluate: StepGraph = trace(
  'evaluate',
  (ops, inputs) => ({
    sum: ops.sum(ops.mul(of(inputs, 'w'), of(inputs, 'frozen'))),
    mask: ops.greater(of(inputs, 'w'), 0),
  }),
  {
    w: spec([2], 'state'),
    frozen: spec([2], 'state'),
  },
);
const initial = {
  w: Float32Array.of(1, 2),
  b: Float32Array.of(5),
  steps: Int32Array.of(0),
  frozen: Float32Array.of(1, 10),
};

/** States what every executor promises, whatever it runs steps on. */
export function executorContract(name: string, open: () => Executor): void {
  describe(name, () => {
    let program: Program | null = null;
    const load = async (): Promise<Program> => (program = await open().load({ train, evaluate }, initial));
    afterEach(async () => {
      await program?.dispose();
      program = null;
    });
    const failure = async (action: () => Promise<unknown>): Promise<string> => {
      try {
        await action();
      } catch (error) {
        if (error instanceof UserError) return error.problem.message;
        throw error;
      }
      throw new Error('it did not fail');
    };

    test('keeps state between steps and shares it between graphs', async () => {
      const loaded = await load();
      expect((await loaded.run('train', { x: Float32Array.of(1, 1) })).loss).toEqual(Float32Array.of(3));
      expect((await loaded.run('train', { x: Float32Array.of(1, 1) })).loss).toEqual(Float32Array.of(14));
      expect(await loaded.run('evaluate', {})).toEqual({
        sum: Float32Array.of(3 + 220),
        mask: Uint8Array.of(1, 1),
      });
      expect(await loaded.readState()).toEqual({
        w: Float32Array.of(3, 22),
        b: Float32Array.of(5),
        steps: Int32Array.of(2),
        frozen: Float32Array.of(1, 10),
      });
    });

    test('reads copies and writes values, so that a checkpoint restores a run', async () => {
      const loaded = await load();
      const saved = await loaded.readState(['w']);
      await loaded.run('train', { x: Float32Array.of(1, 1) });
      expect(saved.w).toEqual(Float32Array.of(1, 2));
      await loaded.writeState({ ...saved, frozen: Float32Array.of(2, 2) });
      expect((await loaded.run('evaluate', {})).sum).toEqual(Float32Array.of(6));
    });

    test('does not change the arrays it was given', async () => {
      const loaded = await load();
      const x = Float32Array.of(1, 1);
      await loaded.run('train', { x });
      expect([[...x], [...initial.w]]).toEqual([
        [1, 1],
        [1, 2],
      ]);
    });

    test('runs steps that were asked for at once in order', async () => {
      const loaded = await load();
      const losses = await Promise.all(
        [1, 2, 3].map(() => loaded.run('train', { x: Float32Array.of(1, 0) })),
      );
      expect(losses.map(({ loss }) => loss?.[0])).toEqual([3, 4, 5]);
    });

    test('names what is missing or does not fit', async () => {
      const loaded = await load();
      expect(await failure(() => loaded.run('train', {}))).toMatch(/input "x"/);
      expect(await failure(() => loaded.run('train', { x: Float32Array.of(1) }))).toMatch(
        /input "x" holds 2 numbers/,
      );
      expect(await failure(() => loaded.run('probe', {}))).toMatch(/graph "probe".*train, evaluate/);
      expect(await failure(() => loaded.writeState({ w: Float32Array.of(1) }))).toMatch(/state "w"/);
      expect(await failure(() => loaded.readState(['v']))).toMatch(/state "v"/);
      expect(
        await failure(async () => open().load({ train }, { ...initial, w: Float32Array.of(1) })),
      ).toMatch(/state "w"/);
    });
  });
}

/** An index outside the table: compiled without knowing it, refused by the runtime. */
export const outsideTable: StepGraph = trace(
  'lookup',
  (ops, inputs) => ({ y: ops.gather(of(inputs, 'table'), of(inputs, 'at')) }),
  {
    table: spec([2], 'batch'),
    at: spec([1], 'batch', 'int32'),
  },
);
export const outsideFeeds = { table: Float32Array.of(1, 2), at: Int32Array.of(7) };
