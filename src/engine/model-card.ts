import type { Dataset } from '../data/dataset.ts';
import type { DegradationSettings } from '../data/degradation.ts';
import { describe } from '../models/describe.ts';
import { parityText, type ParityReport } from '../protocol/export.ts';
import type { JsonNumber, RunRecord } from '../protocol/records.ts';
import { verdictText } from '../protocol/run-text.ts';
import { keptColumns } from '../random/undersampling.ts';
import type { BestWeights, StoredTensor } from '../runs/writer.ts';
import type { TrainedModel } from '../training/inference.ts';
import type { ExportRequest } from './export.ts';

interface Card {
  readonly record: RunRecord;
  readonly request: ExportRequest;
  readonly trained: TrainedModel;
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly dataset: Dataset;
  readonly parity: ParityReport | null;
  /** Of a model that has not finished training, what it is; else null. */
  readonly best: Omit<BestWeights, 'tensors'> | null;
}

/** Where a model comes from, what it takes and says, and how good it is: Markdown. */
export function modelCard(card: Card): string {
  const { record, request, trained } = card;
  return `${[
    `# ${request.model} of ${record.name}`,
    `${article(trained.learner.kept.architecture)} trained by KD Workbench; run \`${record.id}\`.`,
    section('What it takes and says', useOf(card)),
    section('How good it is', qualityOf(card)),
    section('Against the model as it was trained', parityOf(card)),
    section('Where it comes from', provenanceOf(card)),
  ].join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

function article(architecture: string): string {
  return `${/^[aeiou]/i.test(architecture) ? 'An' : 'A'} \`${architecture}\``;
}

function useOf({ request, dataset, trained, tensors }: Card): string[] {
  const { mean, deviation } = dataset.normalization;
  const { parameters, multiplyAdds } = describe(trained.learner.kept);
  const input =
    request.format === 'onnx'
      ? [
          `input \`images\`: float32 [${[request.batch, ...dataset.shape].join(', ')}] (batch, height, width, channels)`,
        ]
      : [`${Object.keys(tensors).length} tensors by name, in TensorFlow.js layout (NHWC, HWIO)`];
  return [
    ...input,
    `each channel as (value - mean) / deviation, bytes counted as 0 to 1: mean ${listed(mean)}, deviation ${listed(deviation)}`,
    ...(dataset.degradation === undefined ? [] : [poorText(dataset.degradation, dataset.shape[1])]),
    outputOf(trained, dataset),
    `${parameters.toLocaleString('en-US')} parameters, ${multiplyAdds.toLocaleString('en-US')} multiply-adds an image`,
  ];
}

function outputOf({ learner }: TrainedModel, { classes }: Dataset): string {
  const { reconstructs } = learner.kept;
  return reconstructs === undefined
    ? `output \`logits\`: one number a class: ${classes.join(', ')}`
    : `output \`logits\`: the image, ${reconstructs.join(' x ')} (height, width, channels) row by row, in the units of the input`;
}

/** What the images that it reads lack. */
function poorText(settings: DegradationSettings, width: number): string {
  const kept = keptColumns(width, settings).flatMap((one, column) => (one === 1 ? [column] : []));
  return `it reads images of which these columns of the spectrum were measured, and all others are zero: ${kept.join(', ')} of 0 to ${width - 1}`;
}

function listed(numbers: readonly number[]): string {
  return `[${numbers.map((value) => Number(value.toPrecision(7))).join(', ')}]`;
}

function qualityOf({ record, trained, best }: Card): string[] {
  const { job, learner } = trained;
  if (best !== null) {
    return [
      `it has not finished training: these are the best weights so far, of epoch ${best.epoch + 1} of ${job.phase.epochs}`,
      `validation split, by which they were chosen: ${valuesOf(best.values)}`,
      'the test split has not been read',
    ];
  }
  const phase = learner.prefix === '' ? job.phase.name : learner.instance;
  const result = record.results?.phases.find((one) => one.phase === phase && one.seed === job.seed);
  if (result === undefined) return ['the run has no results yet'];
  const { verdict } = record.results ?? { verdict: null };
  return [
    `test split, read once: ${valuesOf(result.test)}`,
    `validation split, by which these weights were chosen (epoch ${result.bestEpoch + 1}): ${valuesOf(result.validation)}`,
    ...(verdict === null ? [] : [`distillation over all seeds: ${verdictText(verdict)}`]),
  ];
}

function valuesOf(values: Readonly<Record<string, JsonNumber>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? value.toPrecision(4) : value}`)
    .join(', ');
}

function parityOf({ request, parity }: Card): string[] {
  if (request.format !== 'onnx') return ['the same weights, bit for bit'];
  if (parity === null) return ['not compared: the experiment has no validation split'];
  return [
    `${parity.samples} samples of the validation split on ${parity.runtime}`,
    `largest difference of an output: ${parity.largestDifference.toExponential(2)} (largest output ${parity.largestOutput.toPrecision(3)})`,
    parityText(parity),
  ];
}

function provenanceOf({ record, trained, dataset }: Card): string[] {
  const { environment } = record;
  const { plan, job } = trained;
  const teachers = plan.teachers.map(({ model }) => model).join(', ');
  const terms = trained.learner.lessons.map(({ id }) => id).join(', ');
  return [
    `phase ${job.phase.name}, seed ${job.seed}${teachers === '' ? '' : `, taught by ${teachers}`}${terms === '' ? '' : ` through ${terms}`}`,
    `config SHA-256 ${record.configHash}`,
    `data SHA-256 ${record.dataHash ?? dataset.hash}`,
    `started ${record.startedAt ?? 'unknown'}, finished ${record.finishedAt ?? 'not yet'}`,
    ...(environment === undefined
      ? []
      : [
          `KD Workbench ${environment.product}, Node ${environment.node}, ${environment.platform}, executor ${environment.executor}`,
        ]),
    'what served training alone (adapters, branches, memories, optimizer) is not in it',
  ];
}
