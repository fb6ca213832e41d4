import type { RunRecord, RunStatus } from '../protocol/records.ts';
import { readRecord, writeRecord } from './record.ts';
import { nextStatus } from './status.ts';

/** Between two writings of the progress alone: those who read along wait no longer than the most. */
const PROGRESS_MILLISECONDS = { least: 1000, most: 5000 };
/** Of the time, what that may take. */
const PROGRESS_SHARE = 0.001;

/** `run.json` in the hands of the process that holds the lock. */
export class RecordFile {
  readonly directory: string;
  #record: RunRecord;
  /** When the progress is written again, by the clock of the process. */
  #progressDue = 0;

  constructor(directory: string) {
    this.directory = directory;
    this.#record = readRecord(directory);
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** Changes fields and writes the whole record. */
  update(change: Partial<Omit<RunRecord, 'status'>>): void {
    this.#record = { ...this.#record, ...change };
    writeRecord(this.directory, this.#record);
  }

  /** Changes the status, as the status machine allows, together with other fields. */
  become(status: RunStatus, change: Partial<Omit<RunRecord, 'status'>> = {}): void {
    this.#record = { ...this.#record, ...change, status: nextStatus(this.#record.status, status) };
    writeRecord(this.directory, this.#record);
  }

  /** Written at most once a second, more rarely where a disk is slow, and not flushed: losing it costs nothing. */
  progress(progress: NonNullable<RunRecord['progress']>): void {
    this.#record = { ...this.#record, progress };
    const began = performance.now();
    if (began < this.#progressDue) return;
    writeRecord(this.directory, this.#record, { durable: false });
    const ended = performance.now();
    const { least, most } = PROGRESS_MILLISECONDS;
    this.#progressDue = ended + Math.min(most, Math.max(least, (ended - began) / PROGRESS_SHARE));
  }

  /** A resumed run starts without the end of its last attempt. */
  forgetEnd(): void {
    const ended = ['finishedAt', 'failure', 'crash', 'waiting'];
    const kept = Object.entries(this.#record).filter(([key]) => !ended.includes(key));
    this.#record = Object.fromEntries(kept) as unknown as RunRecord;
  }
}
