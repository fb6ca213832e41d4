import { closeSync, existsSync, fsyncSync, openSync, readSync } from 'node:fs';
import { UserError } from '../protocol/errors.ts';
import { writeFully, writing, type LineFile } from './disk.ts';

const BLOCK_BYTES = 1024 * 1024;

/**
 * Cuts a file of records back to its first `count` lines. What is cut off is kept beside it as `<name>.lost-N.jsonl`.
 * Returns how many bytes were cut off. Throws KD5012 where the file holds fewer lines.
 */
export function cutToLines(file: LineFile, count: number): number {
  const offset = offsetAfterLines(file.path, count, file.length);
  if (offset === null) {
    throw new UserError({
      code: 'KD5012',
      message: `fewer than the ${count} records that the checkpoint knows are left in this file`,
      help: 'restore the file from a copy, or start the experiment again with `kd run`',
      file: file.path,
    });
  }
  const lost = file.length - offset;
  if (lost === 0) return 0;
  copyTail(file.path, offset, file.length);
  file.cut(offset);
  file.sync();
  return lost;
}

function offsetAfterLines(path: string, count: number, length: number): number | null {
  if (count === 0) return 0;
  const block = Buffer.alloc(BLOCK_BYTES);
  const descriptor = openSync(path, 'r');
  try {
    let left = count;
    for (let start = 0; start < length;) {
      const size = readSync(descriptor, block, 0, Math.min(block.length, length - start), start);
      if (size === 0) return null;
      for (let at = block.indexOf(0x0a); at !== -1 && at < size; at = block.indexOf(0x0a, at + 1)) {
        left -= 1;
        if (left === 0) return start + at + 1;
      }
      start += size;
    }
    return null;
  } finally {
    closeSync(descriptor);
  }
}

function copyTail(path: string, from: number, to: number): void {
  const lost = freeName(path);
  const source = openSync(path, 'r');
  writing(lost, () => {
    const target = openSync(lost, 'wx');
    try {
      const block = Buffer.alloc(BLOCK_BYTES);
      for (let at = from; at < to;) {
        const size = readSync(source, block, 0, Math.min(block.length, to - at), at);
        if (size === 0) break;
        writeFully(target, block.subarray(0, size));
        at += size;
      }
      fsyncSync(target);
    } finally {
      closeSync(target);
      closeSync(source);
    }
  });
}

function freeName(path: string): string {
  const stem = path.replace(/\.jsonl$/, '');
  for (let number = 1; ; number += 1) {
    const name = `${stem}.lost-${number}.jsonl`;
    if (!existsSync(name)) return name;
  }
}
