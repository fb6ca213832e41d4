import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { UserError } from '../../protocol/errors.ts';
import { catalogue } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import { didYouMean } from '../../schema/suggest.ts';
import { defineCommand } from '../define-command.ts';
import { methodText, methodValue } from '../method-text.ts';
import { tableText } from '../table.ts';

/** `kd methods [NAME]` */
export function addMethods(program: Command): void {
  const command = program
    .command('methods')
    .description('The catalogue of methods, or one with formula and parameters');
  command.argument('[name]', 'a method, as in `distill.match`');
  defineCommand(command, ({ output }, [name]) => {
    if (name === undefined) {
      output.emit({ methods: catalogue.map(methodValue) });
      if (!output.json)
        output.say(
          tableText(
            ['method', 'knowledge', 'summary'],
            catalogue.map((one) => [one.name, one.knowledge, one.summary]),
          ),
        );
      return EXIT_CODES.done;
    }
    const method = find(name);
    output.emit(methodValue(method));
    if (!output.json) output.say(methodText(method));
    return EXIT_CODES.done;
  });
}

function find(name: string): Method {
  const method = catalogue.find((one) => one.name === name);
  if (method !== undefined) return method;
  const names = catalogue.map((one) => one.name);
  throw new UserError({
    code: 'KD7003',
    message: `there is no method "${name}"${didYouMean(name, names)}`,
    help: `the catalogue has: ${names.join(', ')}`,
  });
}
