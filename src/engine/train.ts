import type { Experiment } from '../config/experiment.ts';
import { UserError } from '../protocol/errors.ts';
import type { RecordFile } from '../runs/record-file.ts';
import { trainExperiment } from '../training/train-experiment.ts';
import { chooseExecutor } from './choose-executor.ts';
import { earlierModel } from './earlier-model.ts';
import type { WorkContext } from './life.ts';
import { offeringNextRung } from './next-rung.ts';
import { openDataset } from './open-experiment.ts';
import { hashOfExperiment, runExperiment } from './run-experiment.ts';

/** The work of an engine: reads the run's config and data, chooses an executor, trains every phase under every seed. */
export async function train(context: WorkContext): Promise<'completed' | 'stopped'> {
  const { file, writer, resume, control, run } = context;
  const { root } = file.record;
  const experiment = experimentOf(file, run.config());
  writer.limitCheckpoints(experiment.engine.checkpoints);
  const dataset = await openDataset(experiment, root);
  keepSame(file, 'dataHash', dataset.hash, 'the data has', 'restore the data files');
  const { shape, classes, report } = dataset;
  const splits = report === undefined ? {} : { splits: report };
  file.update({ data: { shape, classes: classes.length, ...splits } });
  const { executor, fallBack } = await chooseExecutor(context, experiment, dataset);
  try {
    const { status } = await trainExperiment({
      ...{ experiment, dataset, executor, fallBack, writer, control, resume },
      earlierModel: (reference, model) => earlierModel(root, reference, model),
    });
    return status;
  } catch (error) {
    throw offeringNextRung(error, file.record);
  }
}

/** The experiment of the run, the same as when it was started. */
function experimentOf(file: RecordFile, text: string): Experiment {
  const experiment = runExperiment(file.record, file.directory, text);
  keepSame(
    file,
    'experimentHash',
    hashOfExperiment(experiment),
    'the experiment (a base file, or a model it refers to) has',
    'restore it',
  );
  return experiment;
}

/** Records what a run stands on; a resumed run that would stand on something else is refused with KD5024. */
function keepSame(
  file: RecordFile,
  key: 'dataHash' | 'experimentHash',
  hash: string,
  what: string,
  help: string,
): void {
  const before = file.record[key];
  if (before === undefined) file.update({ [key]: hash });
  else if (before !== hash) {
    throw new UserError({
      code: 'KD5024',
      message: `${what} changed since this run was started; going on would mix two experiments`,
      help: `${help}, or start a new run`,
      file: file.directory,
    });
  }
}
