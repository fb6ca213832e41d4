import { UserError } from '../protocol/errors.ts';

/**
 * Why a tool ended without an answer: what it said last.
 * @param what in words: `the dry run`
 */
export function toolProblem(said: readonly string[], what: string): UserError {
  const at = said.findLastIndex((line) => /KD\d{4}/.test(line));
  const [, code = 'KD5022', message = ''] = /(KD\d{4}) (.*)/.exec(said[at] ?? '') ?? [];
  const help = said[at + 1]?.replace(/^\s*next: /, '') ?? 'see the log';
  return new UserError({
    code,
    message: message === '' ? `${what} ended without an answer` : message,
    help,
  });
}
