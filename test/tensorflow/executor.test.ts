import { createRequire } from 'node:module';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { trace } from '../../src/compiler/trace.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import { selfTest } from '../../src/executors/self-test.ts';
import { of } from '../compiler/input.ts';
import { executorContract, outsideFeeds, outsideTable, spec } from '../executors/contract.ts';
import { executor, FOLDER, nativePart, packageUnderTest } from './package-under-test.ts';

const scratch = mkdtempSync(join(tmpdir(), 'kd-tensorflow-test-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

executorContract('TensorFlow', executor);

const count = trace(
  'count',
  (ops, inputs) => ({
    w: ops.add(of(inputs, 'w'), of(inputs, 'x')),
    sum: ops.sum(of(inputs, 'w')),
  }),
  { w: spec([64, 64], 'state'), x: spec([64, 64], 'batch') },
);
const zeros = { w: new Float32Array(4096) };
const ones = { x: new Float32Array(4096).fill(1) };

describe('the executor on an official package', () => {
  test('passes the self-test that it must pass before it trains', async () => {
    expect(await selfTest(executor())).toBeNull();
  });

  test('says which library computes and where', () => {
    const { description, name, usesGpu } = executor();
    expect(description).toMatch(
      /^TensorFlow \d+\.\d+\.\d+ by @tensorflow\/tfjs-node(-gpu)? 4\.22\.0, (GPU|CPU)/,
    );
    expect(name).toBe(usesGpu ? 'tensorflow-gpu' : 'tensorflow');
  });

  test('leaves no file behind', async () => {
    const program = await executor(scratch).load({ count }, zeros);
    expect(readdirSync(scratch)).toEqual([]);
    await program.dispose();
  });

  test('gives two programs of the same graphs states of their own', async () => {
    const [first, second] = [
      await executor().load({ count }, zeros),
      await executor().load({ count }, zeros),
    ];
    await first.run('count', ones);
    expect((await second.run('count', ones)).sum?.[0]).toBe(0);
    expect((await first.run('count', ones)).sum?.[0]).toBe(4096);
    await first.dispose();
    await second.dispose();
  });

  test('runs a graph that only changes state, and one that only sets it', async () => {
    const advance = trace('advance', (ops, inputs) => ({ n: ops.add(of(inputs, 'n'), 1) }), {
      n: spec([], 'state'),
    });
    const set = trace('set', (ops, inputs) => ({ n: ops.mul(of(inputs, 'x'), 2) }), {
      n: spec([], 'state'),
      x: spec([], 'batch'),
    });
    const program = await executor().load({ advance, set }, { n: Float32Array.of(5) });
    expect(await program.run('advance', {})).toEqual({});
    expect(await program.readState()).toEqual({ n: Float32Array.of(6) });
    expect(await program.run('set', { x: Float32Array.of(4) })).toEqual({});
    expect(await program.readState()).toEqual({ n: Float32Array.of(8) });
    await program.dispose();
  });

  test('holds no tensor after 300 steps, reads and writes', async () => {
    const { binding } = nativePart();
    const held = () => binding.getNumOfTensors();
    const program = await executor().load({ count }, zeros);
    const before = held();
    for (let step = 0; step < 300; step++) {
      await program.run('count', ones);
      if (step % 50 === 0) await program.writeState(await program.readState());
    }
    expect(held()).toBe(before);
    expect((await program.readState()).w?.[0]).toBe(300);
    await program.dispose();
  });

  test('holds no tensor after a step that failed', async () => {
    const { binding } = nativePart();
    const program = await executor().load({ graph: outsideTable }, {});
    const before = binding.getNumOfTensors();
    await expect(program.run('graph', outsideFeeds)).rejects.toMatchObject({
      problem: { code: 'KD6053', message: expect.stringContaining('lookup') as string },
    });
    expect(binding.getNumOfTensors()).toBe(before);
    await program.dispose();
  });

  test('loads nothing of TensorFlow.js for compiled steps', async () => {
    const program = await executor().load({ count }, zeros);
    await program.run('count', ones);
    await program.dispose();
    const { cache } = createRequire(import.meta.url);
    const loaded = Object.keys(cache).filter((path) => path.includes('@tensorflow'));
    expect(loaded.filter((path) => path.startsWith(FOLDER)).map((path) => basename(path))).toEqual([
      'tfjs_binding.node',
      'package.json',
    ]);
  });

  test('keeps its own copy of TensorFlow.js apart from ours', async () => {
    await tf.setBackend('cpu');
    const mine = tf.tensor1d([1, 2]);
    const program = await executor().load({ count }, zeros);
    await program.run('count', ones);
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.engine().registryFactory).not.toHaveProperty('tensorflow');
    expect(packageUnderTest().library).not.toBe(tf);
    expect([...tf.add(mine, 1).dataSync()]).toEqual([2, 3]);
    mine.dispose();
    await program.dispose();
  });
});
