import type { Command } from 'commander';
import type { DoctorReport } from '../../protocol/records.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { tableText } from '../table.ts';

/** `kd doctor` */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('What this machine can run: executors in order, and why each was refused');
  defineCommand(command, async ({ output }) => {
    const report = (await askEngine(['doctor'])) as DoctorReport;
    output.emit(report);
    if (!output.json) output.say(reportText(report));
    return report.executor === null ? EXIT_CODES.environment : EXIT_CODES.done;
  });
}

function reportText(report: DoctorReport): string {
  const { environment, executor, refused } = report;
  const facts = [
    `product   ${environment.product}`,
    `node      ${environment.node}`,
    `platform  ${environment.platform}`,
    `machine   ${environment.cpu}, ${environment.cores} cores, ${environment.memoryGigabytes} GB`,
    ...Object.entries(environment.packages).map(([name, version]) => `package   ${name} ${version}`),
  ];
  const rows = [
    ...refused.map(({ name, reason }) => [name, 'refused', reason]),
    ...(executor === null ? [] : [[executor.name, 'chosen', executor.description]]),
  ];
  const verdict =
    executor === null ? 'no executor can train here' : `runs use ${executor.name}; its self-test passed`;
  return [...facts, '', tableText(['executor', '', 'why'], rows), '', verdict].join('\n');
}
