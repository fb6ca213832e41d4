import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import type { VerifyReport } from '../../protocol/records.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { verifyText } from '../verify-text.ts';

/** `kd verify [DIR]` */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('Recompute every golden loss fixture: expected, got, error');
  command.argument('[dir]', 'a folder of fixtures; default: those that come with the product');
  defineCommand(command, async ({ output, folder }, [dir]) => {
    const report = (await askEngine([
      'verify',
      ...(dir === undefined ? [] : [resolve(folder, dir)]),
    ])) as VerifyReport;
    output.emit(report);
    if (!output.json) output.say(verifyText(report));
    return report.failed === 0 ? EXIT_CODES.done : EXIT_CODES.failure;
  });
}
