import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maskedCrc } from '../../src/runs/crc.ts';
import { checkpointAt, metricsOf, newRun, openRun } from './scratch.ts';

interface Event {
  readonly wallTime: number;
  readonly step: number;
  readonly version?: string;
  readonly sessionStarts: boolean;
  readonly scalars: Readonly<Record<string, number>>;
}

/** CRC-32C bit by bit, as its definition says: another way than the table of the product. */
function crcByBits(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  crc = ~crc >>> 0;
  return Number(((BigInt(crc >>> 15) | (BigInt(crc) << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** The records of a TFRecord file; throws where a length or a checksum is wrong. */
function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(crcByBits(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(data.length).toBe(length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(crcByBits(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

/** The fields of a protobuf message: number, and the value or the bytes. */
function* fieldsOf(message: Buffer): Generator<readonly [number, number | Buffer]> {
  let at = 0;
  const varint = () => {
    let [value, shift] = [0, 1];
    for (; ; shift *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const [field, type] = [key >>> 3, key & 7];
    if (type === 0) yield [field, varint()];
    else if (type === 1) yield [field, message.readDoubleLE((at += 8) - 8)];
    else if (type === 5) yield [field, message.readFloatLE((at += 4) - 4)];
    else {
      const length = varint();
      yield [field, message.subarray(at, (at += length))];
    }
  }
}

function eventOf(record: Buffer): Event {
  const fields = new Map(fieldsOf(record));
  const scalars: Record<string, number> = {};
  for (const [, value] of fieldsOf((fields.get(5) as Buffer | undefined) ?? Buffer.alloc(0))) {
    const own = new Map(fieldsOf(value as Buffer));
    scalars[String(own.get(1))] = Number(own.get(2));
  }
  const version = fields.get(3);
  return {
    wallTime: Number(fields.get(1)),
    step: Number(fields.get(2) ?? 0),
    ...(version !== undefined && { version: String(version) }),
    sessionStarts: new Map(fieldsOf((fields.get(7) as Buffer | undefined) ?? Buffer.alloc(0))).get(1) === 1,
    scalars,
  };
}

function eventsOf(folder: string): Event[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => recordsOf(readFileSync(join(folder, name))))
    .map(eventOf);
}

describe('the files for TensorBoard', () => {
  it('hold every value of every record under its name, in records whose lengths and checksums fit', () => {
    const run = newRun();
    const { writer } = openRun(run);
    for (const step of [1, 300, 70_000]) writer.metrics(metricsOf(step));
    writer.metrics({ ...metricsOf(70_000), split: 'validation', values: { accuracy: 0.5, 'loss/kd': NaN } });
    writer.metrics(metricsOf(70_001));
    writer.close();
    const train = eventsOf(join(run.path, 'events', 'student-1', 'train'));
    expect(train[0]).toMatchObject({ version: 'brain.Event:2' });
    expect(train[1]).toMatchObject({ sessionStarts: true, step: 1 });
    expect(train.slice(2).map(({ step, scalars }) => [step, scalars])).toEqual(
      [1, 300, 70_000, 70_001].map((step) => [step, { loss: Math.fround(1 / (step + 1)) }]),
    );
    expect(train.at(-1)?.wallTime).toBeCloseTo(run.metrics().at(-1)?.time ?? 0, 6);
    const validation = eventsOf(join(run.path, 'events', 'student-1', 'validation'));
    expect(validation.at(-1)).toMatchObject({ step: 70_000, scalars: { accuracy: 0.5, 'loss/kd': NaN } });
  });

  it('hold all that a checkpoint counts on', () => {
    const run = newRun();
    const { writer } = openRun(run);
    for (let step = 0; step < 3; step += 1) writer.metrics(metricsOf(step));
    writer.checkpoint(checkpointAt(3));
    const train = eventsOf(join(run.path, 'events', 'student-1', 'train'));
    expect(train.slice(2).map(({ step }) => step)).toEqual([0, 1, 2]);
  });

  it('tell from which step on a resumed run says everything anew', () => {
    const run = newRun();
    const first = openRun(run).writer;
    for (let step = 0; step < 3; step += 1) first.metrics(metricsOf(step));
    first.checkpoint(checkpointAt(3));
    for (let step = 3; step < 6; step += 1) first.metrics(metricsOf(step));
    const second = openRun(run).writer;
    for (let step = 3; step < 5; step += 1) second.metrics(metricsOf(step));
    second.close();
    const events = eventsOf(join(run.path, 'events', 'student-1', 'train'));
    const starts = events.flatMap(({ sessionStarts, step }, at) => (sessionStarts ? [[at, step]] : []));
    expect(starts.map(([, step]) => step)).toEqual([0, 3]);
    // As TensorBoard does: a session that starts makes everything from its step on void.
    const kept: number[] = [];
    for (const { sessionStarts, step, scalars } of events) {
      if (sessionStarts) while ((kept.at(-1) ?? -1) >= step) kept.pop();
      else if ('loss' in scalars) kept.push(step);
    }
    expect(kept).toEqual([0, 1, 2, 3, 4]);
  });
});

it('CRC-32C of the standard test vector, masked', () => {
  // 0xe3069283 is the published CRC-32C of "123456789".
  const crc = 0xe3069283n;
  const masked = (((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn;
  expect(maskedCrc(Buffer.from('123456789'))).toBe(Number(masked));
});
