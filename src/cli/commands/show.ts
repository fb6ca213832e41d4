import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { labelsText } from '../../protocol/labels.ts';
import { inEnglish } from '../../protocol/say.ts';
import { explainedRows, type ExplainedRow } from '../../reports/explained.ts';
import { isFinal, labelsOf } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { summaryText } from '../summary.ts';
import { tableText } from '../table.ts';
import { recordOf } from './runs.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd show RUN` */
export function addShow(program: Command): void {
  const command = program.command('show').description('Show one run: its state, results and surroundings');
  command.argument(...RUN_ARGUMENT);
  defineCommand(command, (context, [reference = '']) => {
    const run = storeHere(context).open(reference);
    const record = run.record();
    const status = run.status(record);
    const labels = labelsOf(run.path);
    const explained = explainedRows(run.pictures(), inEnglish);
    const { output } = context;
    output.emit({
      ...recordOf({ run, record, status }),
      crash: run.crash(record),
      verdict: run.verdict(),
      labels,
      explained,
    });
    if (output.json) return EXIT_CODES.done;
    const { environment } = record;
    const facts: (readonly [string, string | undefined])[] = [
      ['run', record.id],
      ['name', record.name],
      ['state', run.isSilent(record) && !isFinal(status) ? `${status}, but gives no sign of life` : status],
      ['config', record.config],
      ['changes', record.overrides.length === 0 ? undefined : record.overrides.join(' ')],
      ['seeds', record.seeds.join(', ')],
      ['started', record.startedAt],
      ['finished', record.finishedAt],
      ['executor', environment?.executor],
      ...(environment?.fallen ?? []).map(
        ({ phase, executor, reason }) => ['', `${phase} on ${executor}: ${reason}`] as const,
      ),
      ...(record.moves ?? []).map(
        ({ from, to, phase, seed, step }) =>
          [
            '',
            `from ${phase}, seed ${seed}, step ${step} on ${to}, before on ${from}: not bit-exact`,
          ] as const,
      ),
      ['machine', environment && `${environment.cpu}, ${environment.cores} cores, ${environment.platform}`],
      ['data', record.dataHash],
      ['models', run.models().join(', ') || undefined],
      ...run
        .bestSoFar()
        .map(
          ({ model, epoch }) => ['', `${model} in training: best so far after epoch ${epoch + 1}`] as const,
        ),
      ['labels', labelsText(labels) || undefined],
    ];
    const crash = run.crash(record);
    if (crash !== null) {
      const how = crash.signal ?? (crash.exitCode === null ? 'unseen' : `exit code ${crash.exitCode}`);
      facts.push([
        'crash',
        `${how}; likely cause: ${crash.cause}; last sign of life ${crash.lastSign ?? 'never'}`,
      ]);
      for (const line of crash.lastLines) facts.push(['', line]);
    }
    for (const [name, value] of facts) if (value !== undefined) output.say(`${name.padEnd(9)} ${value}`);
    output.say(`\n${summaryText(record, status, run.path)}`);
    if (explained.length > 0) output.say(`\n${explainedText(explained)}`);
    return EXIT_CODES.done;
  });
}

/** The numbers by which systems explain themselves, at the first and at the last epoch. */
function explainedText(rows: readonly ExplainedRow[]): string {
  return tableText(
    ['what systems show', 'phase', 'seed', 'first', 'last'],
    rows.map(({ what, phase, seed, first, last }) => [what, phase, String(seed), first, last]),
    ['left', 'left', 'right', 'right', 'right'],
  );
}
