import { join } from 'node:path';
import type { Experiment } from '../config/experiment.ts';
import { loadExperiment } from '../config/load.ts';
import { loadDataset, type Dataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import { climb } from '../executors/ladder.ts';
import { UserError } from '../protocol/errors.ts';
import { CACHE_FOLDER } from './cache-folder.ts';
import { MachineLoad } from './idle.ts';

/** An experiment as a command that is no run reads it. */
export interface OpenExperiment {
  readonly experiment: Experiment;
  /** The config with every default, as text. */
  readonly effective: string;
}

/**
 * @param file the experiment file
 * @param root folder that nothing may escape
 * @param overrides `path=value`
 * @throws UserError the first error that `kd check` would show
 */
export function readExperiment(
  file: string,
  root: string,
  overrides: readonly string[] = [],
): OpenExperiment {
  const { experiment, effective, diagnostics } = loadExperiment({ file, root, overrides });
  if (experiment !== null) return { experiment, effective };
  const fault = diagnostics.find(({ severity }) => severity === 'error');
  throw new UserError({
    code: fault?.code ?? 'KD1001',
    message: fault?.message ?? 'the experiment cannot be read',
    help: 'check it with `kd check`',
    file,
  });
}

/** The data of an experiment, through the cache that its runs share. */
export function openDataset({ data, train }: Experiment, root: string): Promise<Dataset> {
  return loadDataset(data, { root, seed: train.seed, cacheFolder: join(root, CACHE_FOLDER) });
}

/** The executor that a run of the experiment would use. Threads spin where the machine has nothing else to do. */
export async function servingExecutor({ engine }: Experiment): Promise<Executor> {
  const { device, threads } = engine;
  const { serving } = await climb({
    device,
    spinning: !new MachineLoad().isBusy(),
    ...(threads === null ? {} : { threads }),
  });
  return serving[0];
}
