import { UserError } from '../../protocol/errors.ts';

/** How TensorFlow names an exhausted memory. */
const MEMORY = /OOM|out of memory|ResourceExhausted|RESOURCE_EXHAUSTED|bad_alloc|failed to allocate/i;

export function runtimeError(what: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const memory = MEMORY.test(message);
  const problem = {
    code: memory ? 'KD6054' : 'KD6053',
    message: `${what}: ${message}`,
    help: memory
      ? 'Choose a smaller train.batchSize or a smaller model, or free memory; the last checkpoint is kept.'
      : 'Resume with another engine.device to go on without it; the last checkpoint is kept. `kd doctor` shows what runs here.',
  };
  return new UserError(problem, { cause: error });
}
