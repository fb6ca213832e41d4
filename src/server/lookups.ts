import { createDisk } from '../config/disk.ts';
import { inspectData, type DataInspection } from '../data/inspect.ts';
import type { DataSettings } from '../data/settings.ts';
import { readDryRun } from '../runs/dry-runs.ts';
import { newestRun } from './newest-run.ts';

const disk = createDisk();

/**
 * All that the server asks of the file system, each by the path that it is about. Every one of them may take forever: they run
 * in threads of their own.
 */
export const LOOKUPS = {
  status: (path: string) => disk.status(path),
  text: (path: string, maximumBytes: number) => disk.readText(path, maximumBytes),
  list: (path: string, limit: number) => disk.list(path, limit),
  realPath: (path: string) => disk.realPath(path),
  freeBytes: (path: string) => disk.freeBytes(path),
  data: (_path: string, settings: DataSettings, root: string): DataInspection | null =>
    inspectData(settings, root),
  newestRun: (_runs: string, file: string, root: string) => newestRun(file, root),
  dryRun: (_report: string, file: string, root: string) => readDryRun(root, file),
};

export type Lookups = typeof LOOKUPS;
export type LookupKind = keyof Lookups;
export type LookupParameters<K extends LookupKind> = Parameters<Lookups[K]>;
export type LookupAnswer<K extends LookupKind> = ReturnType<Lookups[K]>;

export interface Question {
  readonly kind: LookupKind;
  readonly parameters: readonly [path: string, ...more: unknown[]];
}

/** What came of a question; `error` where the lookup has a defect. */
export type Reply = { readonly value: unknown } | { readonly error: string };

/** Answers one question, however long that takes. */
export function lookUp({ kind, parameters }: Question): Reply {
  const ask = LOOKUPS[kind] as (...parameters: readonly unknown[]) => unknown;
  try {
    return { value: ask(...parameters) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
