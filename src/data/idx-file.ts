import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { IDX_TYPES, LONGEST_HEADER, parseIdxHeader, type IdxHeader } from './idx-header.ts';
import { fileSystemError, findFile, placeName, type FoundPlace, type Place } from './place.ts';
import { dataError } from './problems.ts';

/** Most bytes of one data file, unpacked: it is held in memory. */
export const LARGEST_FILE = 2 ** 31 - 1;
const GZIP_MAGIC = [0x1f, 0x8b];
/** Enough packed bytes for any header. */
const HEAD_BYTES = 4096;

export interface IdxFile {
  readonly header: IdxHeader;
  /** The values as they lie in the file: big-endian. */
  readonly bytes: Uint8Array;
}

/** The header of an IDX file, plain or gzip, and whether the rest has the length it tells. Reads a few kilobytes. */
export function readIdxHeader(place: Place): IdxHeader {
  const file = findFile(place);
  const head = readHead(file);
  if (!isGzip(head)) {
    const header = headerOf(file, head);
    checkLength(file, header, file.stats.size);
    return header;
  }
  const header = headerOf(file, unpackHead(file, head));
  // A gzip ends with its unpacked length. A file of several parts tells only the last one's: unpack it to know.
  if (packedLength(file) !== header.totalBytes) checkLength(file, header, unpack(file, header).length);
  return header;
}

/** A whole IDX file, plain or gzip. Its length is checked against the header before anything is unpacked. */
export function readIdxFile(place: Place): IdxFile {
  const file = findFile(place);
  const head = readHead(file);
  const header = headerOf(file, isGzip(head) ? unpackHead(file, head) : head);
  if (!isGzip(head)) checkLength(file, header, file.stats.size);
  const bytes = isGzip(head) ? unpack(file, header) : readWhole(file);
  checkLength(file, header, bytes.length);
  return { header, bytes: bytes.subarray(header.headerBytes) };
}

function headerOf(file: FoundPlace, head: Uint8Array): IdxHeader {
  const name = placeName(file);
  if (file.stats.size === 0) {
    throw dataError('empty', file.key, `${name} is empty`, 'Copy or download the file again.');
  }
  const header = parseIdxHeader(head.subarray(0, LONGEST_HEADER));
  if (header === 'magic') {
    const found = Array.from(head.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw dataError(
      'wrongMagic',
      file.key,
      `${name} is no IDX file: it starts with ${found} instead of 00 00, a type (08 to 0e) and a number of dimensions`,
      'Name an IDX file such as train-images-idx3-ubyte, or choose another data.format.',
    );
  }
  if (header === 'short') {
    const message = `${name} is cut short: it ends within its header`;
    throw dataError('truncated', file.key, message, 'Copy or download the file again.');
  }
  if (header.dimensions.includes(0)) {
    const message = `${name} holds nothing: its header says ${header.dimensions.join('x')}`;
    throw dataError('empty', file.key, message, 'Name a file with samples.');
  }
  if (header.totalBytes > LARGEST_FILE) {
    const message = `${name} would need ${gigabytes(header.totalBytes)} of memory: its header says ${header.dimensions.join('x')}`;
    throw dataError(
      'tooLarge',
      file.key,
      message,
      `Use data of at most ${gigabytes(LARGEST_FILE)}, or repair the header.`,
    );
  }
  return header;
}

function checkLength(file: FoundPlace, header: IdxHeader, length: number): void {
  const facts = `its header (${header.dimensions.join('x')} of ${IDX_TYPES[header.type].name}) says ${header.totalBytes} bytes, but it has ${length}`;
  if (length < header.totalBytes) {
    const message = `${placeName(file)} is cut short: ${facts}`;
    throw dataError('truncated', file.key, message, 'Copy or download the file again.');
  }
  if (length > header.totalBytes) {
    const message = `${placeName(file)} is longer than it should be: ${facts}`;
    throw dataError('tooLong', file.key, message, 'Repair the header, or copy the file again.');
  }
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === GZIP_MAGIC[0] && head[1] === GZIP_MAGIC[1];
}

function readHead(file: FoundPlace): Uint8Array {
  const head = readPart(file, 0, HEAD_BYTES);
  if (head.length > 0 && !isGzip(head) && file.path.toLowerCase().endsWith('.gz')) {
    throw dataError(
      'notGzip',
      file.key,
      `${placeName(file)} is called .gz, but is not a gzip file`,
      'Rename it, or download it again: a web page may have been saved in its place.',
    );
  }
  return head;
}

/** Unpacks what the first bytes of a gzip hold. */
function unpackHead(file: FoundPlace, head: Uint8Array): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw damaged(file, error);
  }
}

function unpack(file: FoundPlace, header: IdxHeader): Uint8Array {
  const packed = readWhole(file);
  try {
    return gunzipSync(packed, { maxOutputLength: header.totalBytes });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ERR_BUFFER_TOO_LARGE') checkLength(file, header, header.totalBytes + 1);
    if (code === 'Z_BUF_ERROR') {
      const message = `${placeName(file)} is cut short: its gzip data ends too early`;
      throw dataError('truncated', file.key, message, 'Copy or download the file again.', error);
    }
    throw damaged(file, error);
  }
}

function damaged(file: FoundPlace, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${placeName(file)} is a damaged gzip file: ${reason}`;
  return dataError('notGzip', file.key, message, 'Copy or download the file again.', error);
}

/** Unpacked length modulo 2^32, from the end of a gzip. */
function packedLength(file: FoundPlace): number {
  const tail = readPart(file, Math.max(0, file.stats.size - 4), 4);
  return tail.length < 4 ? -1 : new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true);
}

function readPart(file: FoundPlace, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  try {
    const handle = openSync(file.real, 'r');
    try {
      return bytes.subarray(0, readSync(handle, bytes, 0, length, position));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileSystemError(file, error);
  }
}

function readWhole(file: FoundPlace): Uint8Array {
  try {
    return readFileSync(file.real);
  } catch (error) {
    throw fileSystemError(file, error);
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
