import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { createDisk } from './disk.ts';
import type { FileAccess } from './files.ts';

/**
 * The folder that an experiment may not leave and where its `.kd` lies: the nearest folder above the config that has
 * `.kd`, else its workspace folder, else the nearest with `.git`, else the config's own.
 */
export function findRoot(
  file: string,
  workspaceFolders: readonly string[] = [],
  files: FileAccess = createDisk(),
): string {
  const above = foldersAbove(dirname(file));
  const holds = (name: string) => above.find((folder) => files.status(join(folder, name)) !== null);
  const workspace = workspaceFolders
    .filter((folder) => isWithin(folder, file))
    .sort((a, b) => b.length - a.length)
    .at(0);
  return holds('.kd') ?? workspace ?? holds('.git') ?? dirname(file);
}

/** Whether `path` is `folder` or lies below it. Links are the caller's to resolve. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function foldersAbove(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}
