import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { loadExperiment } from '../config/load.ts';
import type { Experiment } from '../config/experiment.ts';
import { loadDataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import { climb } from '../executors/ladder.ts';
import { UserError } from '../protocol/errors.ts';
import type { RefusedExecutor } from '../protocol/records.ts';
import { FILES } from '../runs/layout.ts';
import type { RecordFile } from '../runs/record-file.ts';
import type { RunWriter } from '../runs/writer.ts';
import { trainExperiment } from '../training/train-experiment.ts';
import { CACHE_FOLDER } from './cache-folder.ts';
import { earlierModel } from './earlier-model.ts';
import { describeEnvironment } from './environment.ts';
import { isMachineIdle } from './idle.ts';
import type { WorkContext } from './life.ts';

/** The work of an engine: reads the run's config and data, chooses an executor, trains every phase under every seed. */
export async function train(context: WorkContext): Promise<'completed' | 'stopped'> {
  const { file, writer, resume, control, run } = context;
  const { root } = file.record;
  const experiment = readExperiment(file, run.config());
  const { device, threads } = experiment.engine;
  const spinning = isMachineIdle();
  const { serving, refused } = await climb({
    device,
    spinning,
    ...(threads === null ? {} : { threads }),
  });
  const [executor] = serving;
  file.update({ environment: { ...describeEnvironment(), executor: executor.name, refused } });
  writer.log(`executor: ${executor.description}`);
  if (!spinning) {
    const message =
      'Other programs keep the processor busy, so threads wait without spinning; results are the same.';
    writer.event({ kind: 'note', message });
  }
  tellRefused(writer, executor, refused);
  const dataset = await loadDataset(experiment.data, {
    root,
    seed: experiment.train.seed,
    cacheFolder: join(root, CACHE_FOLDER),
  });
  keepSame(file, 'dataHash', dataset.hash, 'the data has', 'restore the data files');
  file.update({ data: { shape: dataset.shape, classes: dataset.classes.length } });
  const { status } = await trainExperiment({
    ...{ experiment, dataset, executor, writer, control, resume },
    earlierModel: (reference, model) => earlierModel(root, reference, model),
  });
  return status === 'completed' ? 'completed' : 'stopped';
}

/** What is absent is said in one line; what is there and failed is a warning of its own. */
function tellRefused(writer: RunWriter, executor: Executor, refused: readonly RefusedExecutor[]): void {
  const absent = refused.filter(({ failed }) => failed !== true);
  const reasons = absent.map(({ name, reason }) => `${name} (${reason})`).join(', ');
  const others = absent.length === 0 ? '' : ` Not used: ${reasons}.`;
  writer.event({ kind: 'note', message: `Trains on ${executor.name}: ${executor.description}.${others}` });
  for (const { name, reason } of refused.filter(({ failed }) => failed === true)) {
    writer.event({ kind: 'warning', message: `executor ${name} was refused: ${reason}` });
  }
}

/** The experiment as it was when the run was made: `config.yaml` holds it in full, its paths are those of the file it came from. */
function readExperiment(file: RecordFile, text: string): Experiment {
  const { config, root } = file.record;
  const { experiment, diagnostics } = loadExperiment({ file: config, root, text });
  if (experiment === null) {
    const first = diagnostics.find(({ severity }) => severity === 'error');
    throw new UserError({
      code: first?.code ?? 'KD1001',
      message: first?.message ?? 'the config cannot be read',
      help: first?.help ?? 'check it with `kd check`',
      file: join(file.directory, FILES.config),
    });
  }
  const hash = createHash('sha256').update(JSON.stringify(experiment)).digest('hex');
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
