/** What the values of an IDX file are: third byte of its magic number. */
export const IDX_TYPES = {
  0x08: { name: 'unsigned byte', bytes: 1 },
  0x09: { name: 'signed byte', bytes: 1 },
  0x0b: { name: 'short', bytes: 2 },
  0x0c: { name: 'int', bytes: 4 },
  0x0d: { name: 'float', bytes: 4 },
  0x0e: { name: 'double', bytes: 8 },
} as const;
export type IdxType = keyof typeof IDX_TYPES;

export interface IdxHeader {
  readonly type: IdxType;
  readonly dimensions: readonly number[];
  /** Length of the header. */
  readonly headerBytes: number;
  /** Length of the whole file. May exceed what can be held; never allocate by it unchecked. */
  readonly totalBytes: number;
}

/** Longest header: magic number and 255 dimensions. */
export const LONGEST_HEADER = 4 + 4 * 255;

export type HeaderFault = 'magic' | 'short';

/**
 * Reads the header of an IDX file (LeCun's format of MNIST): two zero bytes, the type, the number of dimensions, and the
 * dimensions as big-endian 32-bit numbers.
 */
export function parseIdxHeader(bytes: Uint8Array): IdxHeader | HeaderFault {
  const [first, second, type, rank] = bytes;
  if (first === undefined || second === undefined || type === undefined || rank === undefined) return 'short';
  if (first !== 0 || second !== 0 || !isIdxType(type) || rank === 0) return 'magic';
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) return 'short';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const values = dimensions.reduce((product, size) => product * size, 1);
  return { type, dimensions, headerBytes, totalBytes: headerBytes + values * IDX_TYPES[type].bytes };
}

function isIdxType(type: number): type is IdxType {
  return Object.hasOwn(IDX_TYPES, type);
}
