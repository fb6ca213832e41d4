import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queueAgain, type RunDirectory } from '../../src/runs/index.ts';
import { counts } from '../support/counts.ts';
import { bundleFaultyEngine, bundleStandIn } from './build.ts';
import type { Faults } from './faults.ts';
import { draw, Harness, outcomeOf } from './harness.ts';
import { CARRYING_CONFIG, TINY_CONFIG, writeTinyData } from './tiny-data.ts';

const DAY_MILLISECONDS = 86_400_000;
const SETTINGS = { steps: 20, checkpointEvery: 3, stepMilliseconds: 0, values: 500 };
const KILLS = ['before', 'middle', 'after'] as const;
/** One after every epoch, however long it took. */
const CHECKPOINTS = 'engine: { threads: 1, checkpoints: { share: 1 } }\n';

let harness: Harness;
afterEach(() => harness.dispose());

const withFaults = (faults: Partial<Faults>) => ({ KD_FAULTS: JSON.stringify(faults) });

/** The uninterrupted run, and how many changes of files it made. */
async function calmRun(configText?: string) {
  const run = harness.newRun(configText);
  const count = join(harness.folder, 'operations');
  const { exited } = await harness.launch(run, SETTINGS, withFaults({ count }));
  expect({ exit: await exited, failure: run.record().failure }).toEqual({ exit: { code: 0, signal: null } });
  return { expected: outcomeOf(run), operations: Number(readFileSync(count, 'utf8')) };
}

/** One operation for each seed, over all of the run. */
function operationOf(seed: number, seeds: number, operations: number): number {
  return 1 + Math.floor(((seed + draw(seed, 0)) / seeds) * operations);
}

function expectReadable(run: RunDirectory): void {
  const seqs = run.metrics().map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => i));
  for (const name of run.models()) expect(() => run.model(name)).not.toThrow();
}

/** Goes on until the run is complete, the first time under `faults`; ends exactly as the run that was left alone. */
async function expectSameEnd(run: RunDirectory, expected: ReturnType<typeof outcomeOf>, seed: number) {
  queueAgain(run);
  const { exited } = await harness.launch(run, SETTINGS);
  expect({ seed, exit: await exited, failure: run.record().failure }).toEqual({
    seed,
    exit: { code: 0, signal: null },
  });
  expect({ seed, ...outcomeOf(run) }).toEqual({ seed, ...expected });
}

/**
 * How often progress is written depends on the clock: a run that made fewer changes than the one left alone is done once more, and
 * killed a little earlier.
 */
async function killedAt(seed: number, seeds: number, operations: number, config?: string) {
  const kind = KILLS[seed % KILLS.length] ?? 'before';
  const fewer = Math.ceil(operations / 100);
  for (let at = operationOf(seed, seeds, operations); ; at -= fewer) {
    // A book that another run wrote would leave nothing to be killed in.
    rmSync(join(harness.folder, '.kd', 'books'), { recursive: true, force: true });
    const run = harness.newRun(config);
    const { exited } = await harness.launch(run, SETTINGS, withFaults({ at, kind }));
    const exit = await exited;
    if (exit.code === 0 && at > 0.9 * operations) continue;
    expect({ seed, exit }).toEqual({ seed, exit: { code: null, signal: 'SIGKILL' } });
    expectReadable(run);
    return run;
  }
}

describe('an engine of stand-in work', () => {
  let bundles = '';
  beforeAll(async () => {
    bundles = await bundleStandIn();
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  beforeEach(() => {
    harness = new Harness(bundles);
  });

  const kills = counts({ test: 12, soak: 200 });
  it(`ends exactly as one that was left alone after each of ${kills} kills, before, in the middle of or after any write`, async () => {
    const { expected, operations } = await calmRun();
    expect(operations).toBeGreaterThan(200);
    for (let seed = 0; seed < kills; seed += 1) {
      const run = await killedAt(seed, kills, operations);
      // Killed while it wrote its last word, it is complete all the same.
      if (run.status() === 'completed') continue;
      await expectSameEnd(run, expected, seed);
    }
  });

  const failures = counts({ test: 6, soak: 100 });
  it(`says so at each of ${failures} places where its disk is full or read-only, and loses nothing`, async () => {
    const { expected, operations } = await calmRun();
    for (let seed = 0; seed < failures; seed += 1) {
      const at = operationOf(seed, failures, operations);
      const kind = seed % 2 === 0 ? 'full' : 'readOnly';
      const run = harness.newRun();
      const { exited } = await harness.launch(run, SETTINGS, withFaults({ at, kind }));
      const exit = await exited;
      // At or behind its last word nothing is left to lose; where that could not be made sure of, it says so all the same.
      const isComplete = run.status() === 'completed';
      if (isComplete) expect({ seed, ...outcomeOf(run) }).toEqual({ seed, ...expected });
      if (isComplete && exit.code === 0) continue;
      expect({ seed, ...exit, said: run.stderr() }).toMatchObject({ seed, code: 4, signal: null });
      // A full disk takes no words either, but the exit code says it.
      expect(run.stderr()).toMatch(kind === 'full' ? /^$/ : /KD5006/);
      if (isComplete) continue;
      expectReadable(run);
      await expectSameEnd(run, expected, seed);
    }
  });

  it('goes on exactly where the clock was set back by a day', async () => {
    const { expected, operations } = await calmRun();
    const run = await killedAt(Math.floor(operations / 2), operations, operations);
    expect(run.status()).toBe('interrupted');
    queueAgain(run);
    const { exited } = await harness.launch(run, SETTINGS, withFaults({ clock: -DAY_MILLISECONDS }));
    expect((await exited).code).toBe(0);
    expect(outcomeOf(run)).toEqual(expected);
    const times = run.metrics().map(({ time }) => time);
    expect(Math.min(...times)).toBeLessThan((Date.now() - DAY_MILLISECONDS / 2) / 1000);
  });
});

describe('the engine of the product', () => {
  let bundles = '';
  beforeAll(async () => {
    bundles = await bundleFaultyEngine();
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  beforeEach(() => {
    harness = new Harness(bundles);
    writeTinyData(join(harness.folder, 'data'));
  });

  it.each([
    { kills: counts({ test: 4, soak: 200 }), phases: 7, what: 'all phases and writes', config: TINY_CONFIG },
    {
      ...{ kills: counts({ test: 2, soak: 100 }), phases: 5, what: 'a book and all that is carried' },
      config: CARRYING_CONFIG,
    },
  ])('trains to the same bits after each of $kills kills over $what', async ({ kills, phases, config }) => {
    const text = `${config}${CHECKPOINTS}`;
    const { expected, operations } = await calmRun(text);
    expect(expected.phases).toHaveLength(phases);
    for (let seed = 0; seed < kills; seed += 1) {
      const run = await killedAt(seed, kills, operations, text);
      if (run.status() === 'completed') continue;
      await expectSameEnd(run, expected, seed);
    }
  });
});
