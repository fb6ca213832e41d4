import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import type { ProfileReport } from '../../protocol/records.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { usableFile } from '../experiment-file.ts';
import { profileText } from '../profile-text.ts';

/** `kd profile FILE` */
export function addProfile(program: Command): void {
  const command = program
    .command('profile')
    .description("Where a training step's time and memory go, by part, loss term and operation");
  command.argument('<file>', 'an experiment file (*.kd.yaml)');
  command.option('--whole', 'only what whole steps of the phases take beside one another: quicker');
  defineCommand(command, async ({ output, folder }, [name = ''], options) => {
    const checked = usableFile(name, folder, { output, done: 'measured' });
    if (checked === null) return EXIT_CODES.failure;
    const { file, root } = checked;
    const what = options['whole'] === true ? ['whole'] : [];
    const report = (await askEngine(['profile', file, root, ...what])) as ProfileReport;
    output.emit(report);
    if (!output.json) output.say(profileText(report));
    return EXIT_CODES.done;
  });
}
