import { Option, type Command } from 'commander';
import type { ComparisonReport } from '../../protocol/comparison.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { comparisonCsv } from '../../reports/comparison-csv.ts';
import {
  settingsTable,
  statisticsTable,
  studentsTable,
  verdictSentences,
} from '../../reports/comparison-tables.ts';
import { compareRuns } from '../../reports/compare-runs.ts';
import { markdownTable, markdownText, type Table } from '../../reports/table.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { tableText } from '../table.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd compare RUN RUN... [--metric NAME] [--baseline] [--json|--csv|--md]` */
export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .description('Compare students over paired seeds: statistics, verdict, settings that differ, cost');
  command
    .argument('<run...>', `${RUN_ARGUMENT[1]}; all others are compared with the first`)
    .option(
      '--metric <name>',
      'of the test split, for instance macroF1 or loss; default: what all select by, else accuracy, or psnr of images',
    )
    .option('--baseline', "compare with the first run's baseline, the same student alone")
    .addOption(new Option('--csv', 'print one line a student, as CSV').conflicts(['md', 'json']))
    .addOption(new Option('--md', 'print tables of Markdown').conflicts('json'));
  defineCommand(command, (context, references, { metric, baseline, csv, md }) => {
    const store = storeHere(context);
    const runs = references.map((reference) => store.open(reference));
    const report = compareRuns(runs, {
      ...(typeof metric === 'string' ? { metric } : {}),
      toBaseline: baseline === true,
    });
    const { output } = context;
    output.emit(report);
    if (output.json) return EXIT_CODES.done;
    if (csv === true) output.write(comparisonCsv(report));
    else output.say(md === true ? markdownOf(report) : textOf(report));
    return EXIT_CODES.done;
  });
}

function tablesOf(report: ComparisonReport): readonly Table[] {
  return [studentsTable(report), statisticsTable(report), settingsTable(report)].filter(
    ({ rows }) => rows.length > 0,
  );
}

function textOf(report: ComparisonReport): string {
  const tables = tablesOf(report).map((table) => {
    const alignments = table.head.map((_, column) => (table.numbers.includes(column) ? 'right' : 'left'));
    return `${table.title}\n${tableText(table.head, table.rows, alignments)}`;
  });
  const remarks = report.remarks.map((remark) => `note: ${remark}`);
  return [...tables, verdictSentences(report).join('\n'), remarks.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

function markdownOf(report: ComparisonReport): string {
  const tables = tablesOf(report).map(
    (table) => `### ${markdownText(table.title)}\n\n${markdownTable(table)}`,
  );
  const lines = [...verdictSentences(report), ...report.remarks].map((line) => `- ${markdownText(line)}`);
  return [...tables, lines.join('\n')].join('\n\n');
}
