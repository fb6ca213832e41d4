import type { RunRecord, RunStatus } from '../protocol/records.ts';
import { readRecord, writeRecord } from './record.ts';
import { nextStatus } from './status.ts';

const PROGRESS_MILLISECONDS = 1000;

/** `run.json` in the hands of the process that holds the lock. */
export class RecordFile {
  readonly directory: string;
  #record: RunRecord;
  #progressWritten = 0;

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

  /** Written at most twice a second, and not flushed: losing it costs nothing. */
  progress(progress: NonNullable<RunRecord['progress']>): void {
    this.#record = { ...this.#record, progress };
    const now = performance.now();
    if (this.#progressWritten !== 0 && now - this.#progressWritten < PROGRESS_MILLISECONDS) return;
    this.#progressWritten = now;
    writeRecord(this.directory, this.#record, { durable: false });
  }

  /** A resumed run starts without the end of its last attempt. */
  forgetEnd(): void {
    const ended = ['finishedAt', 'failure', 'crash', 'waiting'];
    const kept = Object.entries(this.#record).filter(([key]) => !ended.includes(key));
    this.#record = Object.fromEntries(kept) as unknown as RunRecord;
  }
}
