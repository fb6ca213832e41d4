/** Where in a text file something is: zero-based lines and UTF-16 characters, as in the Language Server Protocol. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A half-open stretch of text. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** What went wrong, where, and what to do next, in words for the person who runs the experiment. */
export interface Problem {
  /** Stable code with a page of its own, for instance `KD3001`. */
  readonly code: string;
  readonly message: string;
  /** The next step. */
  readonly help: string;
  readonly file?: string;
  /** Path of the config key, for instance `distill.match[0].at.pairs`. */
  readonly key?: string;
}

/** An error that a person can act on. Anything else that is thrown is a defect of ours. */
export class UserError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'UserError';
    this.problem = problem;
  }
}

/** `place: message` and the next step on a line of its own. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.key].filter((part) => part !== undefined).join(': ');
  const head = `${problem.code} ${place === '' ? '' : `${place}: `}${problem.message}`;
  return problem.help === '' ? head : `${head}\n  next: ${problem.help}`;
}
