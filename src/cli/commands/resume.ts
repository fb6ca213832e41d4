import type { Command } from 'commander';
import { queueAgain } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { startAndWatch } from '../watch-run.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd resume RUN` */
export function addResume(program: Command): void {
  const command = program.command('resume').description('Go on exactly from the last checkpoint of a run');
  command.argument(...RUN_ARGUMENT).option('--detach', 'return as soon as it trains');
  defineCommand(command, (context, [reference = ''], { detach }) => {
    const run = storeHere(context).open(reference);
    queueAgain(run);
    return startAndWatch(run, { output: context.output, detach: detach === true });
  });
}
