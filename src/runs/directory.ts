import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { AttentionRecord } from '../protocol/gap-report.ts';
import type {
  CrashReport,
  EventRecord,
  GapRecord,
  LayersRecord,
  MetricsRecord,
  PictureRecord,
  RunRecord,
  RunStatus,
  SimilarityRecord,
  Verdict,
} from '../protocol/records.ts';
import type { Problem } from '../protocol/errors.ts';
import { damagedBest, keptBest, readBest, type BestMeta } from './best.ts';
import { peekNewestCheckpoint } from './checkpoints.ts';
import { crashOf, failureOf } from './crash.ts';
import { systemCode } from './disk.ts';
import { followRun, type FollowOptions, type RunChange } from './follow.ts';
import { readLayers } from './layers.ts';
import { gapReportNames, readGapReport } from './gap-reports.ts';
import { FILES } from './layout.ts';
import { isAlive, isSilent } from './liveness.ts';
import { lockHolder } from './lock.ts';
import { modelNames, noModel, readModel } from './models.ts';
import { readRecord } from './record.ts';
import { parseRecords, type RecordStreams } from './records.ts';
import { isActive, isFinal, trueStatus } from './status.ts';
import { LineTail } from './tail.ts';
import { DamagedTensors } from './safetensors.ts';
import type { BestWeights, Checkpoint, StoredTensor } from './writer.ts';

/**
 * A run as others see it: reading only, at any moment, also while it is written or after it was killed. A torn last
 * line is not there yet, a damaged line is left out, fields of later versions pass through.
 */
export class RunDirectory {
  /** Absolute path. */
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get id(): string {
    return basename(this.path);
  }

  /** `run.json` as written. Throws KD5001 or KD5003. For the truth about its status: `status()`. */
  record(): RunRecord {
    return readRecord(this.path);
  }

  /** Whether an engine works on it now, also one that has not written its first record. */
  isAlive(record = this.record()): boolean {
    return isAlive(record, this.path) || lockHolder(this.path) !== null;
  }

  /** What is true now: a run whose engine is gone is `interrupted`, whatever it wrote last. */
  status(record = this.record()): RunStatus {
    // Asking the system for a process is slow on Windows; a run that has ended needs no answer.
    return isFinal(record.status) ? record.status : trueStatus(record, this.isAlive(record));
  }

  /** Whether an engine that should work gives no sign of life: it stands still, or its machine does. */
  isSilent(record = this.record()): boolean {
    return isActive(record.status) && isSilent(record.process, this.path);
  }

  /** What is known of an engine that vanished, also where nobody saw it; null for every other run. */
  crash(record = this.record()): CrashReport | null {
    if (record.crash !== undefined) return record.crash;
    return isActive(record.status) && !this.isAlive(record) ? crashOf(this, null) : null;
  }

  /** Why it ended before its end, also where its engine vanished and nobody saw it; null: it did not, or was stopped. */
  failure(record = this.record()): NonNullable<RunRecord['failure']> | null {
    if (record.failure !== undefined) return record.failure;
    const crash = this.crash(record);
    return crash === null ? null : failureOf(this, crash);
  }

  metrics(): MetricsRecord[] {
    return this.#records('metrics');
  }

  /** The metrics in bounded pieces, for they may be many. */
  metricsInBlocks(): Generator<MetricsRecord[], void, void> {
    return this.#blocks('metrics');
  }

  events(): EventRecord[] {
    return this.#records('events');
  }

  gap(): GapRecord[] {
    return this.#records('gap');
  }

  similarity(): SimilarityRecord[] {
    return this.#records('similarity');
  }

  /** Where students looked, over the epochs. */
  attention(): AttentionRecord[] {
    return this.#records('attention');
  }

  /** Students of which there is a report of their gap: `student-1`. */
  gapReports(): string[] {
    return gapReportNames(this.path);
  }

  /** As it stands in its file; null where there is none. Throws KD5040 where it is no JSON, or too large. */
  gapReport(student: string): unknown {
    return readGapReport(this.path, student);
  }

  pictures(): PictureRecord[] {
    return this.#records('pictures');
  }

  /** Null before the run has one. */
  verdict(): Verdict | null {
    try {
      return JSON.parse(readFileSync(join(this.path, FILES.verdict), 'utf8')) as Verdict;
    } catch {
      return null;
    }
  }

  /** Null before layers were compared. */
  layers(): LayersRecord | null {
    return readLayers(this.path);
  }

  log(): string {
    return this.#text(FILES.log);
  }

  /** The config as it was run. */
  config(): string {
    return this.#text(FILES.config);
  }

  /** What the engine's process wrote to its standard error: empty unless something went badly wrong. */
  stderr(): string {
    return this.#text(FILES.stderr);
  }

  /** Names of the trained models it holds: `teacher-1`, `student-2`, ... */
  models(): string[] {
    return modelNames(this.path);
  }

  /** Weights of a trained model. Throws KD5010 or KD5011. */
  model(name: string): Record<string, StoredTensor> {
    return readModel(this.path, name);
  }

  /** The newest whole checkpoint, null where there is none; nothing is changed. */
  checkpoint(): Checkpoint | null {
    return peekNewestCheckpoint(this.path);
  }

  /** Best weights so far of the models that have not finished training, one a model. */
  bestSoFar(): BestMeta[] {
    const names = new Set(this.models());
    return keptBest(this.path).filter(({ model }) => {
      const isFirst = !names.has(model);
      names.add(model);
      return isFirst;
    });
  }

  /**
   * Best weights so far of a model that has not finished training: the newest whole ones. Damaged ones are told to `report`.
   * Throws KD5010 where there are none.
   */
  bestOf(model: string, report: (problem: Problem) => void): BestWeights {
    for (const { number, model: own } of keptBest(this.path)) {
      if (own !== model) continue;
      try {
        return readBest(this.path, number);
      } catch (error) {
        if (!(error instanceof DamagedTensors)) throw error;
        report(damagedBest(this.path, number, own, error.message));
      }
    }
    throw noModel(this.path, model);
  }

  /** A stop was asked for through the file. */
  get stopRequested(): boolean {
    return existsSync(join(this.path, FILES.stop));
  }

  /** Everything from the start, then what comes, see `followRun`. */
  follow(options: FollowOptions = {}): AsyncGenerator<RunChange, void, void> {
    return followRun(this, options);
  }

  #records<S extends keyof RecordStreams>(stream: S): RecordStreams[S][] {
    const all: RecordStreams[S][] = [];
    for (const block of this.#blocks(stream)) for (const record of block) all.push(record);
    return all;
  }

  *#blocks<S extends keyof RecordStreams>(stream: S): Generator<RecordStreams[S][], void, void> {
    const tail = new LineTail(join(this.path, FILES[stream]));
    for (let more = true; more;) {
      const read = tail.read();
      more = read.more;
      yield parseRecords(stream, read.lines);
    }
  }

  #text(name: string): string {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return '';
      throw error;
    }
  }
}
