import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { dryRunText } from '../../protocol/dry-run-text.ts';
import type { DryRunReport } from '../../protocol/records.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { usableFile } from '../experiment-file.ts';

/** `kd dry-run FILE` */
export function addDryRun(program: Command): void {
  const command = program
    .command('dry-run')
    .description('A few steps of every phase: shapes, each loss term, memory, and the time of the whole run');
  command.argument('<file>', 'an experiment file (*.kd.yaml)');
  defineCommand(command, async ({ output, folder }, [name = '']) => {
    const checked = usableFile(name, folder, { output, done: 'tried' });
    if (checked === null) return EXIT_CODES.failure;
    const { file, root } = checked;
    const report = (await askEngine(['dry-run', file, root])) as DryRunReport;
    output.emit(report);
    if (!output.json) output.say(dryRunText(report));
    return EXIT_CODES.done;
  });
}
