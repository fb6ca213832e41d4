import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { formatProblem } from '../../protocol/errors.ts';
import { runText } from '../../protocol/run-text.ts';
import type { ListedRun } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { tableText } from '../table.ts';

/** `kd runs` */
export function addRuns(program: Command): void {
  const command = program.command('runs').description('List the runs of this folder, newest first');
  defineCommand(command, (context) => {
    const { output } = context;
    const store = storeHere(context);
    const runs = store.list((problem) => output.complain(formatProblem(problem)));
    output.emit({ root: store.root, runs: runs.map(recordOf) });
    if (output.json) return EXIT_CODES.done;
    if (runs.length === 0) {
      output.say(`no runs in ${store.folder}\n  next: kd run FILE`);
      return EXIT_CODES.done;
    }
    const rows = runs.map(({ record, status }) => [
      record.id,
      record.name,
      record.createdAt.slice(0, 16).replace('T', ' '),
      runText(record, status),
    ]);
    output.say(tableText(['run', 'name', 'started (UTC)', 'state'], rows));
    return EXIT_CODES.done;
  });
}

/** A run in `--json`: its record without the way into its engine, and what is true about its status. */
export function recordOf({ run, record, status }: ListedRun): object {
  const { process: engine, ...rest } = record;
  const shown = engine === undefined ? {} : { process: { pid: engine.pid, host: engine.host } };
  return { ...rest, ...shown, status, directory: run.path };
}
