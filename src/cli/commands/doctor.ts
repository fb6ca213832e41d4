import type { Command } from 'commander';
import type { DoctorReport } from '../../protocol/records.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { blocksText } from '../blocks-text.ts';
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
    output.say(reportText(report));
    return report.executor === null ? EXIT_CODES.environment : EXIT_CODES.done;
  });
}

function reportText(report: DoctorReport): string {
  const { environment, refused } = report;
  const facts = [
    `product   ${environment.product}`,
    `node      ${environment.node}`,
    `platform  ${environment.platform}`,
    `machine   ${environment.cpu}, ${environment.cores} cores, ${environment.memoryGigabytes} GB`,
    ...Object.entries(environment.packages).map(([name, version]) => `package   ${name} ${version}`),
  ];
  const rows = [
    ...report.serving.map(({ name, description }) => [name, 'serves', description]),
    ...report.standby.map(({ name, description }) => [name, 'stands by', description]),
    ...refused.flatMap(({ name, reason, help }) => [
      [name, 'refused', reason],
      ...(help === undefined ? [] : [['', '', `next: ${help}`]]),
    ]),
  ];
  const table = tableText(['executor', '', 'why'], rows);
  const verdict = [...(report.blocks === null ? [] : [blocksText(report.blocks)]), verdictText(report)];
  const parts = [facts.join('\n'), table, verdict.join('\n')];
  return [...parts, ...offersText(report.offers)].join('\n\n');
}

/** What can be installed, what it costs, and why one would want it. */
function offersText(offers: DoctorReport['offers']): readonly string[] {
  if (offers.length === 0) return [];
  const rows = offers.flatMap(({ name, installed, download, disk, reason, obstacle }) => [
    [name, installed ? 'installed' : '-', `${download} MB`, `${disk} MB`, reason],
    ...(obstacle === undefined ? [] : [['', '', '', '', `of no use now: ${obstacle}`]]),
  ]);
  const table = tableText(['can be installed', '', 'download', 'on disk', 'for'], rows, [
    ...(['left', 'left', 'right', 'right'] as const),
  ]);
  return [table, 'by `kd install NAME`; nothing of it is needed'];
}

function verdictText({ executor, serving, eager }: DoctorReport): string {
  const eagerly = `what cannot be compiled runs on ${eager.name}: ${eager.description}`;
  return `${choiceText({ executor, serving })}\n${eagerly}`;
}

function choiceText({ executor, serving }: Pick<DoctorReport, 'executor' | 'serving'>): string {
  if (executor === null) return 'no executor can train here';
  if (serving.length === 1) return `runs use ${executor.name}; its self-test passed`;
  return `all that serve passed their self-test; each run times its own step on them and takes the fastest`;
}
