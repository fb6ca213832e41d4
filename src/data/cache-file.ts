import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the digest at the start of a file: SHA-256 of all that follows. */
const DIGEST_BYTES = 32;

/** What is kept under a name, or null where there is nothing or it is damaged. */
export function readCached(folder: string, name: string): Uint8Array | null {
  let bytes: Uint8Array;
  try {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, name));
    bytes = new Uint8Array(buffer, byteOffset, byteLength);
  } catch {
    return null;
  }
  const content = bytes.subarray(DIGEST_BYTES);
  return digestOf([content]).equals(bytes.subarray(0, DIGEST_BYTES)) ? content : null;
}

/** Keeps bytes. A cache only saves time: where it cannot be written, work goes on without it. */
export function writeCached(folder: string, name: string, parts: readonly Uint8Array[]): void {
  const path = join(folder, name);
  const aside = `${path}.${process.pid}.part`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(aside, digestOf(parts));
    for (const part of parts) writeFileSync(aside, part, { flag: 'a' });
    renameSync(aside, path);
  } catch {
    discard(aside);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where not even this works, there is nothing to remove.
  }
}

function digestOf(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
