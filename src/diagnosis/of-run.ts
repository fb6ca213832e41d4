import { UserError } from '../protocol/errors.ts';
import type { GapReport } from '../protocol/gap-report.ts';
import { gapReport } from '../protocol/gap-shapes.ts';
import { read } from '../protocol/shape.ts';
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
  return {
    status: run.status(record),
    failure: record.failure?.code ?? null,
    learnings: epochs.learnings(),
    results: record.results ?? null,
    gap: gapOf(run),
    similarity: run.similarity(),
    settings: readSettings(run),
  };
}

/** What was recorded last of each phase and seed; what `kd gap` measured where the records say nothing, or not how soft the targets are. */
function gapOf(run: RunDirectory): Evidence['gap'] {
  const keyOf = ({ phase, seed }: Evidence['gap'][number]) => JSON.stringify([phase, seed]);
  const gap = new Map<string, Evidence['gap'][number]>(run.gap().map((one) => [keyOf(one), one]));
  for (const name of run.gapReports()) {
    const report = readableReport(run, name);
    if (report === null) continue;
    const { phase, seed, numbers } = report;
    const one = { phase, seed, ...numbers };
    if (gap.get(keyOf(one))?.softened?.targetEntropy === undefined) gap.set(keyOf(one), one);
  }
  return [...gap.values()];
}

/** Null where the file is damaged: the rules then lack it, and say so. */
function readableReport(run: RunDirectory, name: string): GapReport | null {
  try {
    const found = read(gapReport, run.gapReport(name), name);
    return found.ok ? found.value : null;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
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
