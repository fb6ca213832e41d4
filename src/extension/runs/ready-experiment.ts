import { loadExperiment } from '../../config/load.ts';
import { findRoot } from '../../config/root.ts';
import { UserError } from '../../protocol/errors.ts';
import type { NewRun } from '../../runs/index.ts';

/** A config without an error, and the run it will be. */
export interface ReadyExperiment {
  /** Folder in which `.kd` lies. */
  readonly root: string;
  readonly run: NewRun;
}

/**
 * Checks a config file as `kd check` does. Throws KD5111 with the first error where there is one: nothing is started
 * from a config that is not understood in full.
 */
export function readyExperiment(
  file: string,
  workspaceFolders: readonly string[],
  overrides: readonly string[] = [],
): ReadyExperiment {
  const root = findRoot(file, workspaceFolders);
  const { effective, diagnostics, experiment } = loadExperiment({ file, root, overrides });
  if (experiment === null) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const [first] = errors;
    const place = first === undefined ? '' : `line ${first.range.start.line + 1}: ${first.message}`;
    throw new UserError({
      code: 'KD5111',
      message: `nothing was started: the experiment has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}; ${place}`,
      help: 'the Problems view lists them, most with a fix',
      file,
    });
  }
  const { name, compare, engine } = experiment;
  const { seeds } = compare;
  const { device } = engine;
  return { root, run: { name, config: file, configText: effective, overrides, seeds, device } };
}
