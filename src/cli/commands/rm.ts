import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd rm RUN...` */
export function addRm(program: Command): void {
  const command = program
    .command('rm')
    .description('Move runs to .kd/trash, from where they can be put back');
  command.argument('<run...>', RUN_ARGUMENT[1]);
  defineCommand(command, (context, references) => {
    const store = storeHere(context);
    // All are found before the first is moved: a typo moves nothing.
    const runs = references.map((reference) => store.open(reference));
    const { output } = context;
    for (const run of runs) {
      const place = store.remove(run);
      output.emit({ run: run.id, trash: place });
      if (!output.json) output.say(`${run.id} is now ${place}`);
    }
    return EXIT_CODES.done;
  });
}
