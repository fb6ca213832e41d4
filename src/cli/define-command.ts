import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { Output } from './output.ts';

export type CommandOptions = Readonly<Record<string, unknown>>;

/** Does the work of a command; returns its exit code. */
export type CommandAction = (
  context: CommandContext,
  args: readonly string[],
  options: CommandOptions,
) => number | Promise<number>;

/** Gives a command `--json` and its action. */
export function defineCommand(command: Command, action: CommandAction): void {
  command.option('--json', 'print JSON on standard output, words for people on standard error');
  command.action(async (...given: unknown[]) => {
    // commander passes the arguments (a list where they repeat), then the options, then the command.
    const args = given
      .slice(0, -2)
      .flat()
      .filter((arg) => typeof arg === 'string');
    const options = given.at(-2) as CommandOptions;
    const context = { output: new Output(options['json'] === true), folder: process.cwd() };
    process.exitCode = await action(context, args, options);
  });
}
