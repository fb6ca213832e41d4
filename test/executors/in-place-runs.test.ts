import { describe, expect, test } from 'vitest';
import { trace } from '../../src/compiler/trace.ts';
import { inPlaceRunsOf } from '../../src/executors/in-place-runs.ts';
import { onnxExecutor, type OnnxProvider } from '../../src/executors/onnx-provider.ts';
import { nativeRuntime, type OnnxRuntime } from '../../src/executors/onnx-runtime.ts';
import { of } from '../compiler/input.ts';
import { spec } from './contract.ts';

const plain: OnnxProvider = {
  name: 'onnx-cpu',
  place: 'CPU',
  session: { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1 },
  runtime: nativeRuntime,
};
const inPlace: OnnxProvider = { ...plain, inPlaceRuns: inPlaceRunsOf };

/** State of two types, a large and a small result, and a result that is a truth value. */
const step = trace(
  'step',
  (ops, inputs) => {
    const moved = ops.add(ops.mul(of(inputs, 'w'), 0.9), of(inputs, 'x'));
    return {
      w: moved,
      count: ops.add(of(inputs, 'count'), ops.scalar(1, 'int32')),
      loss: ops.mean(ops.square(moved)),
      rows: ops.sum(moved, 1),
      positive: ops.greater(ops.sum(moved, 1), 0),
    };
  },
  { w: spec([300, 200], 'state'), count: { ...spec([], 'state'), dtype: 'int32' }, x: spec([300, 200], 'batch') },
); // prettier-ignore
const state = { w: Float32Array.from({ length: 60_000 }, (_, at) => Math.sin(at)), count: Int32Array.of(0) };
const batch = (at: number) => ({
  x: Float32Array.from({ length: 60_000 }, (_, n) => Math.cos(n * (at + 1))),
});

async function twentySteps(provider: OnnxProvider) {
  const program = await onnxExecutor(provider).load({ step }, state);
  const results = [];
  for (let at = 0; at < 20; at++) results.push(await program.run('step', batch(at)));
  const end = await program.readState();
  await program.dispose();
  return { results, end };
}

describe('runs in place', () => {
  test('give the results and the state of runs with copies, to the last bit', async () => {
    const [copied, written] = [await twentySteps(plain), await twentySteps(inPlace)];
    expect(written).toEqual(copied);
    expect(written.end.count?.[0]).toBe(20);
    expect(written.results[3]?.positive).toBeInstanceOf(Uint8Array);
    // What a run gave is the caller's: the next one does not change it.
    expect(written.results[0]?.loss).not.toEqual(written.results[1]?.loss);
  });

  test('are what this build of the runtime can do, and make no array of what was written', async () => {
    const runs = (await inPlaceRunsOf(await nativeRuntime())) ?? expect.fail('it copies');
    let asked = 0;
    const counted: typeof runs = {
      run(...given) {
        asked++;
        return runs.run(...given);
      },
    };
    const executor = onnxExecutor({ ...plain, inPlaceRuns: () => Promise.resolve(counted) });
    const program = await executor.load({ step }, state);
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 8; at++) await program.run('step', { x: state.w });
    expect(asked).toBe(8);
    // With copies each step would have made 240,000 bytes of state anew.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 100_000);
    await program.dispose();
  });

  test('are not what a runtime does that copies a sequence too, or writes nothing', async () => {
    const runtime = await nativeRuntime();
    const session = (run: () => Promise<never> | Promise<object>) =>
      ({ ...runtime, InferenceSession: { create: () => Promise.resolve({ run, release: () => Promise.resolve() }) } }) as unknown as OnnxRuntime; // prettier-ignore
    expect(await inPlaceRunsOf(session(() => Promise.resolve({})))).toBeNull();
    expect(await inPlaceRunsOf(session(() => Promise.reject(new Error('device lost'))))).toBeNull();
  });

  test('leave the state as it was where a step fails, and go on', async () => {
    const lookup = trace(
      'lookup',
      (ops, inputs) => ({ w: ops.add(of(inputs, 'w'), 1), y: ops.gather(of(inputs, 'w'), of(inputs, 'at')) }),
      { w: spec([2], 'state'), at: spec([1], 'batch', 'int32') },
    );
    const program = await onnxExecutor(inPlace).load({ lookup }, { w: Float32Array.of(1, 2) });
    await expect(program.run('lookup', { at: Int32Array.of(7) })).rejects.toMatchObject({
      problem: { code: 'KD6030', message: expect.stringContaining('lookup') as string },
    });
    expect(await program.readState()).toEqual({ w: Float32Array.of(1, 2) });
    expect(await program.run('lookup', { at: Int32Array.of(1) })).toEqual({ y: Float32Array.of(2) });
    expect(await program.readState()).toEqual({ w: Float32Array.of(2, 3) });
    await program.dispose();
  });

  test('pass on every other error', async () => {
    const runs = await inPlaceRunsOf(await nativeRuntime());
    const failing = { run: () => Promise.reject(new Error('out of memory')) } as never;
    await expect(runs?.run(failing, {}, {})).rejects.toThrow('out of memory');
  });
});
