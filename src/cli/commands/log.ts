import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd log RUN [--follow]` */
export function addLog(program: Command): void {
  const command = program.command('log').description('Print the log of a run');
  command.argument(...RUN_ARGUMENT).option('-f, --follow', 'go on until the run ends');
  defineCommand(command, async (context, [reference = ''], { follow }) => {
    const run = storeHere(context).open(reference);
    const { output } = context;
    const say = (line: string) => (output.json ? output.emit({ line }) : output.say(line));
    if (follow !== true) {
      for (const line of linesOf(run.log())) say(line);
      for (const line of linesOf(run.stderr())) say(line);
      return EXIT_CODES.done;
    }
    for await (const change of run.follow({ streams: ['log'], untilFinal: true })) {
      if (change.type === 'log') change.lines.forEach(say);
    }
    return EXIT_CODES.done;
  });
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
