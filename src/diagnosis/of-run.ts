import { UserError } from '../protocol/errors.ts';
import type { RunDirectory } from '../runs/directory.ts';
import { Epochs, type Evidence } from './evidence.ts';
import { settingsOf } from './settings.ts';

/**
 * What the rules look at, from a run directory: also of a run that is being trained. Long files are read in pieces.
 *
 * @throws UserError KD5001 where it is gone, KD5003 where its record or experiment cannot be read
 */
export function evidenceOf(run: RunDirectory): Evidence {
  const record = run.record();
  const epochs = new Epochs();
  for (const block of run.metricsInBlocks()) for (const one of block) epochs.add(plainValues(one));
  const gap = new Map(run.gap().map((one) => [`${one.phase} ${one.seed}`, one]));
  return {
    status: run.status(record),
    failure: record.failure?.code ?? null,
    learnings: epochs.learnings(),
    results: record.results ?? null,
    gap: [...gap.values()],
    similarity: run.similarity(),
    settings: readSettings(run),
  };
}

function plainValues<T extends { readonly values: Readonly<Record<string, number | string>> }>(record: T) {
  const values = Object.entries(record.values).map(([name, value]) => [name, Number(value)] as const);
  return { ...record, values: Object.fromEntries(values) };
}

function readSettings(run: RunDirectory) {
  try {
    return settingsOf(run.config());
  } catch (error) {
    throw new UserError({
      code: 'KD5003',
      message: `the experiment that the run "${run.id}" keeps cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      help: 'its numbers are still there: see `kd show`',
      file: run.path,
    });
  }
}
