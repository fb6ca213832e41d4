import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatProblem, type Problem } from '../protocol/errors.ts';
import type { AttentionRecord, GapReport } from '../protocol/gap-report.ts';
import type {
  EventRecord,
  GapRecord,
  JsonNumber,
  LayerMeeting,
  MetricsRecord,
  PictureRecord,
  RunResults,
  SimilarityRecord,
  Verdict,
} from '../protocol/records.ts';
import { removeLaterBest } from './best.ts';
import {
  DEFAULT_LIMITS,
  loadNewestCheckpoint,
  removeLeftovers,
  writeCheckpoint,
  type CheckpointLimits,
  type RecordCounts,
} from './checkpoints.ts';
import { cutToLines } from './cut.ts';
import { LineFile, writeAtomically, writing } from './disk.ts';
import { writeMeeting } from './layers.ts';
import { writeGapReport } from './gap-reports.ts';
import { FILES } from './layout.ts';
import { readModel, writeModel } from './models.ts';
import type { RecordFile } from './record-file.ts';
import { TensorBoardFiles } from './tensorboard.ts';
import type { Checkpoint, RunWriter, StoredTensor } from './writer.ts';

export interface OpenedWriter {
  readonly writer: DirectoryWriter;
  /** Where to go on; null for a run that starts. */
  readonly resume: Checkpoint | null;
}

/**
 * Opens the run directory for writing and brings it back to its newest whole checkpoint. The caller holds the lock.
 * Throws KD5009 where every checkpoint is damaged, KD5030 where it is of a newer format, KD5005 to KD5007 where nothing can be
 * written.
 */
export function openWriter(file: RecordFile): OpenedWriter {
  removeLeftovers(file.directory);
  const problems: Problem[] = [];
  const loaded = loadNewestCheckpoint(file.directory, (problem) => problems.push(problem));
  removeLaterBest(file.directory, loaded?.lastBest ?? 0);
  const writer = new DirectoryWriter(file);
  const { seq } = loaded?.meta ?? { seq: 0 };
  const lost = writer.rewind(seq, loaded?.records ?? { gap: 0, similarity: 0 });
  for (const problem of problems) writer.event({ kind: 'warning', message: formatProblem(problem) });
  if (loaded === null) {
    if (lost) writer.event({ kind: 'resume', message: 'starts again: there is no checkpoint yet', seq });
    return { writer, resume: null };
  }
  const { phase, seed, epoch, step } = loaded.meta;
  writer.event({
    kind: 'resume',
    message: `goes on from the checkpoint at ${phase}, seed ${seed}, epoch ${epoch + 1}, step ${step}`,
    ...{ phase, seed, epoch, step, seq },
  });
  return { writer, resume: { meta: loaded.meta, tensors: loaded.tensors, best: loaded.best } };
}

/** The run directory as the training loop writes it. */
export class DirectoryWriter implements RunWriter {
  readonly #file: RecordFile;
  readonly #metrics: LineFile;
  readonly #events: LineFile;
  readonly #gap: LineFile;
  readonly #similarity: LineFile;
  readonly #attention: LineFile;
  readonly #pictures: LineFile;
  readonly #log: LineFile;
  readonly #tensorBoard: TensorBoardFiles;
  #nextSeq = 0;
  #limits = DEFAULT_LIMITS;
  #gapCount = 0;
  #similarityCount = 0;
  #attentionCount = 0;
  #pictureCount = 0;
  /** Time that went into records beside those of checkpoints, in milliseconds. */
  #recording = 0;

  constructor(file: RecordFile) {
    this.#file = file;
    const open = (name: string) => {
      const path = join(file.directory, name);
      writing(path, () => mkdirSync(dirname(path), { recursive: true }));
      return new LineFile(path);
    };
    this.#metrics = open(FILES.metrics);
    this.#events = open(FILES.events);
    this.#gap = open(FILES.gap);
    this.#similarity = open(FILES.similarity);
    this.#attention = open(FILES.attention);
    this.#pictures = open(FILES.pictures);
    this.#log = open(FILES.log);
    this.#tensorBoard = new TensorBoardFiles(join(file.directory, FILES.tensorBoard));
  }

  /** Forgets every record that the checkpoint does not know. True where there were any. */
  rewind(seq: number, records: RecordCounts): boolean {
    const lost =
      cutToLines(this.#metrics, seq) +
      cutToLines(this.#gap, records.gap) +
      cutToLines(this.#similarity, records.similarity) +
      cutToLines(this.#attention, records.attention ?? 0) +
      cutToLines(this.#pictures, records.pictures ?? 0);
    this.#nextSeq = seq;
    this.#gapCount = records.gap;
    this.#similarityCount = records.similarity;
    this.#attentionCount = records.attention ?? 0;
    this.#pictureCount = records.pictures ?? 0;
    return lost > 0;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  metrics(record: Omit<MetricsRecord, 'seq' | 'time'>): void {
    const line: MetricsRecord = { seq: this.#nextSeq, time: seconds(), ...record };
    this.#recorded(() => {
      this.#metrics.append(toJson(line));
      this.#nextSeq += 1;
      this.#tensorBoard.add(line);
    });
  }

  event(record: Omit<EventRecord, 'type' | 'time'>): void {
    this.#recorded(() => {
      this.#appendEvent(record);
    });
  }

  log(line: string): void {
    this.#recorded(() => {
      this.#appendLog(line);
    });
  }

  #appendEvent(record: Omit<EventRecord, 'type' | 'time'>): void {
    const line: EventRecord = { type: 'event', time: seconds(), ...record };
    this.#events.append(toJson(line));
    this.#appendLog(`${record.kind}: ${record.message}`);
  }

  #appendLog(line: string): void {
    const time = new Date().toISOString();
    for (const part of line.split('\n')) this.#log.append(`${time} ${part}`);
  }

  gap(record: GapRecord): void {
    this.#recorded(() => this.#gap.append(toJson(record)));
    this.#gapCount += 1;
  }

  similarity(record: SimilarityRecord): void {
    this.#recorded(() => this.#similarity.append(toJson(record)));
    this.#similarityCount += 1;
  }

  layers(meeting: LayerMeeting): void {
    this.#recorded(() => writeMeeting(this.#file.directory, meeting));
  }

  attention(record: AttentionRecord): void {
    this.#recorded(() => this.#attention.append(toJson(record)));
    this.#attentionCount += 1;
  }

  gapReport(report: Omit<GapReport, 'run'>): void {
    this.#recorded(() => writeGapReport(this.#file.directory, { run: this.#file.record.id, ...report }));
  }

  picture(record: PictureRecord): void {
    this.#recorded(() => this.#pictures.append(toJson(record)));
    this.#pictureCount += 1;
  }

  /** From the next checkpoint on. */
  limitCheckpoints(limits: CheckpointLimits): void {
    this.#limits = limits;
  }

  checkpoint(checkpoint: Checkpoint): void {
    if (checkpoint.meta.seq !== this.#nextSeq) {
      throw new Error(`The checkpoint knows ${checkpoint.meta.seq} metrics, ${this.#nextSeq} are written.`);
    }
    // First the records that the checkpoint counts on, then the checkpoint.
    const counted = [this.#metrics, this.#gap, this.#similarity, this.#attention, this.#pictures];
    for (const file of counted) file.sync();
    this.#tensorBoard.flush();
    const records = {
      gap: this.#gapCount,
      similarity: this.#similarityCount,
      attention: this.#attentionCount,
      pictures: this.#pictureCount,
    };
    writeCheckpoint(this.#file.directory, checkpoint, records, this.#limits);
    const { phase, seed, epoch, step, seq } = checkpoint.meta;
    const message = `checkpoint at step ${step}`;
    // Not through `event`: the time of a checkpoint is no time of records.
    this.#appendEvent({ kind: 'checkpoint', message, phase, seed, epoch, step, seq });
  }

  saveModel(name: string, tensors: Readonly<Record<string, StoredTensor>>): void {
    writeModel(this.#file.directory, name, tensors);
  }

  loadModel(name: string): Readonly<Record<string, StoredTensor>> {
    return readModel(this.#file.directory, name);
  }

  progress({ spent, ...progress }: Parameters<RunWriter['progress']>[0]): void {
    const recordSeconds = this.#recording / 1000;
    this.#recorded(() =>
      this.#file.progress({ ...progress, ...(spent && { spent: { ...spent, recordSeconds } }) }),
    );
  }

  #recorded(write: () => void): void {
    const began = performance.now();
    write();
    this.#recording += performance.now() - began;
  }

  verdict(verdict: Verdict): void {
    writeAtomically(join(this.#file.directory, FILES.verdict), `${toJson(verdict)}\n`, { durable: true });
  }

  results(results: RunResults): void {
    this.#file.update({ results });
  }

  close(): void {
    const records = [this.#gap, this.#similarity, this.#attention, this.#pictures];
    for (const file of [this.#metrics, this.#events, ...records, this.#log]) {
      file.sync();
      file.close();
    }
    this.#tensorBoard.close();
  }
}

function seconds(): number {
  return Date.now() / 1000;
}

/** JSON whose numbers are finite or one of the three words. */
function toJson(value: object): string {
  const plain = JSON.stringify(value);
  // A number that is not finite became `null`; looking at each one takes several times as long.
  if (!plain.includes('null')) return plain;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? jsonNumber(part) : part));
}

function jsonNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
