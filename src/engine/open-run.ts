import type { Dataset } from '../data/dataset.ts';
import type { Experiment } from '../config/experiment.ts';
import { UserError } from '../protocol/errors.ts';
import type { RunRecord } from '../protocol/records.ts';
import { RunDirectory } from '../runs/directory.ts';
import { FinishedRun } from '../training/finished-run.ts';
import { earlierModel } from './earlier-model.ts';
import { openDataset, servingExecutor } from './open-experiment.ts';
import { hashOfExperiment, runExperiment } from './run-experiment.ts';

/** A run with its data, its models and an executor, for commands that look at what it has trained. */
export interface OpenedRun {
  readonly directory: RunDirectory;
  readonly record: RunRecord;
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly models: FinishedRun;
}

/**
 * Opens a run that has finished, or works at this moment.
 * @param path of its directory
 * @throws UserError KD5001, KD5003 for the run; KD5024 where its experiment or data are no longer what they were; KD6xxx no executor
 */
export async function openRun(path: string): Promise<OpenedRun> {
  const directory = new RunDirectory(path);
  const record = directory.record();
  const experiment = runExperiment(record, path, directory.config());
  const dataset = await openDataset(experiment, record.root);
  requireSame(record.dataHash, dataset.hash, 'the data have', 'restore the data files', path);
  requireSame(
    record.experimentHash,
    hashOfExperiment(experiment),
    'the experiment (a base file, or a model it refers to) has',
    'restore it',
    path,
  );
  const executor = await servingExecutor(experiment);
  const models = new FinishedRun({
    ...{ experiment, dataset, executor, run: directory },
    earlierModel: (reference, model) => earlierModel(record.root, reference, model),
  });
  return { directory, record, experiment, dataset, models };
}

function requireSame(
  before: string | undefined,
  now: string,
  what: string,
  help: string,
  file: string,
): void {
  if (before === undefined || before === now) return;
  throw new UserError({
    code: 'KD5024',
    message: `${what} changed since this run was made; what is measured now would not be about it`,
    help: `${help}, or start a new run`,
    file,
  });
}
