import { describe, expect, it } from 'vitest';
import { queueAgain } from '../../src/runs/index.ts';
import { counts } from '../support/counts.ts';
import { draw, type Harness, outcomeOf, until } from './harness.ts';
import { eachWithStandIn } from './stand-in.ts';

const SEEDS = Array.from({ length: counts({ test: 3, soak: 40 }) }, (_, i) => i + 1);
/** Many bytes a checkpoint and no pause between steps: most kills fall into a write. */
const SETTINGS = { steps: 40, checkpointEvery: 2, stepMilliseconds: 0, values: 60_000 };

let harness: Harness;
eachWithStandIn((made) => {
  harness = made;
});

describe('a run whose engine is killed', () => {
  it('ends exactly as one that was left alone', async () => {
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
