import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { findRoot } from '../config/root.ts';
import { loadExperiment, type LoadedExperiment } from '../config/load.ts';
import type { Experiment } from '../config/experiment.ts';
import { UserError } from '../protocol/errors.ts';
import { countsText, diagnosticText } from './diagnostic-text.ts';
import type { Output } from './output.ts';

export interface CheckedFile extends LoadedExperiment {
  /** Absolute path. */
  readonly file: string;
  readonly root: string;
  /** What the file holds, to show the lines that diagnostics speak of; empty for a file that is too big to be a config. */
  readonly text: string;
}

export interface Changes {
  /** `path=value` */
  readonly overrides?: readonly string[];
  /** In place of `compare.seeds`. */
  readonly seeds?: readonly number[];
}

const LARGEST_SHOWN_BYTES = 5 * 1024 * 1024;

/** Reads and checks an experiment file with its changes. Throws KD7001 where there is no such file. */
export function checkFile(name: string, folder: string, changes: Changes = {}): CheckedFile {
  const file = resolve(folder, name);
  const size = sizeOfFile(file);
  if (size === null) {
    throw new UserError({
      code: 'KD7001',
      message: 'there is no such file',
      help: 'give the path of an experiment file; `kd new` writes a first one',
      file: name,
    });
  }
  const root = findRoot(file);
  const text = size > LARGEST_SHOWN_BYTES ? '' : readFileSync(file, 'utf8');
  return { file, root, text, ...loadExperiment({ file, root, ...changes }) };
}

/**
 * The same for a command that goes on with it alone where there is no error: complains of every diagnostic, and is null where
 * nothing can be `done`.
 */
export function usableFile(
  name: string,
  folder: string,
  { output, done, ...changes }: Changes & { readonly output: Output; readonly done: string },
): (CheckedFile & { readonly experiment: Experiment }) | null {
  const checked = checkFile(name, folder, changes);
  const { text, diagnostics, experiment } = checked;
  for (const diagnostic of diagnostics) output.complain(`${diagnosticText(name, text, diagnostic)}\n`);
  if (experiment !== null) return { ...checked, experiment };
  output.complain(`${countsText(diagnostics)}; nothing was ${done}`);
  return null;
}

function sizeOfFile(path: string): number | null {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats.size : null;
  } catch {
    return null;
  }
}
