import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { requestPause } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

const WORDS = {
  socket: 'waits after this step, with a checkpoint',
  file: 'will wait after this step, with a checkpoint, as soon as it sees the pause file',
  notRunning: 'is not running',
} as const;

/** `kd pause RUN` */
export function addPause(program: Command): void {
  const command = program
    .command('pause')
    .description('Finish the step, write a checkpoint, wait; `kd resume` goes on');
  command.argument(...RUN_ARGUMENT);
  defineCommand(command, async (context, [reference = '']) => {
    const run = storeHere(context).open(reference);
    const { output } = context;
    const outcome = await requestPause(run);
    output.emit({ run: run.id, outcome, status: run.status() });
    if (!output.json) output.say(`${run.id} ${WORDS[outcome]}`);
    return EXIT_CODES.done;
  });
}
