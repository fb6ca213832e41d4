import { UserError, type Problem } from '../../src/protocol/errors.ts';

/** The problem that `action` reports; fails where it reports none or throws something else. */
export function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
  throw new Error('expected a UserError, but nothing was thrown');
}
