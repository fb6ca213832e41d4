import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { DEVICES } from '../../protocol/devices.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import type { VerifyReport } from '../../protocol/records.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { verifyText } from '../verify-text.ts';

/** `kd verify [DIR] [--device DEVICE]` */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('Recompute every golden loss fixture: expected, got, error');
  command
    .argument('[dir]', 'a folder of fixtures; default: those that come with the product')
    .addOption(
      new Option(
        '--device <device>',
        'what computes, as `engine.device`; `all`: everything that can, in turn',
      )
        .choices(['auto', ...DEVICES, 'all'])
        .default('auto'),
    );
  defineCommand(command, async ({ output, folder }, [dir], { device }) => {
    const report = (await askEngine(
      ['verify', String(device), ...(dir === undefined ? [] : [resolve(folder, dir)])],
      (words) => output.complain(words),
    )) as VerifyReport;
    output.emit(report);
    if (!output.json) output.say(verifyText(report));
    return report.failed === 0 ? EXIT_CODES.done : EXIT_CODES.failure;
  });
}
