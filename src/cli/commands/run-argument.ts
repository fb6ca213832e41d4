/** The argument of every command that takes a run. */
export const RUN_ARGUMENT = [
  '<run>',
  'a run id, a unique prefix of one, a run directory, or "latest"',
] as const;
