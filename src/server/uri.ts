import { fileURLToPath } from 'node:url';

/** Absolute path behind a `file:` URI; null for documents that have none (untitled, virtual, malformed). */
export function pathOf(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}
