import { join } from 'node:path';
import { loadExperiment } from '../config/load.ts';
import { loadDataset } from '../data/dataset.ts';
import { climb } from '../executors/ladder.ts';
import { UserError } from '../protocol/errors.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { DryRunReport } from '../protocol/records.ts';
import { writeDryRun } from '../runs/dry-runs.ts';
import { dryRun as dryRunOf } from '../training/dry-run/dry-run.ts';
import { CACHE_FOLDER } from './cache-folder.ts';
import { earlierModel } from './earlier-model.ts';
import { MachineLoad } from './idle.ts';

/**
 * Takes a few steps of every phase of an experiment, on the executor that a run would use, keeps the report beside the runs and
 * prints it as JSON.
 *
 * @param file the experiment file
 * @param root folder that nothing may escape
 */
export async function dryRun(file: string, root: string): Promise<number> {
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
  const found = await dryRunOf({
    experiment,
    dataset,
    executor,
    earlierModel: (reference, model) => earlierModel(root, reference, model),
  });
  const report: DryRunReport = { file, time: Date.now() / 1000, ...found };
  writeDryRun(root, report);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}
