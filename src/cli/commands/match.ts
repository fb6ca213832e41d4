import { existsSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { findMethod } from '../../methods/index.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { UserError } from '../../protocol/errors.ts';
import {
  DEFAULT_OPTIONS,
  type MatchedPair,
  type MatchOptions,
} from '../../protocol/layer-matching/match-layers.ts';
import { reasonText } from '../../protocol/layer-matching/reason-text.ts';
import type { MatchReport, SimilarityMeasure } from '../../protocol/records.ts';
import { writeAblation } from '../../runs/ablation-files.ts';
import { storeHere, type CommandContext } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { usableFile } from '../experiment-file.ts';
import { matchText, rankedPairs, snippet } from '../match-text.ts';

const MEASURES: Readonly<Record<string, SimilarityMeasure>> = {
  linear: 'linearCka',
  rbf: 'rbfCka',
  distance: 'distanceCorrelation',
};

/** `kd match RUN|FILE` */
export function addMatch(program: Command): void {
  const command = program
    .command('match')
    .description(
      'Which layers of teacher and student to match: ranked pairs with similarity, adapter and cost',
    );
  command
    .argument(
      '<run-or-file>',
      'a run id, a unique prefix of one, a run directory, "latest", or an experiment file',
    )
    .option(
      '--method <name>',
      'whose adapters are sized; default: the first of the experiment that matches layers, else at',
    )
    .option('--pairs <number>', 'how many pairs, at most', String(DEFAULT_OPTIONS.pairs))
    .addOption(
      new Option('--similarity <measure>', 'by which they are ranked')
        .choices(Object.keys(MEASURES))
        .default('linear'),
    )
    .option('--one-to-many', 'one teacher layer may teach several student layers')
    .option('--any-order', 'pairs may cross')
    .option('--all-layers', 'blocks within the stages of the student too')
    .option('--ablation', 'write experiments beside the config: with these pairs, with others, and without')
    .option('--teacher <run>', 'of an experiment file: take the teacher’s weights from this run');
  defineCommand(command, async (context, [target = ''], given) => {
    const method = methodOf(given['method']);
    const options: MatchOptions = {
      pairs: numberOf(given['pairs']),
      order: given['anyOrder'] === true ? 'free' : 'kept',
      shared: given['oneToMany'] === true,
      students: given['allLayers'] === true ? 'all' : 'main',
    };
    const measure = MEASURES[String(given['similarity'])] ?? 'linearCka';
    const teacher = typeof given['teacher'] === 'string' ? given['teacher'] : null;
    const report = await measured(context, target, { method, teacher });
    if (report === null) return EXIT_CODES.failure;
    const pairs = rankedPairs(report, measure, options);
    const files = given['ablation'] === true ? ablationFiles(context, target, report, pairs) : [];
    if (files === null) return EXIT_CODES.failure;
    const { output } = context;
    output.emit({
      ...{ ...report, measure, options, ablation: files },
      pairs: pairs.map((pair) => ({ ...pair, words: reasonText(pair) })),
      yaml: pairs.length === 0 ? null : snippet(report, pairs),
    });
    if (output.json) return EXIT_CODES.done;
    output.say(matchText(report, pairs, measure));
    if (files.length > 0) {
      const names = files.map((file) => relative(context.folder, file));
      output.say(
        `\nwrote\n${names.map((name) => `  ${name}`).join('\n')}\nnext: kd queue add ${names.join(' ')}`,
      );
    }
    return EXIT_CODES.done;
  });
}

/** Null where the file has errors, which were told. */
async function measured(
  context: CommandContext,
  target: string,
  options: { readonly method: string | null; readonly teacher: string | null },
): Promise<MatchReport | null> {
  const { folder, output } = context;
  if (!isFile(resolve(folder, target))) {
    const run = storeHere(context).open(target);
    return (await askEngine(['match', 'run', run.path, '', JSON.stringify(options)])) as MatchReport;
  }
  const checked = usableFile(target, folder, { output, done: 'compared' });
  if (checked === null) return null;
  return (await askEngine([
    'match',
    'config',
    checked.file,
    checked.root,
    JSON.stringify(options),
  ])) as MatchReport;
}

/** Paths of the experiments that tell whether the pairs are worth matching; null where the config has errors, which were told. */
function ablationFiles(
  context: CommandContext,
  target: string,
  report: MatchReport,
  pairs: readonly MatchedPair[],
): readonly string[] | null {
  const { folder, output } = context;
  const config = isFile(resolve(folder, target)) ? target : storeHere(context).open(target).record().config;
  const checked = usableFile(config, folder, { output, done: 'written' });
  if (checked === null) return null;
  const { file, effective } = checked;
  const names = pairs.map(({ teacher, student }) => ({ teacher: teacher.name, student: student.name }));
  return writeAblation({ file, effective, meeting: report.meeting, pairs: names });
}

function isFile(path: string): boolean {
  return path.endsWith('.yaml') || (existsSync(path) && statSync(path).isFile());
}

/** @throws UserError KD7003 where there is no such method, KD7002 where it matches no layers */
function methodOf(given: unknown): string | null {
  if (typeof given !== 'string') return null;
  const method = findMethod(given);
  if (method === undefined) {
    throw new UserError({
      code: 'KD7003',
      message: `there is no method "${given}"`,
      help: '`kd methods` lists the catalogue',
    });
  }
  if (method.needs.pairs !== undefined) return given;
  throw new UserError({
    code: 'KD7002',
    message: `--method ${given}: it matches no layers`,
    help: 'name one that does, for instance fitnet, at or sp',
  });
}

function numberOf(given: unknown): number {
  const text = String(given);
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new UserError({
    code: 'KD7002',
    message: `--pairs ${text}: not a number of pairs`,
    help: 'write for instance --pairs 3',
  });
}
