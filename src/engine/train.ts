import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { loadExperiment } from '../config/load.ts';
import type { Experiment } from '../config/experiment.ts';
import { UserError } from '../protocol/errors.ts';
import { FILES } from '../runs/layout.ts';
import type { RecordFile } from '../runs/record-file.ts';
import { trainExperiment } from '../training/train-experiment.ts';
import { chooseExecutor } from './choose-executor.ts';
import { earlierModel } from './earlier-model.ts';
import type { WorkContext } from './life.ts';
import { offeringNextRung } from './next-rung.ts';
import { openDataset } from './open-experiment.ts';

/** The work of an engine: reads the run's config and data, chooses an executor, trains every phase under every seed. */
export async function train(context: WorkContext): Promise<'completed' | 'stopped'> {
  const { file, writer, resume, control, run } = context;
  const { root } = file.record;
  const experiment = readExperiment(file, run.config());
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

/** The experiment as it was when the run was made: `config.yaml` holds it in full, its paths are those of the file it came from. */
function readExperiment(file: RecordFile, text: string): Experiment {
  const { config, root, resumedWith = [] } = file.record;
  const { experiment, diagnostics } = loadExperiment({ file: config, root, text, overrides: resumedWith });
  if (experiment === null) {
    const first = diagnostics.find(({ severity }) => severity === 'error');
    throw new UserError({
      code: first?.code ?? 'KD1001',
      message: first?.message ?? 'the config cannot be read',
      help: first?.help ?? 'check it with `kd check`',
      file: join(file.directory, FILES.config),
    });
  }
  // Where it runs is no part of what it computes.
  const computed = JSON.stringify({ ...experiment, engine: undefined });
  const hash = createHash('sha256').update(computed).digest('hex');
  keepSame(
    file,
    'experimentHash',
    hash,
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
