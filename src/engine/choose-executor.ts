import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import { climb } from '../executors/ladder.ts';
import type { RefusedExecutor } from '../protocol/records.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { FallBack } from '../training/load-program.ts';
import { timedTrial } from '../training/trial.ts';
import { describeEnvironment } from './environment.ts';
import { fallingBack } from './fall-back.ts';
import { MachineLoad, yieldToOthers } from './idle.ts';
import type { WorkContext } from './life.ts';
import { deviceAfter } from './next-rung.ts';

export interface ChosenExecutor {
  readonly executor: Executor;
  readonly fallBack: FallBack;
}

/** What the tests hold: bits on one executor, rounding between two. */
const REPRODUCIBLE =
  'The same config, data and versions on this executor and kind of processor give the same bits, on one thread or two. Another executor rounds otherwise: losses agree in the first steps and drift apart later, as with another seed.';

/**
 * Climbs the ladder and says in the record, the log and the events what came of it. A run that goes on stays on its executor
 * where that serves; otherwise a timed trial decides among several.
 */
export async function chooseExecutor(
  context: Pick<WorkContext, 'file' | 'writer' | 'resume'>,
  experiment: Experiment,
  dataset: Dataset,
): Promise<ChosenExecutor> {
  const { file, writer, resume } = context;
  const { device, threads, priority } = experiment.engine;
  const before = resume === null ? undefined : file.record.environment?.executor;
  if (priority === 'background') yieldToOthers();
  const { serving, refused } = await climb({
    device,
    ...(priority === 'auto' ? { isBusy: watching(writer) } : { spinning: priority === 'normal' }),
    ...(threads === null ? {} : { threads }),
  });
  const same = serving.find(({ name }) => name === before);
  const { order, failed } =
    same !== undefined
      ? { order: [same, ...serving.filter((one) => one !== same)], failed: [] }
      : await fastestFirst(context, experiment, dataset, serving);
  const executor = order[0] ?? serving[0];
  const all = [...refused, ...failed];
  const next = deviceAfter(order);
  file.update({
    environment: {
      ...describeEnvironment(),
      reproducible: REPRODUCIBLE,
      ...{ executor: executor.name, refused: all },
      ...(next === undefined ? {} : { next }),
    },
  });
  tell(context, executor, all);
  if (before !== undefined && before !== executor.name) tellMove(context, before, executor.name);
  return { executor, fallBack: fallingBack(context, order, device !== 'auto') };
}

/** The machine's load, each change of it told once. */
function watching(writer: RunWriter): () => boolean {
  const load = new MachineLoad();
  let told = false;
  return () => {
    const busy = load.isBusy();
    if (busy !== told) {
      told = busy;
      const message = busy
        ? 'Other programs keep the processor busy, so threads wait without spinning; results are the same.'
        : 'The machine is idle again, so threads spin; results are the same.';
      writer.event({ kind: 'note', message });
    }
    return busy;
  };
}

async function fastestFirst(
  { writer }: Pick<WorkContext, 'writer'>,
  experiment: Experiment,
  dataset: Dataset,
  serving: readonly Executor[],
): Promise<{ readonly order: readonly Executor[]; readonly failed: readonly RefusedExecutor[] }> {
  if (serving.length === 1) return { order: serving, failed: [] };
  const trials = await timedTrial(experiment, dataset, serving);
  const times = trials.map(({ executor, milliseconds, reason }) =>
    milliseconds === null
      ? `${executor.name} failed (${reason ?? ''})`
      : `${executor.name} ${milliseconds.toFixed(1)} ms`,
  );
  writer.event({ kind: 'note', message: `Trial of the training step: ${times.join(', ')}.` });
  const failed = trials.flatMap(({ executor: { name }, reason }) =>
    reason === undefined ? [] : [{ name, reason, failed: true }],
  );
  return {
    order: trials.flatMap(({ executor, milliseconds }) => (milliseconds === null ? [] : [executor])),
    failed,
  };
}

/** What is absent is said in one line; what is there and failed is a warning of its own. */
function tell(
  { writer }: Pick<WorkContext, 'writer'>,
  executor: Executor,
  refused: readonly RefusedExecutor[],
): void {
  const absent = refused.filter(({ failed }) => failed !== true);
  const reasons = absent.map(({ name, reason }) => `${name} (${reason})`).join(', ');
  const others = absent.length === 0 ? '' : ` Not used: ${reasons}.`;
  writer.event({ kind: 'note', message: `Trains on ${executor.name}: ${executor.description}.${others}` });
  for (const { name, reason } of refused.filter(({ failed }) => failed === true)) {
    writer.event({ kind: 'warning', message: `executor ${name} was refused: ${reason}` });
  }
}

/** Another executor sums in another order. */
function tellMove(
  { file, writer, resume }: Pick<WorkContext, 'file' | 'writer' | 'resume'>,
  from: string,
  to: string,
): void {
  if (resume === null) return;
  const { phase, seed, step } = resume.meta;
  const message = `Goes on with ${to} what ${from} began: from here on the numbers are close to those of an uninterrupted run, not bit for bit the same.`;
  writer.event({ kind: 'warning', message, phase, seed, step });
  file.update({ moves: [...(file.record.moves ?? []), { from, to, phase, seed, step }] });
}
