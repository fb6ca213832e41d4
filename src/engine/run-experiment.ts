import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Experiment } from '../config/experiment.ts';
import { loadExperiment } from '../config/load.ts';
import { UserError } from '../protocol/errors.ts';
import type { RunRecord } from '../protocol/records.ts';
import { FILES } from '../runs/layout.ts';

/**
 * The experiment as it was when a run was made: its `config.yaml` holds it in full, its paths are those of the file it came from.
 *
 * @param text of `config.yaml`
 * @throws UserError the first error that `kd check` would show
 */
export function runExperiment(record: RunRecord, directory: string, text: string): Experiment {
  const { config, root, resumedWith = [] } = record;
  const { experiment, diagnostics } = loadExperiment({ file: config, root, text, overrides: resumedWith });
  if (experiment !== null) return experiment;
  const first = diagnostics.find(({ severity }) => severity === 'error');
  throw new UserError({
    code: first?.code ?? 'KD1001',
    message: first?.message ?? 'the config cannot be read',
    help: first?.help ?? 'check it with `kd check`',
    file: join(directory, FILES.config),
  });
}

/** SHA-256 of an experiment. Where it runs is no part of what it computes. */
export function hashOfExperiment(experiment: Experiment): string {
  const computed = JSON.stringify({ ...experiment, engine: undefined });
  return createHash('sha256').update(computed).digest('hex');
}
