import { UserError } from '../protocol/errors.ts';

/** A failure inside ONNX Runtime, in words and with a next step. */
export function runtimeError(what: string, error: unknown): UserError {
  const message = withoutPlace(error instanceof Error ? error.message : String(error));
  const memory = /alloc|memory/i.test(message);
  const problem = {
    code: memory ? 'KD6031' : 'KD6030',
    message: `${what}: ${message}`,
    help: memory
      ? 'Choose a smaller train.batchSize or a smaller model, or free memory; the last checkpoint is kept.'
      : 'Resume with `engine: { device: eager }` to go on without it; the last checkpoint is kept. `kd doctor` shows what runs here.',
  };
  return new UserError(problem, { cause: error });
}

/** The runtime puts the file, the function and the condition of its own source before its words. */
function withoutPlace(message: string): string {
  return message
    .slice(message.lastIndexOf(' was false. ') + 1)
    .replace(/^was false\. /, '')
    .trim();
}
