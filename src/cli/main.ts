import { Command, CommanderError } from 'commander';
import { formatProblem, UserError } from '../protocol/errors.ts';
import { EXIT_CODES, exitCodeOf } from '../protocol/exit-codes.ts';
import { PRODUCT_VERSION } from '../protocol/version.ts';
import { addBook } from './commands/book.ts';
import { addCheck } from './commands/check.ts';
import { addDiagnose } from './commands/diagnose.ts';
import { addCompare } from './commands/compare.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDryRun } from './commands/dry-run.ts';
import { addExport } from './commands/export.ts';
import { addGap } from './commands/gap.ts';
import { addInstall } from './commands/install.ts';
import { addLabel } from './commands/label.ts';
import { addLog } from './commands/log.ts';
import { addMatch } from './commands/match.ts';
import { addMethods } from './commands/methods.ts';
import { addNew } from './commands/new.ts';
import { addPause } from './commands/pause.ts';
import { addProfile } from './commands/profile.ts';
import { addQueue } from './commands/queue.ts';
import { addReport } from './commands/report.ts';
import { addResume } from './commands/resume.ts';
import { addRm } from './commands/rm.ts';
import { addRun } from './commands/run.ts';
import { addRuns } from './commands/runs.ts';
import { addShow } from './commands/show.ts';
import { addStop } from './commands/stop.ts';
import { addVerify } from './commands/verify.ts';

const COMMANDS = [
  addNew,
  addCheck,
  addDryRun,
  addRun,
  addRuns,
  addShow,
  addDiagnose,
  addLabel,
  addCompare,
  addReport,
  addLog,
  addStop,
  addPause,
  addResume,
  addQueue,
  addRm,
  addExport,
  addMatch,
  addGap,
  addMethods,
  addVerify,
  addDoctor,
  addInstall,
  addProfile,
  addBook,
];

const EXIT_HELP = `
Exit codes: 0 done · 1 a failure was found · 2 wrong usage · 3 stopped on request, results kept ·
4 environment unable (no executor, disk full) · 130 interrupted twice`;

async function main(args: readonly string[]): Promise<void> {
  // A reader that closes early (`kd log RUN | head`) is no failure.
  process.stdout.on('error', () => process.exit());
  const program = new Command('kd')
    .description('Knowledge distillation: set up, run and understand experiments')
    .version(PRODUCT_VERSION)
    .showHelpAfterError('(kd --help lists the commands)')
    .exitOverride()
    .addHelpText('after', EXIT_HELP);
  for (const add of COMMANDS) add(program);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
    command.exitOverride().showHelpAfterError();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = complain(error);
  }
}

function complain(error: unknown): number {
  // commander has printed what is wrong; help and version end here too, with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  if (error instanceof UserError) {
    process.stderr.write(`${formatProblem(error.problem)}\n`);
    return exitCodeOf(error.problem);
  }
  const words = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `KD7000 an error inside kd: ${words}\n  next: report this message; KD_DEBUG=1 shows where it arose\n`,
  );
  if (process.env['KD_DEBUG'] === '1' && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`);
  return EXIT_CODES.failure;
}

void main(process.argv.slice(2));
