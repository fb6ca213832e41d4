import { dirname, isAbsolute, resolve } from 'node:path';
import { closestNames } from '../../schema/suggest.ts';
import type { FileAccess } from '../files.ts';
import { replaceFix, type Report } from '../report.ts';
import { isWithin } from '../root.ts';
import type { ConfigNode, Place } from '../syntax/node.ts';
import { isUnanswered } from './unanswered.ts';

const MOST_NEIGHBOURS = 500;
/** What the longest paths of the common systems have. */
const LONGEST_PATH = 4096;

export interface PathSurroundings {
  readonly files: FileAccess;
  readonly root: string;
  /** The config; a path from `--set` is relative to it. */
  readonly file: string;
  readonly report: Report;
}

/**
 * The absolute path that a node names, relative to the file it stands in; null, with a diagnostic, where nothing is there,
 * it is of the other kind, or it leaves the root through `..` or a link.
 */
export function resolvePath(
  node: ConfigNode | undefined,
  kind: 'file' | 'folder',
  around: PathSurroundings,
): string | null {
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value.trim() === '') return null;
  const { files, root, report } = around;
  const written = node.value;
  if (written.length > LONGEST_PATH) {
    report.add('KD3001', node.place, {
      message: `a path of ${written.length} characters leads nowhere`,
      help: `Name a ${kind}.`,
    });
    return null;
  }
  const declaredIn = isAbsolute(node.place.source.file) ? node.place.source.file : around.file;
  const path = resolve(dirname(declaredIn), written);
  const [real, found] = [files.realPath(path), files.status(path)];
  if (isUnanswered(path, `"${shorten(written)}"`, node.place, around)) return null;
  if (!isWithin(files.realPath(root), real)) {
    report.add('KD3002', node.place, {
      message: `"${shorten(written)}" lies outside ${root}`,
      help: 'Copy or mount the data within the root.',
    });
    return null;
  }
  if (found === null) {
    reportMissing(written, path, node.place, around);
    return null;
  }
  if (found.kind === kind) return path;
  report.add('KD3015', node.place, {
    message: `"${shorten(written)}" is ${found.kind === 'file' ? 'a file, not a folder' : found.kind === 'folder' ? 'a folder, not a file' : 'neither a file nor a folder'}`,
    help: `Name a ${kind}.`,
  });
  return null;
}

function reportMissing(
  written: string,
  path: string,
  place: Place,
  { files, report }: PathSurroundings,
): void {
  const close = closePath(path, files);
  // Only the last part differs, so the rest of what was written stays.
  const better = close === null ? null : written.replace(/[^\\/]*[\\/]?$/, close);
  report.add('KD3001', place, {
    message: `"${shorten(written)}" does not exist${better === null ? '' : `; did you mean "${better}"?`}`,
    help: `Looked for ${shorten(path)}.`,
    fixes: better === null ? [] : [replaceFix(`Change to "${better}"`, place, better)],
  });
}

function closePath(path: string, files: FileAccess): string | null {
  const name = path.split(/[\\/]/).at(-1) ?? '';
  const neighbours = files.list(dirname(path), MOST_NEIGHBOURS).map((entry) => entry.replace(/\/$/, ''));
  return closestNames(name, neighbours, 1)[0] ?? null;
}

/** A hostile path may have a megabyte. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
