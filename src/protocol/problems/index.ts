import { COMMAND_PROBLEMS } from './command-line.ts';
import { COMPILER_PROBLEMS } from './compiler.ts';
import { EDITOR_PROBLEMS } from './editor.ts';
import type { ProblemEntries } from './entry.ts';
import { RUN_PROBLEMS } from './runs.ts';
import { TRAINING_PROBLEMS } from './training.ts';

/** Every problem outside the experiment file, by code. A test holds it against the source. */
export const PROBLEMS: ProblemEntries = {
  ...TRAINING_PROBLEMS,
  ...RUN_PROBLEMS,
  ...EDITOR_PROBLEMS,
  ...COMPILER_PROBLEMS,
  ...COMMAND_PROBLEMS,
};
