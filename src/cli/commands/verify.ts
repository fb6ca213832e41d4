import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import type { VerifyCase, VerifyReport } from '../../protocol/records.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { tableText } from '../table.ts';

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
    if (!output.json) output.say(reportText(report));
    return report.failed === 0 ? EXIT_CODES.done : EXIT_CODES.failure;
  });
}

function reportText({ cases, passed, failed, unknown }: VerifyReport): string {
  const table = tableText(
    ['', 'method', 'case', 'expected', 'got', 'error', 'worst gradient'],
    cases.map((one) => [one.passed ? 'ok' : 'FAILED', one.method, one.id, ...numbersOf(one)]),
    ['left', 'left', 'left', 'right', 'right', 'right', 'right'],
  );
  const why = cases
    .filter(({ message }) => message !== undefined)
    .map(({ id, message }) => `${id}: ${message ?? ''}`);
  const missing = unknown.length === 0 ? [] : [`not in the catalogue, not checked: ${unknown.join(', ')}`];
  return [table, '', ...why, ...missing, `${passed} passed, ${failed} failed`].join('\n');
}

function numbersOf({ loss, gradients }: VerifyCase): string[] {
  // JSON has no NaN: a case that could not be computed carries null.
  const number = (value: number | null, digits: number) => value?.toPrecision(digits) ?? '—';
  const worst = gradients.length === 0 ? null : Math.max(...gradients.map(({ maxError }) => maxError));
  return [number(loss.want, 7), number(loss.got, 7), number(loss.error, 2), number(worst, 2)];
}
