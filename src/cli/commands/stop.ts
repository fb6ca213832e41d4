import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { isActive, requestStop, stopNow } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

const WORDS = {
  socket: 'stops after this step, with a checkpoint',
  file: 'will stop after this step, with a checkpoint, as soon as it sees the stop file',
  notRunning: 'is not running',
} as const;

/** `kd stop RUN [--now]` */
export function addStop(program: Command): void {
  const command = program.command('stop').description('Finish the step, write a checkpoint, stop');
  command.argument(...RUN_ARGUMENT).option('--now', 'end the engine at once; the last checkpoint stays');
  defineCommand(command, async (context, [reference = ''], { now }) => {
    const run = storeHere(context).open(reference);
    const { output } = context;
    if (now === true) {
      const running = isActive(run.status()) || run.status() === 'queued';
      if (running) await stopNow(run);
      output.emit({ run: run.id, outcome: running ? 'ended' : 'notRunning', status: run.status() });
      if (!output.json)
        output.say(`${run.id} ${running ? 'was ended; the last checkpoint stays' : WORDS.notRunning}`);
      return EXIT_CODES.done;
    }
    const outcome = await requestStop(run);
    output.emit({ run: run.id, outcome, status: run.status() });
    if (!output.json) output.say(`${run.id} ${WORDS[outcome]}`);
    return EXIT_CODES.done;
  });
}
