import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { reportOf, type ReportFormat } from '../../reports/report.ts';
import { writeAtomically } from '../../runs/disk.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd report RUN... [--format html|md] [--out FILE] [--metric NAME] [--baseline]` */
export function addReport(program: Command): void {
  const command = program
    .command('report')
    .description('Write one self-contained file about a run, or about a comparison of several');
  command
    .argument('<run...>', `${RUN_ARGUMENT[1]}; of several, all others are compared with the first`)
    .addOption(
      new Option('--format <format>', 'html: a page without script, md: Markdown')
        .choices(['html', 'md'])
        .default('html'),
    )
    .option('--out <path>', 'the file to write; default: named after the run, in the current folder')
    .option(
      '--metric <name>',
      'of the test split, for a comparison; default: what all select by, else accuracy, or psnr of images',
    )
    .option('--baseline', "compare with the first run's baseline, the same student alone");
  defineCommand(command, (context, references, options) => {
    const store = storeHere(context);
    const runs = references.map((reference) => store.open(reference));
    const format = options['format'] as ReportFormat;
    const comparing = {
      ...(typeof options['metric'] === 'string' ? { metric: options['metric'] } : {}),
      toBaseline: options['baseline'] === true,
    };
    const text = reportOf(runs, format, comparing);
    const name = `${runs.length === 1 ? (runs[0]?.id ?? '') : 'comparison'}.${format}`;
    const { output, folder } = context;
    const file = resolve(folder, typeof options['out'] === 'string' ? options['out'] : name);
    writeAtomically(file, text);
    output.emit({ runs: runs.map(({ id }) => id), format, file });
    if (!output.json) output.say(`wrote ${file}`);
    return EXIT_CODES.done;
  });
}
