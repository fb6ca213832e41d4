import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queueAgain, requestStop, type RunDirectory } from '../../src/runs/index.ts';
import { bundleEngine } from './build.ts';
import { eachWithBundles } from './each-with-bundles.ts';
import { Harness, outcomeOf, until } from './harness.ts';
import { TINY_CONFIG as CONFIG, writeTinyData } from './tiny-data.ts';

/** Share of all metrics after which the engine is killed: in the teacher, early and late among students, in the baseline. */
const KILLS = [0.05, 0.35, 0.6, 0.9];

let harness: Harness;
eachWithBundles(
  bundleEngine,
  (bundles) => new Harness(bundles),
  (made) => {
    harness = made;
    writeTinyData(join(harness.folder, 'data'));
  },
);

async function finish(run: RunDirectory): Promise<void> {
  const { exited } = await harness.launch(run);
  expect({ exit: await exited, failure: run.record().failure }).toEqual({ exit: { code: 0, signal: null } });
}

describe('training in the engine', () => {
  it('trains on WebAssembly, in no other way than on the native runtime', async () => {
    const short = CONFIG.replaceAll(/epochs: \d+/g, 'epochs: 2').replace('seeds: [1, 2, 3]', 'seeds: [1]');
    const [wasm, native] = ['wasm', 'cpu'].map((device) =>
      harness.newRun(`${short}engine: { device: ${device}, threads: 2 }\n`),
    );
    if (wasm === undefined || native === undefined) throw new Error('no runs');
    await finish(wasm);
    await finish(native);
    expect(wasm.record().environment).toMatchObject({
      executor: 'onnx-wasm',
      reproducible: expect.stringMatching(/same bits.*Another executor rounds otherwise/) as string,
    });
    const losses = (run: RunDirectory) =>
      run.metrics().flatMap(({ values }) => (typeof values.loss === 'number' ? [values.loss] : []));
    expect(losses(wasm).length).toBeGreaterThan(5);
    expect(losses(wasm).length).toBe(losses(native).length);
    for (const [at, loss] of losses(native).entries()) expect(losses(wasm)[at]).toBeCloseTo(loss, 3);
  });

  it('ends on WebAssembly too with bit for bit the same numbers after it was killed', async () => {
    const text = `${CONFIG.replace('seeds: [1, 2, 3]', 'seeds: [1]')}engine: { device: wasm, threads: 1 }\n`;
    const [calm, run] = [harness.newRun(text), harness.newRun(text)];
    await finish(calm);
    const target = Math.round(calm.metrics().length / 3);
    const engine = await harness.launch(run);
    await until('the kill', () => run.metrics().length >= target || run.status() === 'failed');
    process.kill(engine.pid, 'SIGKILL');
    await engine.exited;
    queueAgain(run);
    await finish(run);
    expect(outcomeOf(run)).toEqual(outcomeOf(calm));
  });

  it('ends with bit for bit the same numbers, however often it is killed or stopped', async () => {
    const calm = harness.newRun(CONFIG);
    await finish(calm);
    const expected = outcomeOf(calm);
    expect(expected).toMatchObject({ status: 'completed', verdict: { pairs: 3 } });
    expect(expected.phases).toHaveLength(7);

    const run = harness.newRun(CONFIG);
    for (const share of KILLS) {
      const engine = await harness.launch(run);
      const target = Math.round(share * expected.metrics.length);
      await until('the next kill', () => run.metrics().length >= target || run.status() === 'failed');
      process.kill(engine.pid, 'SIGKILL');
      await engine.exited;
      expect(run.status()).toBe('interrupted');
      queueAgain(run);
    }
    const stopped = await harness.launch(run);
    await until('the engine to be up', () => run.record().process?.pid === stopped.pid);
    await requestStop(run);
    expect(await stopped.exited).toEqual({ code: 3, signal: null });
    queueAgain(run);
    await finish(run);
    expect(outcomeOf(run)).toEqual(expected);
  });

  it('refuses to go on where the data has changed', async () => {
    const run = harness.newRun(CONFIG);
    const engine = await harness.launch(run);
    await until('records', () => run.metrics().length > 5 || run.status() === 'failed');
    await requestStop(run);
    await engine.exited;
    queueAgain(run);
    const path = join(harness.folder, 'data', 'train-images');
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    writeFileSync(path, bytes);
    const known = run.metrics();
    const changed = await harness.launch(run);
    expect((await changed.exited).code).toBe(1);
    expect(run.record().failure).toMatchObject({
      code: 'KD5024',
      message: expect.stringContaining('the data has changed') as string,
    });
    expect(run.metrics()).toEqual(known);
  });

  it('names a config that cannot be run', async () => {
    const run = harness.newRun('name: Nothing\n');
    const { exited } = await harness.launch(run);
    expect((await exited).code).toBe(1);
    expect(run.record()).toMatchObject({
      status: 'failed',
      failure: { code: expect.stringMatching(/^KD[12]/) as string },
    });
  });
});
