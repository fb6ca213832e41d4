import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { UserError } from '../../protocol/errors.ts';
import type { GapReport } from '../../protocol/gap-report.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand, type CommandOptions } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { gapText } from '../gap-text.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd gap RUN [--seed N] [--model NAME] [--samples N] [--temperature T]` */
export function addGap(program: Command): void {
  const command = program
    .command('gap')
    .description('Where a student and its teacher still differ: numbers, classes, samples');
  command
    .argument(...RUN_ARGUMENT)
    .option('--seed <seed>', 'the student of this seed; default: the lowest')
    .option(
      '--model <name>',
      'which student, as `kd show` lists them; default: the one that the run is about',
    )
    .option('--samples <number>', 'validation samples, evenly spaced; default: all, at most 10000')
    .option(
      '--temperature <number>',
      'at which softened answers are compared; default: that of the teaching',
    );
  defineCommand(command, async (context, [reference = ''], options) => {
    const { output } = context;
    const run = storeHere(context).open(reference);
    const question = {
      student: typeof options['model'] === 'string' ? options['model'] : null,
      seed: numberOf(options, 'seed', { whole: true, least: 0, most: 2 ** 32 - 1 }),
      samples: numberOf(options, 'samples', { whole: true, least: 1, most: 1_000_000 }),
      temperature: numberOf(options, 'temperature', { whole: false, least: 0.01, most: 1000 }),
    };
    const report = (await askEngine(['gap', run.path, JSON.stringify(question)], (words) =>
      output.complain(words),
    )) as GapReport;
    output.emit(report);
    if (!output.json) output.say(gapText(report));
    return EXIT_CODES.done;
  });
}

interface Bounds {
  readonly whole: boolean;
  readonly least: number;
  readonly most: number;
}

/** Null where the option is not given. Throws KD7014. */
function numberOf(options: CommandOptions, name: string, { whole, least, most }: Bounds): number | null {
  const given = options[name];
  if (given === undefined) return null;
  const written = typeof given === 'string' ? given : '';
  const value = written.trim() === '' ? NaN : Number(written);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new UserError({
    code: 'KD7014',
    message: `--${name} ${written}: not a ${whole ? 'whole number' : 'number'} from ${least} to ${most}`,
    help: 'see `kd gap --help`',
  });
}
