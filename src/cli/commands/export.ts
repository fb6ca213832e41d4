import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { formatProblem, UserError } from '../../protocol/errors.ts';
import { parityText, type ExportReport } from '../../protocol/export.ts';
import { metricsCsv, type RunDirectory } from '../../runs/index.ts';
import { writeFully, writing } from '../../runs/disk.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import { recordOf } from './runs.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

const FORMATS = ['onnx', 'safetensors', 'csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** `kd export RUN --format onnx|safetensors|csv|json [--model NAME] [--out PATH] [--batch N]` */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('Write a trained model alone, with model card, or what was measured as a table');
  command
    .argument(...RUN_ARGUMENT)
    .addOption(
      new Option(
        '--format <format>',
        'onnx, safetensors: a model; csv: every metrics record; json: all records',
      )
        .choices(FORMATS)
        .makeOptionMandatory(),
    )
    .option('--model <name>', 'which model, as `kd show` lists them; default: the student of the lowest seed')
    .option('--out <path>', 'the file to write; default: named after run and model, in the current folder')
    .option('--batch <number>', 'samples that an ONNX model takes at once', '1');
  defineCommand(command, async (context, [reference = ''], options) => {
    const { output, folder } = context;
    const run = storeHere(context).open(reference);
    const format = options['format'] as Format;
    const place = (name: string) =>
      resolve(folder, typeof options['out'] === 'string' ? options['out'] : name);
    if (format === 'csv' || format === 'json') {
      const file = place(`${run.id}.${format}`);
      writePieces(file, format === 'csv' ? metricsCsv(() => run.metricsInBlocks()) : recordsJson(run));
      output.emit({ run: run.id, format, file });
      if (!output.json) output.say(`wrote ${file}`);
      return EXIT_CODES.done;
    }
    const batch = String(options['batch']);
    if (!/^[1-9]\d{0,5}$/.test(batch)) {
      throw new UserError({
        code: 'KD7002',
        message: `--batch ${batch}: not a number of samples`,
        help: 'write for instance --batch 64',
      });
    }
    const model = typeof options['model'] === 'string' ? options['model'] : modelOf(run);
    const out = place(`${run.id}-${model}.${format}`);
    const report = (await askEngine(['export', run.path, model, format, out, batch])) as ExportReport;
    for (const problem of report.problems ?? []) output.complain(`${formatProblem(problem)}\n`);
    output.emit(report);
    if (!output.json) output.say(reportText(report));
    return EXIT_CODES.done;
  });
}

/**
 * The student of the lowest seed, or the only model; one that has not finished training where there is no other. Throws KD7008
 * where neither is there.
 */
function modelOf(run: RunDirectory): string {
  const names = [...run.models(), ...run.bestSoFar().map(({ model }) => model)];
  const seeds = names.flatMap((name) => /^student-(\d+)$/.exec(name)?.slice(1).map(Number) ?? []);
  if (seeds.length > 0) return `student-${Math.min(...seeds)}`;
  const [only, second] = names;
  if (only !== undefined && second === undefined) return only;
  throw new UserError({
    code: 'KD7008',
    message:
      only === undefined
        ? `run ${run.id} holds no trained model yet`
        : `run ${run.id} holds several models and none called "student"`,
    help:
      only === undefined
        ? 'wait until its first epoch has been validated'
        : `choose one with --model: ${names.join(', ')}`,
  });
}

function* recordsJson(run: RunDirectory): Generator<string, void, void> {
  const record = run.record();
  const head = { run: recordOf({ run, record, status: run.status(record) }), verdict: run.verdict() };
  yield `${JSON.stringify(head).slice(0, -1)},"metrics":[`;
  let first = true;
  for (const block of run.metricsInBlocks()) {
    for (const one of block) {
      yield `${first ? '' : ','}\n${JSON.stringify(one)}`;
      first = false;
    }
  }
  const rest = {
    events: run.events(),
    gap: run.gap(),
    similarity: run.similarity(),
    attention: run.attention(),
    layers: run.layers(),
    pictures: run.pictures(),
  };
  yield `\n],${JSON.stringify(rest).slice(1)}\n`;
}

function writePieces(file: string, pieces: Iterable<string>): void {
  writing(file, () => {
    const descriptor = openSync(file, 'w');
    try {
      for (const piece of pieces) writeFully(descriptor, Buffer.from(piece));
    } finally {
      closeSync(descriptor);
    }
  });
}

function reportText({ file, card, parity, format, bestEpoch }: ExportReport): string {
  const lines = [`wrote ${file}`, `wrote ${card}`];
  if (bestEpoch !== undefined)
    lines.push(`training has not finished: the best weights so far, of epoch ${bestEpoch + 1}`);
  if (parity !== null) {
    lines.push(
      `${parity.samples} validation samples on ${parity.runtime}: largest output difference ${parity.largestDifference.toExponential(2)}, ${parityText(parity)}`,
    );
  } else if (format === 'onnx') lines.push('not compared: the experiment has no validation split');
  return lines.join('\n');
}
