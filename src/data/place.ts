import { realpathSync, statSync, type Stats } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { dataError } from './problems.ts';

/** A file or folder that a config names. */
export interface Place {
  readonly path: string;
  /** Config key that names it: `data.train.inputs`. */
  readonly key: string;
  /** Folder that neither the path nor a link may leave. */
  readonly root: string;
}

/** A place that exists: its real path, links followed, and what the file system says of it. */
export interface FoundPlace extends Place {
  readonly real: string;
  readonly stats: Stats;
}

/** The path as people know it: relative to the root. */
export function placeName(place: Place): string {
  const name = relative(place.root, place.path);
  return name === '' ? place.path : name;
}

/** An existing regular file inside the root. Throws `UserError` KD3001, KD3002, KD3015 or KD3016. */
export function findFile(place: Place): FoundPlace {
  const found = find(place, 'file');
  if (found.stats.isFile()) return found;
  const kind = found.stats.isDirectory() ? 'a folder' : 'not a regular file';
  throw dataError('notAFile', place.key, `${placeName(place)} is ${kind}`, 'Name the file itself.');
}

/** An existing folder inside the root. Throws `UserError` KD3001, KD3002, KD3015 or KD3016. */
export function findFolder(place: Place): FoundPlace {
  const found = find(place, 'folder');
  if (found.stats.isDirectory()) return found;
  throw dataError(
    'notAFile',
    place.key,
    `${placeName(place)} is not a folder`,
    'Name the folder that holds the class folders.',
  );
}

/** What went wrong with the file system, as an error for people. */
export function fileSystemError(place: Place, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return dataError(
    'unreadable',
    place.key,
    `${placeName(place)} cannot be read: ${reason}`,
    'Check its permissions and the disk.',
    error,
  );
}

function find(place: Place, kind: 'file' | 'folder'): FoundPlace {
  const path = resolve(place.root, place.path);
  if (!isInside(place.root, path)) throw escape(place, 'lies outside');
  try {
    const real = realpathSync.native(path);
    if (!isInside(realpathSync.native(place.root), real)) throw escape(place, `leads to ${real}, outside`);
    return { ...place, real, stats: statSync(real) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileSystemError(place, error);
    const help = 'Check the path, which counts from the folder of the config; or put the data there.';
    throw dataError('missing', place.key, `the ${kind} ${placeName(place)} does not exist`, help);
  }
}

function escape(place: Place, how: string): Error {
  return dataError(
    'escapes',
    place.key,
    `${placeName(place)} ${how} the experiment's folder ${place.root}`,
    'Move or copy the data into that folder.',
  );
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
