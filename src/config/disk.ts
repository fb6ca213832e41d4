import { readdirSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inspectData } from '../data/inspect.ts';
import type { FileAccess, FileStatus } from './files.ts';

const MOST_CACHED_TEXTS = 64;

/** The disk. Texts are kept by size and time, so that checking at every keystroke reads a base file once. */
export function createDisk(): FileAccess {
  const texts = new Map<string, { readonly status: FileStatus; readonly text: string }>();
  return {
    status,
    readText(path, maximumBytes) {
      const now = status(path);
      if (now?.kind !== 'file' || now.size > maximumBytes) return null;
      const known = texts.get(path);
      if (known?.status.size === now.size && known.status.modified === now.modified) return known.text;
      const text = orNull(() => readFileSync(path, 'utf8'));
      if (text === null) return null;
      if (texts.size >= MOST_CACHED_TEXTS) texts.clear();
      texts.set(path, { status: now, text });
      return text;
    },
    list(path, limit) {
      const entries = orNull(() => readdirSync(path, { withFileTypes: true })) ?? [];
      return entries.slice(0, limit).map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    },
    realPath,
    freeBytes,
    inspect: inspectData,
    // Who waits for the disk has its answer.
    silence: () => null,
  };
}

function status(path: string): FileStatus | null {
  const found = orNull(() => statSync(path));
  if (found === null) return null;
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  return { kind, size: found.size, modified: found.mtimeMs };
}

function realPath(path: string): string {
  const found = orNull(() => realpathSync.native(path));
  if (found !== null) return found;
  const parent = dirname(path);
  return parent === path ? path : join(realPath(parent), basename(path));
}

function freeBytes(path: string): number | null {
  const found = orNull(() => statfsSync(path));
  if (found !== null) return found.bavail * found.bsize;
  const parent = dirname(path);
  return parent === path ? null : freeBytes(parent);
}

/** Null for whatever the file system refuses: a path that is not there, not allowed, or no path at all. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
