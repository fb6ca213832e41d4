import { closeSync, fstatSync, fsyncSync, openSync, readSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { writeFully } from './disk.ts';
import type { StoredTensor } from './writer.ts';

/**
 * The safetensors format: eight bytes of header length (little endian), a JSON header
 * `{ name: { dtype, shape, data_offsets } }`, then the bytes of all tensors one after another.
 */
const LENGTH_BYTES = 8;
const LARGEST_HEADER_BYTES = 100 * 1024 * 1024;
const ELEMENT_BYTES = 4;
const METADATA = '__metadata__';
const HASH_BYTES = 4 * 1024 * 1024;

type Tensors = Readonly<Record<string, StoredTensor>>;
interface Entry {
  readonly dtype: 'F32' | 'I32';
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Writes a new file, flushed to the disk. Returns its SHA-256 in hex. Names are in sorted order: equal tensors, equal bytes.
 * @param metadata texts that travel with the tensors
 */
export function writeSafetensors(
  path: string,
  tensors: Tensors,
  metadata?: Readonly<Record<string, string>>,
): string {
  const names = Object.keys(tensors).sort();
  const header: Record<string, Entry | typeof metadata> =
    metadata === undefined ? {} : { [METADATA]: metadata };
  let offset = 0;
  for (const name of names) {
    const { shape, data } = tensorOf(tensors, name);
    if (data.length !== elementsOf(shape)) {
      throw new Error(`Tensor ${name} has ${data.length} values for shape [${shape.join(', ')}].`);
    }
    const end = offset + data.byteLength;
    header[name] = { dtype: data instanceof Int32Array ? 'I32' : 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'wx');
  try {
    const put = (bytes: Uint8Array) => {
      hash.update(bytes);
      writeFully(descriptor, bytes);
    };
    put(encodeHeader(header));
    for (const name of names) {
      const { data } = tensorOf(tensors, name);
      put(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

function tensorOf(tensors: Tensors, name: string): StoredTensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`No tensor ${name}.`);
  return tensor;
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Padded with blanks so that the tensors start at a multiple of eight bytes. */
function encodeHeader(header: Readonly<Record<string, unknown>>): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  const bytes = Buffer.alloc(LENGTH_BYTES + padded, ' ');
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  text.copy(bytes, LENGTH_BYTES);
  return bytes;
}

/** SHA-256 of a file in hex, read in bounded pieces. */
export function hashFile(path: string): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(HASH_BYTES);
  const descriptor = openSync(path, 'r');
  try {
    for (;;) {
      const count = readSync(descriptor, block, 0, block.length, null);
      if (count === 0) return hash.digest('hex');
      hash.update(block.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** A file that is not what its header says. */
export class DamagedTensors extends Error {}

/** Reads all tensors. Every size is checked against shape and file before anything is allocated. Throws `DamagedTensors`. */
export function readSafetensors(path: string): Record<string, StoredTensor> {
  const descriptor = openSync(path, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const { header, start } = readHeader(descriptor, size);
    const tensors: Record<string, StoredTensor> = {};
    const names = Object.keys(header).filter((name) => name !== METADATA);
    let expected = 0;
    const entries = names
      .map((name) => ({ name, entry: checkEntry(name, header[name], size - start) }))
      .sort((a, b) => a.entry.data_offsets[0] - b.entry.data_offsets[0]);
    for (const { name, entry } of entries) {
      if (entry.data_offsets[0] !== expected)
        throw new DamagedTensors(`tensor ${name} leaves a hole or overlaps`);
      expected = entry.data_offsets[1];
    }
    if (start + expected !== size)
      throw new DamagedTensors(`the file has ${size} bytes, its header speaks of ${start + expected}`);
    for (const { name, entry } of entries) {
      tensors[name] = { shape: entry.shape, data: readValues(descriptor, entry, start) };
    }
    return tensors;
  } finally {
    closeSync(descriptor);
  }
}

function readHeader(descriptor: number, size: number): { header: Record<string, unknown>; start: number } {
  const prefix = Buffer.alloc(LENGTH_BYTES);
  if (readSync(descriptor, prefix, 0, LENGTH_BYTES, 0) < LENGTH_BYTES)
    throw new DamagedTensors('the file is cut short');
  const length = Number(prefix.readBigUInt64LE(0));
  if (length > LARGEST_HEADER_BYTES || LENGTH_BYTES + length > size) {
    throw new DamagedTensors(`the header claims ${length} bytes`);
  }
  const text = Buffer.alloc(length);
  readSync(descriptor, text, 0, length, LENGTH_BYTES);
  let header: unknown;
  try {
    header = JSON.parse(text.toString('utf8'));
  } catch {
    throw new DamagedTensors('the header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new DamagedTensors('the header is not an object');
  }
  return { header: header as Record<string, unknown>, start: LENGTH_BYTES + length };
}

function checkEntry(name: string, value: unknown, available: number): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Entry>;
  if (dtype !== 'F32' && dtype !== 'I32')
    throw new DamagedTensors(`tensor ${name} has type ${String(dtype)}`);
  const [begin, end] = isSizes(offsets) ? offsets : [];
  if (!isSizes(shape) || begin === undefined || end === undefined) {
    throw new DamagedTensors(`tensor ${name} has no proper shape or offsets`);
  }
  if (end > available || end - begin !== elementsOf(shape) * ELEMENT_BYTES) {
    throw new DamagedTensors(`tensor ${name} of shape [${shape.join(', ')}] claims bytes ${begin} to ${end}`);
  }
  return { dtype, shape, data_offsets: [begin, end] };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function readValues(descriptor: number, entry: Entry, start: number): Float32Array | Int32Array {
  const [begin, end] = entry.data_offsets;
  const bytes = new Uint8Array(end - begin);
  for (let done = 0; done < bytes.length;) {
    const count = readSync(descriptor, bytes, done, bytes.length - done, start + begin + done);
    if (count === 0) throw new DamagedTensors('the file is cut short');
    done += count;
  }
  return entry.dtype === 'F32' ? new Float32Array(bytes.buffer) : new Int32Array(bytes.buffer);
}
