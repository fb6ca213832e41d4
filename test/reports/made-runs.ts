import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PhaseResult, RunRecord } from '../../src/protocol/records.ts';
import { RunDirectory, RunStore } from '../../src/runs/index.ts';
import { judge } from '../../src/statistics/verdict.ts';
import { picturedRun } from '../panel/pictured-run.ts';
import { sampleRun } from '../panel/sample-run.ts';

export interface MadeRun {
  readonly id: string;
  /** Test accuracy by seed, 1, 2, …, of the student; 0..1. */
  readonly student: readonly number[];
  /** Of the last epoch; left out: a thousandth below. */
  readonly last?: readonly number[];
  /** Of the same student alone; left out: there is none. */
  readonly alone?: readonly number[];
  readonly seeds?: readonly number[];
  /** What it is judged by, as its results say; left out: they say nothing. */
  readonly metric?: string;
  readonly parameters?: number;
  readonly latency?: number;
  readonly config?: string;
  readonly name?: string;
  readonly change?: Partial<RunRecord>;
  /** With everything by which systems explain themselves. */
  readonly pictured?: boolean;
}

export const CONFIG = `name: Digits
data:
  format: idx
  train: { inputs: train-images, labels: train-labels }
  validation: { fraction: 0.1 }
distill:
  scheme: { offline: {} }
  match:
    - kd: { temperature: 4, weight: 0.9 }
train:
  epochs: 8
  seed: 1
`;

/** A root with finished runs in it, written as a run writes them. */
export class MadeRuns {
  readonly root = mkdtempSync(join(tmpdir(), 'kd-made-'));
  readonly store = new RunStore(this.root);

  add(made: MadeRun): RunDirectory {
    const path = join(this.store.folder, made.id);
    const sampled = made.pictured === true ? picturedRun : sampleRun;
    const sample = sampled({ seeds: made.seeds ?? made.student.map((_, at) => at + 1), epochs: 4 });
    const record: RunRecord = {
      ...sample.record,
      id: made.id,
      name: made.name ?? 'Digits',
      root: this.root,
      dataHash: 'data-1',
      data: { shape: [28, 28, 1], classes: 10 },
      createdAt: `2026-01-0${this.store.list().length + 1}T00:00:00.000Z`,
      results:
        made.pictured === true && sample.record.results !== undefined
          ? sample.record.results
          : resultsOf(made),
      ...made.change,
    };
    const lines = (records: readonly unknown[]) => records.map((one) => `${JSON.stringify(one)}\n`).join('');
    for (const [name, content] of [
      ['run.json', JSON.stringify(record)],
      ['config.yaml', made.config ?? CONFIG],
      ['metrics.jsonl', lines(sample.metrics)],
      ['events.jsonl', lines(sample.events)],
      ['gap/gap.jsonl', lines(sample.gap)],
      ['pictures/pictures.jsonl', lines(sample.pictures ?? [])],
      ['log.txt', 'first line\nlast line\n'],
    ] as const) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    }
    return new RunDirectory(path);
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function resultsOf(made: MadeRun): NonNullable<RunRecord['results']> {
  const { student, alone } = made;
  const last = made.last ?? student.map((one) => one - 0.001);
  const seeds = made.seeds ?? student.map((_, at) => at + 1);
  const result = (phase: string, at: number, best: number, atLast: number): PhaseResult => ({
    ...{ phase, model: 'student', seed: seeds[at] ?? 0, epochs: 8, bestEpoch: 5, lastEpoch: 7 },
    test: { accuracy: best, loss: 1 - best, calibrationError: 0.02 },
    lastTest: { accuracy: atLast, loss: 1 - atLast, calibrationError: 0.03 },
    ...{ validation: { accuracy: best }, lastValidation: { accuracy: atLast } },
    ...{ parameters: made.parameters ?? 78_042, multiplyAdds: 12_500_000, bytes: 312_168 },
    ...{ millisecondsPerStep: 12.4, imagesPerSecond: 5160 },
    ...(made.latency !== undefined && { latency: { milliseconds: made.latency, batch: 64 } }),
  });
  const phases = student.map((best, at) => result('student', at, best, last[at] ?? NaN));
  const baselines = (alone ?? []).map((best, at) => result('baseline', at, best, best));
  const pairs = (alone ?? []).map((baseline, at) => ({
    ...{ seed: seeds[at] ?? 0, student: student[at] ?? NaN, baseline },
  }));
  const judged = made.metric === undefined ? {} : { metric: made.metric };
  if (alone === undefined) return { phases, ...judged, verdict: null };
  const { difference, interval } = judge(pairs.map((pair, at) => ({ ...pair, student: last[at] ?? NaN })));
  const verdict = { ...judge(pairs), lastEpoch: { difference, interval } };
  return { phases: [...phases, ...baselines], ...judged, verdict };
}
