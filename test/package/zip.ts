import { inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly compressedBytes: number;
  readonly bytes: number;
  content(): Buffer;
}

const END_OF_DIRECTORY = 0x06054b50;
const DEFLATED = 8;

/** The entries of a ZIP file, read from its central directory (APPNOTE.TXT 4.3.12). No encryption, no ZIP64. */
export function readZip(file: Buffer): ZipEntry[] {
  let end = file.length - 22;
  while (file.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  const entries: ZipEntry[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      file.readUInt16LE(at + offset),
    );
    const method = file.readUInt16LE(at + 10);
    const compressedBytes = file.readUInt32LE(at + 20);
    const local = file.readUInt32LE(at + 42);
    entries.push({
      name: file.toString('utf8', at + 46, at + 46 + (nameLength ?? 0)),
      compressedBytes,
      bytes: file.readUInt32LE(at + 24),
      content() {
        const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
        const stored = file.subarray(start, start + compressedBytes);
        return method === DEFLATED ? inflateRawSync(stored) : stored;
      },
    });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
}
