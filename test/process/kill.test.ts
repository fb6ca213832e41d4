import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queueAgain, type RunDirectory } from '../../src/runs/index.ts';
import { bundleStandIn } from './build.ts';
import { comparable, Harness, until } from './harness.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];
/** Many bytes a checkpoint and no pause between steps: most kills fall into a write. */
const SETTINGS = { steps: 40, checkpointEvery: 2, stepMilliseconds: 0, values: 60_000 };

let bundles = '';
let harness: Harness;
beforeAll(async () => {
  bundles = await bundleStandIn();
});
afterAll(() => rmSync(bundles, { recursive: true, force: true }));
beforeEach(() => {
  harness = new Harness(bundles);
});
afterEach(() => harness.dispose());

/** A number in 0..1 from a seed and a counter: the moments of the kills are the same in every run of the test. */
function draw(seed: number, counter: number): number {
  let hash = Math.imul(seed, 0x9e3779b1) ^ Math.imul(counter + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

function outcomeOf(run: RunDirectory) {
  return {
    status: run.status(),
    metrics: comparable(run.metrics()),
    gap: run.gap(),
    models: Object.fromEntries(run.models().map((name) => [name, run.model(name)])),
    results: run.record().results,
  };
}

describe('a run whose engine is killed', () => {
  it('ends exactly as one that was left alone', { timeout: 120_000 }, async () => {
    const calm = harness.newRun();
    await (
      await harness.launch(calm, SETTINGS)
    ).exited;
    const expected = outcomeOf(calm);
    expect(expected.status).toBe('completed');
    for (const seed of SEEDS) {
      const run = harness.newRun();
      let kills = 0;
      for (; kills < 3; kills += 1) {
        const engine = await harness.launch(run, SETTINGS);
        const before = run.metrics().length;
        const target = before + Math.ceil(draw(seed, kills) * 25);
        await until(
          'the next kill',
          () => run.metrics().length >= target || (!run.isAlive() && run.record().status !== 'queued'),
        );
        if (run.isAlive()) {
          await new Promise((resolve) => setTimeout(resolve, draw(seed, kills + 100) * 20));
          process.kill(engine.pid, 'SIGKILL');
        }
        await engine.exited;
        // Readable at any moment, before anything was repaired.
        const seqs = run.metrics().map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, i) => i));
        if (run.status() === 'completed') break;
        expect(run.status()).toBe('interrupted');
        queueAgain(run);
      }
      if (run.status() !== 'completed') await (await harness.launch(run, SETTINGS)).exited;
      expect({ seed, ...outcomeOf(run) }).toEqual({ seed, ...expected });
    }
  });
});
