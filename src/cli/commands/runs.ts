import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { formatProblem } from '../../protocol/errors.ts';
import { labelsText } from '../../protocol/labels.ts';
import { runText } from '../../protocol/run-text.ts';
import { labelsOf, type ListedRun } from '../../runs/index.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand, type CommandOptions } from '../define-command.ts';
import { tableText } from '../table.ts';

/** `kd runs [--tag TAG]... [--starred] [--status STATUS] [--config FILE] [--all]` */
export function addRuns(program: Command): void {
  const command = program.command('runs').description('List the runs of this folder, newest first');
  const collect = (value: string, before: readonly string[]) => [...before, value];
  command
    .option('--tag <tag>', 'only those with this tag; repeated: with all of them', collect, [])
    .option('--starred', 'only those that are starred')
    .option('--status <status>', 'only those that are completed, failed, running, ...')
    .option('--config <text>', 'only those whose config file has this in its path')
    .option('--all', 'archived ones too');
  defineCommand(command, (context, _, options) => {
    const { output } = context;
    const store = storeHere(context);
    const listed = store.list((problem) => output.complain(formatProblem(problem)));
    const labelled = listed.map((one) => ({ ...one, labels: labelsOf(one.run.path) }));
    const runs = labelled.filter((one) => isWanted(one, options));
    output.emit({ root: store.root, runs: runs.map((one) => ({ ...recordOf(one), labels: one.labels })) });
    if (output.json) return EXIT_CODES.done;
    if (runs.length === 0) {
      output.say(
        listed.length === 0
          ? `no runs in ${store.folder}\n  next: kd run FILE`
          : `none of ${listed.length} runs in ${store.folder} is asked for\n  next: kd runs --all`,
      );
      return EXIT_CODES.done;
    }
    const rows = runs.map(({ record, status, labels }) => [
      record.id,
      record.name,
      record.createdAt.slice(0, 16).replace('T', ' '),
      runText(record, status),
      labelsText(labels),
    ]);
    output.say(tableText(['run', 'name', 'started (UTC)', 'state', 'labels'], rows));
    const left = labelled.filter((one) => one.labels.archived && !runs.includes(one)).length;
    if (left > 0) output.say(`\n${left} archived; \`kd runs --all\` lists them too`);
    return EXIT_CODES.done;
  });
}

type LabelledRun = ListedRun & { readonly labels: ReturnType<typeof labelsOf> };

function isWanted({ record, status, labels }: LabelledRun, options: CommandOptions): boolean {
  const tags = options['tag'] as readonly string[];
  return (
    (options['all'] === true || !labels.archived) &&
    (options['starred'] !== true || labels.starred) &&
    tags.every((tag) => labels.tags.includes(tag)) &&
    (options['status'] === undefined || status === options['status']) &&
    (typeof options['config'] !== 'string' || record.config.includes(options['config']))
  );
}

/** A run in `--json`: its record without the way into its engine, and what is true about its status. */
export function recordOf({ run, record, status }: ListedRun): object {
  const { process: engine, ...rest } = record;
  const shown = engine === undefined ? {} : { process: { pid: engine.pid, host: engine.host } };
  return { ...rest, ...shown, status, directory: run.path };
}
