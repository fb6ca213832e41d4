import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { sampleFolder } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { copySample, templateNames } from '../../runs/sample.ts';

const DEFAULT_TEMPLATE = 'mnist';

/** `kd new [DIR] [--template NAME]` */
export function addNew(program: Command): void {
  const sample = sampleFolder();
  const command = program
    .command('new')
    .description('Write a sample experiment that can be run; nothing is overwritten');
  command
    .argument('[dir]', 'where to; default: the current folder')
    .option('--template <name>', `one of: ${templateNames(sample).join(', ')}`, DEFAULT_TEMPLATE);
  defineCommand(command, ({ output, folder }, [dir = '.'], { template }) => {
    const files = copySample(sample, String(template), resolve(folder, dir));
    const config = files[0] ?? '';
    output.emit({ config, files });
    if (!output.json)
      output.say(`${files.map((file) => `wrote ${file}`).join('\n')}\n  next: kd run ${config}`);
    return EXIT_CODES.done;
  });
}
