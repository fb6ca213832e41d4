import { dataPath, type FileAccess } from '../config/files.ts';
import type { Facts } from './facts.ts';

/** The file system as far as it is known, with the texts of open documents in place of those on the disk. */
export function knownFiles(facts: Facts, openText: (path: string) => string | undefined): FileAccess {
  return {
    status: (path) => facts.ask('status', [path], null),
    readText(path, maximumBytes) {
      const saved = facts.ask('text', [path, maximumBytes], null);
      // A file that is gone is gone for whoever extends it, also while the editor still shows it.
      return saved === null ? null : (openText(path) ?? saved);
    },
    list: (path, limit) => facts.ask('list', [path, limit], []),
    realPath: (path) => facts.ask('realPath', [path], path),
    freeBytes: (path) => facts.ask('freeBytes', [path], null),
    inspect: (settings, root) => facts.ask('data', [dataPath(settings), settings, root], null),
    silence: (path) => facts.silence(path),
  };
}
