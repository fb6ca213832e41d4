import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricsRecord, PhaseResult, RunStatus } from '../../src/protocol/records.ts';
import { MEASURED_VALUES } from '../../src/protocol/records.ts';
import {
  launchEngine,
  RunStore,
  thisNode,
  type LaunchedEngine,
  type RunDirectory,
} from '../../src/runs/index.ts';
import { loadNewestCheckpoint } from '../../src/runs/checkpoints.ts';
import { killTree } from '../../src/runs/terminate.ts';

/** Runs of stand-in engines in a folder of their own; ends every engine it started. */
export class Harness {
  readonly store: RunStore;
  readonly #engine: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kd-process-'));
  readonly #runs = new Set<RunDirectory>();
  readonly #launched = new Set<LaunchedEngine>();

  constructor(bundles: string) {
    this.#engine = join(bundles, 'engine.cjs');
    this.store = new RunStore(this.#folder);
  }

  /** Folder of the experiment. */
  get folder(): string {
    return this.store.root;
  }

  newRun(configText = 'name: Stand-in\n'): RunDirectory {
    const run = this.store.create({
      name: 'Stand-in',
      config: join(this.#folder, 'stand-in.kd.yaml'),
      configText,
      overrides: [],
      seeds: [1],
    });
    this.#runs.add(run);
    return run;
  }

  async launch(
    run: RunDirectory,
    settings: object = {},
    environment: NodeJS.ProcessEnv = {},
  ): Promise<LaunchedEngine> {
    const engine = await launchEngine({
      directory: run.path,
      enginePath: this.#engine,
      node: thisNode(),
      permission: () => true,
      environment: { ...process.env, ...environment, KD_STAND_IN: JSON.stringify(settings) },
    });
    this.#launched.add(engine);
    void engine.exited.then(() => this.#launched.delete(engine));
    return engine;
  }

  async dispose(): Promise<void> {
    for (const run of this.#runs) {
      const engine = run.record().process;
      if (engine !== undefined) await killTree(engine);
    }
    // Those too that have not written their process down yet.
    for (const { pid, exited } of this.#launched) {
      process.kill(pid, 'SIGKILL');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const LIMIT_MILLISECONDS = 30_000;

/** Waits for a condition, at most half a minute. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > LIMIT_MILLISECONDS) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function untilStatus(run: RunDirectory, ...statuses: readonly RunStatus[]): Promise<void> {
  return until(`${run.id} to be ${statuses.join(' or ')}`, () => statuses.includes(run.status()));
}

/** Metrics without what may differ between identical runs. */
export function comparable(records: readonly MetricsRecord[]): unknown[] {
  return records.map(({ values, ...rest }) => ({
    ...rest,
    time: 0,
    values: Object.fromEntries(Object.entries(values).filter(([key]) => !MEASURED_VALUES.includes(key))),
  }));
}

/** A number in 0..1 from a seed and a counter: the same in every run of a test. */
export function draw(seed: number, counter: number): number {
  let hash = Math.imul(seed, 0x9e3779b1) ^ Math.imul(counter + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** Everything that must not depend on interruptions. */
export function outcomeOf(run: RunDirectory) {
  const { results, dataHash } = run.record();
  const last = loadNewestCheckpoint(run.path, ({ message }) => {
    throw new Error(message);
  });
  return {
    status: run.status(),
    metrics: comparable(run.metrics()),
    gap: run.gap(),
    similarity: run.similarity(),
    attention: run.attention(),
    verdict: run.verdict(),
    phases: results?.phases.map(unmeasured),
    models: Object.fromEntries(run.models().map((name) => [name, run.model(name)])),
    checkpoint: last && {
      tensors: last.tensors,
      best: last.best,
      phase: last.meta.phase,
      step: last.meta.step,
      seq: last.meta.seq,
    },
    dataHash,
  };
}

const NOT_TIMED = { milliseconds: 0, batch: 0 };

function unmeasured(result: PhaseResult): PhaseResult {
  return { ...result, millisecondsPerStep: 0, imagesPerSecond: 0, latency: NOT_TIMED };
}
