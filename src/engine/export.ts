import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lowerToOnnx } from '../compiler/onnx/lower.ts';
import { encodeModel } from '../compiler/onnx/wire.ts';
import { withWeights } from '../compiler/onnx/with-weights.ts';
import { optimize } from '../compiler/optimize.ts';
import { tf, withBackend } from '../compiler/tfjs.ts';
import { trace } from '../compiler/trace.ts';
import { loadExperiment } from '../config/load.ts';
import type { Dataset } from '../data/dataset.ts';
import { loadOnnxModel } from '../executors/onnx-file.ts';
import { onnxCpu } from '../executors/onnx-cpu.ts';
import { largest } from '../measures/rows.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { UserError, type Problem } from '../protocol/errors.ts';
import type { ExportReport, ParityReport } from '../protocol/export.ts';
import { replaceFile, writing } from '../runs/disk.ts';
import { RunDirectory } from '../runs/directory.ts';
import { writeSafetensors } from '../runs/safetensors.ts';
import type { StoredTensor } from '../runs/writer.ts';
import { inOrder } from '../training/data.ts';
import { measureImages } from '../training/evaluate-images.ts';
import { dataOfPhase } from '../training/phase-data.ts';
import { inferenceStep, keptGraph, trainedModel, type TrainedModel } from '../training/inference.ts';
import { keptTensors } from '../training/kept.ts';
import { describe } from '../models/describe.ts';
import type { ModelGraph } from '../models/description.ts';
import { plainModel } from '../models/plain-model.ts';
import { modelCard } from './model-card.ts';
import { openDataset } from './open-experiment.ts';

type Tensors = Readonly<Record<string, StoredTensor>>;

/** Samples of a batch in which the product's own executor answers. */
const REFERENCE_BATCH = 32;

export interface ExportRequest {
  readonly directory: string;
  /** `student-1` */
  readonly model: string;
  readonly format: 'onnx' | 'safetensors';
  /** Absolute path of the file; the model card lies beside it. */
  readonly out: string;
  /** Samples that the ONNX model takes at once. */
  readonly batch: number;
}

/** Writes a trained model of a run alone, with its model card, and prints the report as JSON. Returns the exit code. */
export async function exportModel(request: ExportRequest): Promise<number> {
  const { directory, model, format, out } = request;
  const run = new RunDirectory(directory);
  const record = run.record();
  const kept = keptWeights(run, model);
  const { experiment } = loadExperiment({ file: record.config, root: record.root, text: run.config() });
  if (experiment === null) {
    throw new UserError({
      code: 'KD5024',
      message: 'the experiment of this run can no longer be read as it was run',
      help: 'put back the base files and models that it refers to',
      file: join(directory, 'config.yaml'),
    });
  }
  const whole = await openDataset(experiment, record.root);
  const trained = trainedModel(experiment, whole.splits.train.count, model, kept.tensors);
  const dataset = dataOfPhase(experiment, trained.job.phase, whole);
  const { best, problems } = kept;
  const tensors = best === null ? kept.tensors : keptTensors(trained.learner, kept.tensors);
  const parity =
    format === 'onnx'
      ? await writeOnnx(request, trained, tensors, dataset)
      : writeTensors(out, tensors, dataset);
  const card = `${out}.md`;
  place(card, (path) =>
    writeFileSync(path, modelCard({ record, request, trained, tensors, dataset, parity, best })),
  );
  const epoch = best === null ? {} : { bestEpoch: best.epoch };
  const report: ExportReport = {
    ...{ run: record.id, model, format, file: out, card, parity },
    ...epoch,
    ...(problems.length === 0 ? {} : { problems }),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

/** The weights of a finished model, or the best so far of one that is not. */
function keptWeights(run: RunDirectory, model: string) {
  if (run.models().includes(model)) return { tensors: run.model(model), best: null, problems: [] };
  const problems: Problem[] = [];
  const best = run.bestOf(model, (problem) => problems.push(problem));
  return { tensors: best.tensors, best, problems };
}

/** Names of the classes in the order of the logits, as files of either format carry them. */
function classesOf({ classes }: Dataset): Readonly<Record<string, string>> {
  return { classes: JSON.stringify(classes) };
}

function writeTensors(out: string, tensors: Tensors, dataset: Dataset): null {
  place(out, (path) => {
    // The writer wants a new file; a killed process of this number may have left one.
    rmSync(path, { force: true });
    writeSafetensors(path, tensors, classesOf(dataset));
  });
  return null;
}

async function writeOnnx(
  { out, batch, model }: ExportRequest,
  trained: TrainedModel,
  tensors: Tensors,
  dataset: Dataset,
): Promise<ParityReport | null> {
  const graph = keptGraph(trained);
  const plain = withBackend('cpu', () => plainModel(tf, graph, tensors));
  const { step, specs } = inferenceStep(plain.graph, batch, dataset.shape);
  const weights = Object.fromEntries(Object.entries(plain.tensors).map(([name, { data }]) => [name, data]));
  const onnx = withWeights(lowerToOnnx(optimize(trace(model, step, specs))), weights, plain.codes);
  const bytes = encodeModel({ ...onnx, metadata: classesOf(dataset) });
  // Compared before it is there: a file that computes something else is never left behind.
  const parity = await compare(bytes, batch, graph, tensors, dataset);
  place(out, (path) => writeFileSync(path, bytes));
  return parity;
}

/**
 * The written model on ONNX Runtime against the product's own compiled model, sample by sample over the validation split.
 * Null where there is no validation split.
 */
async function compare(
  bytes: Uint8Array,
  batch: number,
  graph: ModelGraph,
  tensors: Tensors,
  dataset: Dataset,
): Promise<ParityReport | null> {
  const { count, labels } = dataset.splits.validation;
  if (count === 0) return null;
  const width = describe(graph).classes;
  const exported = await loadOnnxModel(bytes);
  const got = new Float32Array(count * width);
  for (const one of inOrder(dataset, 'validation', batch)) {
    const logits = await exported.run('images', one.inputs, [batch, ...dataset.shape], 'logits');
    got.set(logits.subarray(0, one.count * width), (one.indices[0] ?? 0) * width);
  }
  const { step, specs } = inferenceStep(graph, REFERENCE_BATCH, dataset.shape);
  const program = await onnxCpu().load({ predict: trace('predict', step, specs) }, {});
  const want = new Float32Array(count * width);
  const weights = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  for (const one of inOrder(dataset, 'validation', REFERENCE_BATCH)) {
    const { logits } = await program.run('predict', { ...weights, images: one.inputs });
    want.set((logits as Float32Array).subarray(0, one.count * width), (one.indices[0] ?? 0) * width);
  }
  await program.dispose();
  return {
    samples: count,
    largestDifference: want.reduce((most, value, at) => Math.max(most, Math.abs(value - (got[at] ?? 0))), 0),
    largestOutput: want.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    ...(graph.reconstructs === undefined
      ? accuraciesOf([want, got], labels, width)
      : imagesOf([want, got], dataset)),
    runtime: exported.runtime,
  };
}

type Quality = Pick<ParityReport, 'accuracy' | 'accuracyDifference' | 'psnr' | 'psnrDifference'>;

/** @param answers of the model as it was trained, and as it was exported */
function accuraciesOf(answers: readonly Float32Array[], labels: Int32Array, width: number): Quality {
  const [here = 0, there = 0] = answers.map((logits) => accuracyOf(logits, labels, width));
  return { accuracy: there, accuracyDifference: there - here };
}

function imagesOf(answers: readonly Float32Array[], dataset: Dataset): Quality {
  const [here = NaN, there = NaN] = answers.map(
    (images) => measureImages(images, dataset, 'validation', 'l1').psnr,
  );
  return { accuracy: null, accuracyDifference: null, psnr: there, psnrDifference: there - here };
}

function accuracyOf(logits: Float32Array, labels: Int32Array, classes: number): number {
  const right = labels.filter(
    (label, at) => largest(logits.subarray(at * classes, (at + 1) * classes)) === label,
  );
  return right.length / labels.length;
}

/** As `replaceFile`, in a folder that may not be there yet. */
function place(path: string, write: (aside: string) => void): void {
  writing(path, () => mkdirSync(dirname(path), { recursive: true }));
  replaceFile(path, write);
}
