import { UserError } from '../protocol/errors.ts';
import { RunStore } from '../runs/index.ts';
import type { StoredTensor } from '../runs/writer.ts';

/**
 * Weights of a model that an earlier run has trained.
 *
 * @param model a saved name (`student-2`), or a phase name, which means its lowest seed
 * @throws UserError KD5001, KD5002 for the run; KD5010, KD5011 for the model
 */
export function earlierModel(root: string, run: string, model: string): Record<string, StoredTensor> {
  const earlier = new RunStore(root).open(run);
  const names = earlier.models();
  const seeds = names
    .filter((name) => name.startsWith(`${model}-`))
    .map((name) => Number(name.slice(model.length + 1)))
    .filter(Number.isSafeInteger);
  if (names.includes(model) || seeds.length === 0) return earlier.model(model);
  const record = earlier.record();
  if (earlier.isAlive(record)) {
    throw new UserError({
      code: 'KD5023',
      message: `run ${record.id} is still training; its "${model}" may change`,
      help: 'wait until it has ended, or stop it',
      key: `models`,
    });
  }
  return earlier.model(`${model}-${Math.min(...seeds)}`);
}
