import type { Problem } from './errors.ts';

/** How `kd` and the engine end; scripts rely on the numbers. */
export const EXIT_CODES = {
  done: 0,
  /** The work found a failure: diagnostics of severity error, a mismatch, a failed run. */
  failure: 1,
  usage: 2,
  /** Stopped on request, results kept. */
  stopped: 3,
  /** The environment is unable: no executor, disk full. */
  environment: 4,
  interruptedTwice: 130,
} as const;

/** Disk, rights, Node and engine; executors are all of KD6. */
const ENVIRONMENT = ['KD5005', 'KD5006', 'KD5007', 'KD5014', 'KD5017', 'KD5018', 'KD5019'];

/** The exit code that a problem ends in. */
export function exitCodeOf({ code }: Pick<Problem, 'code'>): number {
  if (code.startsWith('KD7')) return EXIT_CODES.usage;
  if (code.startsWith('KD6') || ENVIRONMENT.includes(code)) return EXIT_CODES.environment;
  return EXIT_CODES.failure;
}
