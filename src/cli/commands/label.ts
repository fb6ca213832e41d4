import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { labelsText } from '../../protocol/labels.ts';
import { changeLabels, labelsOf } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd label RUN... [--star|--unstar] [--tag TAG]... [--untag TAG]... [--note TEXT] [--archive|--unarchive]` */
export function addLabel(program: Command): void {
  const command = program
    .command('label')
    .description('Star, tag, note or archive runs; without an option: show what is said of them');
  const collect = (value: string, before: readonly string[]) => [...before, value];
  command
    .argument('<run...>', RUN_ARGUMENT[1])
    .option('--star', 'mark')
    .option('--unstar', 'take the mark back')
    .option('--tag <tag>', 'add a tag; may be repeated', collect, [])
    .option('--untag <tag>', 'take a tag off; may be repeated', collect, [])
    .option('--note <text>', 'a note in place of the one before; empty: none')
    .option('--archive', 'leave it out of lists')
    .option('--unarchive', 'list it again');
  defineCommand(command, (context, references, options) => {
    const store = storeHere(context);
    // All are found before the first is changed: a typo changes nothing.
    const runs = references.map((reference) => store.open(reference));
    const starred = switched(options['star'], options['unstar']);
    const archived = switched(options['archive'], options['unarchive']);
    const change = {
      ...(starred !== null && { starred }),
      ...(archived !== null && { archived }),
      ...(typeof options['note'] === 'string' && { note: options['note'] }),
      addTags: options['tag'] as readonly string[],
      removeTags: options['untag'] as readonly string[],
    };
    const isChange = Object.values(change).some((value) => !Array.isArray(value) || value.length > 0);
    const { output } = context;
    for (const run of runs) {
      const labels = isChange ? changeLabels(run.path, change) : labelsOf(run.path);
      output.emit({ run: run.id, ...labels });
      if (!output.json) output.say(`${run.id}  ${labelsText(labels) || 'nothing is said of it'}`);
    }
    return EXIT_CODES.done;
  });
}

function switched(on: unknown, off: unknown): boolean | null {
  if (on === true) return true;
  return off === true ? false : null;
}
