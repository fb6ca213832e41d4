import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../config/diagnostic.ts';
import type { Experiment } from '../config/experiment.ts';
import { loadExperiment } from '../config/load.ts';
import { findRoot } from '../config/root.ts';
import { UserError } from '../protocol/errors.ts';

export interface CheckedFile {
  /** Absolute path. */
  readonly file: string;
  readonly root: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Null where there are errors. */
  readonly experiment: Experiment | null;
}

/** Reads and checks an experiment file with its changes. Throws KD7001 where there is no such file. */
export function checkFile(name: string, folder: string, overrides: readonly string[] = []): CheckedFile {
  const file = resolve(folder, name);
  if (!isFile(file)) {
    throw new UserError({
      code: 'KD7001',
      message: 'there is no such file',
      help: 'give the path of an experiment file; `kd new` writes a first one',
      file: name,
    });
  }
  const root = findRoot(file);
  return { file, root, ...loadExperiment({ file, root, overrides }) };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
