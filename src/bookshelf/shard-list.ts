import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXACT, type Fidelity } from '../book/fidelity.ts';
import { systemCode } from '../runs/disk.ts';
import { BOOK_FILES } from './layout.ts';

/** A shard that was written as a whole. */
export interface WrittenShard {
  readonly file: string;
  readonly sha256: string;
  readonly fidelity: Fidelity;
}

/** The shards that a book says it holds, by file; a later line of the same file counts. Lines that are torn say nothing. */
export function readShardList(folder: string): Map<string, WrittenShard> {
  const shards = new Map<string, WrittenShard>();
  for (const line of linesOf(join(folder, BOOK_FILES.shards))) {
    const shard = parse(line);
    if (shard !== null) shards.set(shard.file, shard);
  }
  return shards;
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function parse(line: string): WrittenShard | null {
  try {
    const { file, sha256, fidelity } = JSON.parse(line) as Partial<WrittenShard>;
    if (typeof file !== 'string' || typeof sha256 !== 'string') return null;
    return { file, sha256, fidelity: fidelity ?? EXACT };
  } catch {
    return null;
  }
}
