import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { MetricsRecord } from '../protocol/records.ts';
import { maskedCrc } from './crc.ts';
import { writeFully, writing } from './disk.ts';

/** Numbers of the fields in TensorFlow's event.proto and summary.proto. */
const FIELD = {
  event: { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 },
  sessionLog: { status: 1 },
  summary: { value: 1 },
  value: { tag: 1, simpleValue: 2 },
} as const;
const FILE_VERSION = 'brain.Event:2';
const SESSION_START = 1;
const NAME_DIGITS = 10;
/** Of a TFRecord around its bytes. */
const FRAME_BYTES = 8 + 4 + 4;
/** How long a step may wait to be written together with those after it: a write for each would cost more than the records. */
const WAIT_MILLISECONDS = 1000;

/**
 * The metrics as TensorBoard reads them: `events/<phase>-<seed>/<split>/` is a run there, each value a scalar under its own name.
 *
 * Every process that writes begins a new file with the mark of a session that starts at its first step: of a run that was
 * resumed TensorBoard drops the points from there on, as the metrics do. The directory is a copy for others to read; nothing here reads it.
 */
export class TensorBoardFiles {
  readonly #folder: string;
  /** Of the training that was written last, a file a split: an epoch writes to one and the other. */
  readonly #open = new Map<string, EventFile>();
  #training = '';
  #last: EventFile | null = null;
  /** Folders that this process has begun a file in, to go on in it. */
  readonly #begun = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws KD5005 to KD5007 where it cannot be written. */
  add(record: MetricsRecord): void {
    const { phase, seed, split } = record;
    const training = join(this.#folder, `${phase}-${seed}`);
    if (training !== this.#training) this.close();
    this.#training = training;
    const file = this.#fileFor(join(training, split), record);
    // What comes next may take long, and those who read along wait for what was before.
    if (this.#last !== null && this.#last !== file) this.#last.flush();
    this.#last = file;
    file.append(record);
  }

  /** Everything that was added is in the files. Throws KD5005 to KD5007 where it cannot be written. */
  flush(): void {
    for (const file of this.#open.values()) file.flush();
  }

  close(): void {
    const files = [...this.#open.values()];
    this.#open.clear();
    this.#last = null;
    for (const file of files) file.close();
  }

  #fileFor(folder: string, first: MetricsRecord): EventFile {
    const open = this.#open.get(folder);
    if (open !== undefined) return open;
    const known = this.#begun.get(folder);
    const path = known ?? nextName(folder);
    const file = new EventFile(path);
    this.#open.set(folder, file);
    if (known !== undefined) return file;
    this.#begun.set(folder, path);
    file.begin(first);
    return file;
  }
}

/** TensorBoard reads the files of a folder in the order of their names. */
function nextName(folder: string): string {
  writing(folder, () => mkdirSync(folder, { recursive: true }));
  const number = String(readdirSync(folder).length + 1).padStart(NAME_DIGITS, '0');
  return join(folder, `events.out.tfevents.${number}.kd`);
}

/**
 * A file of TFRecords: `uint64 length, uint32 crc(length), bytes, uint32 crc(bytes)`, little endian, CRC-32C masked. Records wait as
 * they are and become bytes all at once: one by one, between steps of training, each would find the processor's caches cold.
 */
class EventFile {
  readonly #path: string;
  readonly #descriptor: number;
  #waiting: MetricsRecord[] = [];
  #written = performance.now();

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = writing(path, () => openSync(path, 'a'));
  }

  /** Writes what stands before the first record. */
  begin({ time, step }: MetricsRecord): void {
    this.#write([versionEvent(time), sessionEvent(time, step)]);
  }

  append(record: MetricsRecord): void {
    this.#waiting.push(record);
    if (performance.now() - this.#written >= WAIT_MILLISECONDS) this.flush();
  }

  flush(): void {
    if (this.#waiting.length > 0) {
      const records = this.#waiting;
      this.#waiting = [];
      this.#write(records.map(eventOf));
    }
    this.#written = performance.now();
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.#descriptor);
    }
  }

  #write(events: readonly Uint8Array[]): void {
    const size = events.reduce((sum, { length }) => sum + FRAME_BYTES + length, 0);
    const bytes = Buffer.allocUnsafe(size);
    let at = 0;
    for (const event of events) {
      bytes.writeBigUInt64LE(BigInt(event.length), at);
      bytes.writeUInt32LE(maskedCrc(bytes.subarray(at, at + 8)), at + 8);
      bytes.set(event, at + 12);
      bytes.writeUInt32LE(maskedCrc(event), at + 12 + event.length);
      at += FRAME_BYTES + event.length;
    }
    writing(this.#path, () => writeFully(this.#descriptor, bytes));
  }
}

function versionEvent(time: number): Uint8Array {
  const out = new BinaryWriter();
  out.tag(FIELD.event.wallTime, WireType.Bit64).double(time);
  out.tag(FIELD.event.fileVersion, WireType.LengthDelimited).string(FILE_VERSION);
  return out.finish();
}

function sessionEvent(time: number, step: number): Uint8Array {
  const out = place(time, step);
  out.tag(FIELD.event.sessionLog, WireType.LengthDelimited).fork();
  out.tag(FIELD.sessionLog.status, WireType.Varint).int32(SESSION_START);
  return out.join().finish();
}

function eventOf({ time, step, values }: MetricsRecord): Uint8Array {
  const out = place(time, step);
  out.tag(FIELD.event.summary, WireType.LengthDelimited).fork();
  for (const [tag, value] of Object.entries(values)) {
    out.tag(FIELD.summary.value, WireType.LengthDelimited).fork();
    out.tag(FIELD.value.tag, WireType.LengthDelimited).string(tag);
    out.tag(FIELD.value.simpleValue, WireType.Bit32).float(Math.fround(Number(value)));
    out.join();
  }
  return out.join().finish();
}

function place(time: number, step: number): BinaryWriter {
  const out = new BinaryWriter();
  out.tag(FIELD.event.wallTime, WireType.Bit64).double(time);
  out.tag(FIELD.event.step, WireType.Varint).int64(step);
  return out;
}
