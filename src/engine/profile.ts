import { join } from 'node:path';
import { loadExperiment } from '../config/load.ts';
import { loadDataset } from '../data/dataset.ts';
import { climb } from '../executors/ladder.ts';
import { UserError } from '../protocol/errors.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { ProfiledPhase, ProfileReport } from '../protocol/records.ts';
import { profilePhase } from '../training/profile/profile-phase.ts';
import { CACHE_FOLDER } from './cache-folder.ts';
import { MachineLoad } from './idle.ts';

const RUNS = 20;

/**
 * Measures the training step of every phase of an experiment, on the executor that a run would use, and prints the report as JSON.
 *
 * @param file the experiment file
 * @param root folder that nothing may escape
 */
export async function profile(file: string, root: string): Promise<number> {
  const { experiment, diagnostics } = loadExperiment({ file, root });
  if (experiment === null) {
    const fault = diagnostics.find(({ severity }) => severity === 'error');
    throw new UserError({
      code: fault?.code ?? 'KD1001',
      message: fault?.message ?? 'the experiment cannot be read',
      help: 'check it with `kd check`',
      file,
    });
  }
  const { device, threads } = experiment.engine;
  const { serving } = await climb({
    device,
    spinning: !new MachineLoad().isBusy(),
    ...(threads === null ? {} : { threads }),
  });
  const [executor] = serving;
  const dataset = await loadDataset(experiment.data, {
    root,
    seed: experiment.train.seed,
    cacheFolder: join(root, CACHE_FOLDER),
  });
  const phases: ProfiledPhase[] = [];
  // Phases in which no learner moves have no step of one.
  for (const phase of experiment.phases.filter(({ loss, epochs }) => loss !== 'ahead' && epochs > 0)) {
    phases.push(await profilePhase(phase, { experiment, dataset, executor, runs: RUNS }));
  }
  const { name, description } = executor;
  const report: ProfileReport = { executor: { name, description }, phases };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}
