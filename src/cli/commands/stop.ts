import type { Command } from 'commander';
import { UserError } from '../../protocol/errors.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { isActive, requestStop, stopNow, stopWithin, type RunDirectory } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

const WORDS = {
  socket: 'stops after this step, with a checkpoint',
  file: 'will stop after this step, with a checkpoint, as soon as it sees the stop file',
  notRunning: 'is not running',
  ended: 'was ended; the last checkpoint stays',
  asked: 'has stopped after its step, with a checkpoint',
  terminated: 'did not stop in time and was ended; the last checkpoint stays',
  killed: 'did not stop in time and was killed; the last checkpoint stays',
} as const;

/** `kd stop RUN [--within SECONDS | --now]` */
export function addStop(program: Command): void {
  const command = program.command('stop').description('Finish the step, write a checkpoint, stop');
  command
    .argument(...RUN_ARGUMENT)
    .option('--within <seconds>', 'wait for the end; an engine that takes longer is terminated, then killed')
    .option('--now', 'end the engine at once; the last checkpoint stays');
  defineCommand(command, async (context, [reference = ''], { now, within }) => {
    const milliseconds = typeof within === 'string' ? millisecondsOf(within) : null;
    const run = storeHere(context).open(reference);
    const { output } = context;
    const outcome =
      now === true
        ? await endAtOnce(run)
        : await (milliseconds === null ? requestStop(run) : stopWithin(run, milliseconds));
    output.emit({ run: run.id, outcome, status: run.status() });
    if (!output.json) output.say(`${run.id} ${WORDS[outcome]}`);
    return EXIT_CODES.done;
  });
}

async function endAtOnce(run: RunDirectory): Promise<'ended' | 'notRunning'> {
  if (!isActive(run.status()) && run.status() !== 'queued') return 'notRunning';
  await stopNow(run);
  return 'ended';
}

/** Throws KD7002 for what is no time. */
function millisecondsOf(seconds: string): number {
  if (/^\d{1,6}(\.\d+)?$/.test(seconds)) return Number(seconds) * 1000;
  throw new UserError({
    code: 'KD7002',
    message: `--within ${seconds}: not a number of seconds`,
    help: 'write for instance --within 30',
  });
}
