import type { Command } from 'commander';
import { loadExperiment } from '../../config/load.ts';
import { UserError } from '../../protocol/errors.ts';
import { hardwareOf } from '../../protocol/hardware.ts';
import type { RunStatus } from '../../protocol/records.ts';
import { queueAgain, requestResume, requireFreeDevice, type RunDirectory } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { startAndWatch, watchOn } from '../watch-run.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** Its engine is there and holds everything. */
const WAITING: readonly RunStatus[] = ['pausing', 'paused'];

/** `kd resume RUN [--set engine.path=value]... [--detach]` */
export function addResume(program: Command): void {
  const command = program
    .command('resume')
    .description('Go on exactly: after a pause, or from the last checkpoint of a run that has ended');
  const collect = (value: string, before: readonly string[]) => [...before, value];
  command
    .argument(...RUN_ARGUMENT)
    .option(
      '--set <path=value>',
      'run it elsewhere, for instance engine.device=cpu; may be repeated',
      collect,
      [],
    )
    .option('--beside', 'start although another run is working on this machine')
    .option('--detach', 'return as soon as it trains');
  defineCommand(command, (context, [reference = ''], { set, detach, beside }) => {
    const store = storeHere(context);
    const run = store.open(reference);
    const changes = set as readonly string[];
    const options = { output: context.output, detach: detach === true };
    if (changes.length === 0 && WAITING.includes(run.status())) {
      return watchOn(run, options, () => requestResume(run));
    }
    requireEngineChanges(run, changes);
    if (beside !== true)
      requireFreeDevice(store, hardwareOf(run.record(), changes.length > 0 ? changes : undefined), run);
    queueAgain(run, changes);
    return startAndWatch(run, options);
  });
}

/** Where a run goes on may change, what it computes may not. Throws KD7007, or what is wrong with the new config. */
function requireEngineChanges(run: RunDirectory, changes: readonly string[]): void {
  const other = changes.find((change) => !/^\s*engine[.\s=]/.test(change));
  if (other !== undefined) {
    throw new UserError({
      code: 'KD7007',
      message: `--set ${other}: a run goes on as the experiment that it is`,
      help: 'only the part `engine` may change, for instance --set engine.device=cpu; start a new run for all else',
    });
  }
  if (changes.length === 0) return;
  const { config, root } = run.record();
  const { diagnostics } = loadExperiment({ file: config, root, text: run.config(), overrides: changes });
  const fault = diagnostics.find(({ severity }) => severity === 'error');
  if (fault === undefined) return;
  throw new UserError({ code: fault.code, message: fault.message, help: fault.help });
}
