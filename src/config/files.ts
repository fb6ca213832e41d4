/** What is known of a path without reading it; null where nothing is there. */
export interface FileStatus {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
  /** Milliseconds since 1970; with `size` it tells whether a file changed. */
  readonly modified: number;
}

/**
 * The file system as the checks see it, so that they can be given unsaved texts and be tested without a disk.
 * Nothing here throws: what is absent or forbidden is null.
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
}
