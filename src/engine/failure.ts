import { formatProblem, UserError, type Problem } from '../protocol/errors.ts';
import { exitCodeOf } from '../protocol/exit-codes.ts';

/** Any error as words for `run.json`. What is not a `UserError` is a defect of ours and says so. */
export function problemOf(error: unknown): Problem {
  if (error instanceof UserError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'KD5000',
    message: `an error inside the engine: ${message}`,
    help: 'this is a defect of the product; the log of the run (`kd log RUN`) has the details to report',
  };
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Says on standard error why the process ends; the stack only where it helps, for a defect. Returns the exit code. */
export function complain(error: unknown): number {
  const problem = problemOf(error);
  process.stderr.write(`${formatProblem(problem)}\n`);
  if (problem.code === 'KD5000') process.stderr.write(`${stackOf(error)}\n`);
  return exitCodeOf(problem);
}
