import type { DataInspection } from '../data/inspect.ts';
import type { DataSettings } from '../data/settings.ts';

/** What is known of a path without reading it; null where nothing is there. */
export interface FileStatus {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
  /** Milliseconds since 1970; with `size` it tells whether a file changed. */
  readonly modified: number;
}

/** After this long a file system that has not answered counts as one that does not answer. */
export const SILENT_AFTER_SECONDS = 2;

/**
 * The file system as the checks see it, so that they can be given unsaved texts and be tested without a disk.
 * Nothing here throws: what is absent or forbidden is null. An access that does not wait for the disk answers like one to
 * which nothing is there until the disk has said more; `silence` tells the two apart.
 */
export interface FileAccess {
  status(path: string): FileStatus | null;
  /** The text of a file of at most `maximumBytes`. */
  readText(path: string, maximumBytes: number): string | null;
  /** Names in a folder, folders with a trailing `/`, at most `limit`. */
  list(path: string, limit: number): readonly string[];
  /** The path with every symbolic link resolved, also of a path whose last parts do not exist. */
  realPath(path: string): string;
  /** Bytes that may still be written where the path lies, or would lie; null where the system does not say. */
  freeBytes(path: string): number | null;
  /** What headers and folders say of the data. @param root folder that no path may leave */
  inspect(settings: DataSettings, root: string): DataInspection | null;
  /**
   * What keeps an answer about this very path away: `soon` while it is waited for, `silent` once that has taken too long,
   * `nowhere` for a text that lies in no folder; null where all that was asked is answered. Data are asked about by the path
   * that `dataPath` names.
   */
  silence(path: string): 'soon' | 'silent' | 'nowhere' | null;
}

/** The path under which an inspection of data is waited for. */
export function dataPath({ format, train }: Pick<DataSettings, 'format' | 'train'>): string {
  return format === 'idx' && 'inputs' in train ? train.inputs : 'folder' in train ? train.folder : '';
}

/** For a text that lies in no folder, so that its paths lead nowhere. */
export const NO_FILES: FileAccess = {
  status: () => null,
  readText: () => null,
  list: () => [],
  realPath: (path) => path,
  freeBytes: () => null,
  inspect: () => null,
  silence: () => 'nowhere',
};
