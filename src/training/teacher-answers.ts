import type { NumericArray } from '../compiler/graph.ts';
import type { TrainSettings } from '../config/experiment.ts';
import type { Batch } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { DataSettings } from '../data/settings.ts';
import type { Feeds } from '../executors/executor.ts';
import type { Split } from '../protocol/records.ts';
import { inOrder } from './data.ts';
import { answersGraph, type PhaseProgram } from './phase-program.ts';
import type { PlannedModel } from './plan.ts';
import { answerNames } from './say.ts';
import { passAt } from './step-feeds.ts';
import { passGraph } from './steps.ts';

/** Answers to a whole split stay in memory up to this size, of all teachers together; larger ones are asked for batch by batch. */
const STORED_BYTES = 512 * 2 ** 20;

/** What frozen models say to the samples of a batch, padding left out, by the names the graphs of a phase take it under. */
export type TeacherAnswers = (batch: Batch) => Promise<Feeds>;

/** What several say. */
export function together(all: readonly TeacherAnswers[]): TeacherAnswers {
  return async (batch) => {
    const feeds: Feeds[] = [];
    for (const answers of all) feeds.push(await answers(batch));
    return Object.assign({}, ...feeds) as Feeds;
  };
}

/** Each batch is asked about when it comes. */
export function liveAnswers(program: PhaseProgram, model: PlannedModel): TeacherAnswers {
  return (batch) => ask(program, model, batch);
}

/**
 * Answers to the samples of a split that always look the same: the teacher runs once over all of them. Where they do not
 * fit in memory, or where every epoch shows another view (`augmented`), it runs once for each view.
 */
export async function teacherAnswers(
  program: PhaseProgram,
  model: PlannedModel,
  dataset: Dataset,
  split: Split,
  augmented: boolean,
): Promise<TeacherAnswers> {
  const { count } = dataset.splits[split];
  if (!areAnswersStored(program.answerSize, count, augmented)) return liveAnswers(program, model);
  const stored = new Map<string, { readonly row: number; readonly values: Float32Array }>();
  for (const batch of inOrder(dataset, split, program.sizes.predict)) {
    for (const [name, values] of Object.entries(await ask(program, model, batch))) {
      const row = values.length / batch.count;
      const whole = stored.get(name) ?? { row, values: new Float32Array(row * count) };
      stored.set(name, whole);
      whole.values.set(values, (batch.indices[0] ?? 0) * row);
    }
  }
  return ({ indices, count: size }) => {
    const wanted = indices.subarray(0, size);
    const picked = [...stored].map(([name, { row, values }]) => [name, pick(values, row, wanted)] as const);
    return Promise.resolve(Object.fromEntries(picked));
  };
}

/** Whether every epoch shows teachers another view of each sample: augmented, or mixed with others. */
export function alwaysNew(
  { augment, teacherView }: Pick<DataSettings, 'augment' | 'teacherView'>,
  { mixing = [] }: Pick<TrainSettings, 'mixing'>,
): boolean {
  return (augment.length > 0 && teacherView !== 'plain') || mixing.length > 0;
}

/** Whether a teacher that says `answerSize` numbers to each of `count` samples answers once for all epochs. */
export function areAnswersStored(answerSize: number, count: number, augmented: boolean): boolean {
  return !augmented && answerSize * count * Float32Array.BYTES_PER_ELEMENT <= STORED_BYTES;
}

async function ask(
  program: PhaseProgram,
  model: PlannedModel,
  { inputs, labels, count }: Batch,
): Promise<Feeds> {
  const fetched = await program.run(answersGraph(model), { images: inputs });
  const real = (values: NumericArray) => values.subarray(0, (values.length / labels.length) * count);
  const said = Object.fromEntries(Object.entries(fetched).map(([name, values]) => [name, real(values)]));
  const { passes = 0 } = program.plan.answers.get(model.instance) ?? {};
  if (passes === 0) return said;
  const all = await passesOf(program, model, inputs, { passes, seed: program.plan.answerSeed });
  return { ...said, [answerNames(model.instance).passes]: real(all) };
}

/** What random passes of a Bayesian model say to a batch, `[batch, passes, classes]`, padding included. */
export async function passesOf(
  program: PhaseProgram,
  model: PlannedModel,
  images: Float32Array,
  { passes, seed }: { readonly passes: number; readonly seed: number },
): Promise<Float32Array> {
  let all = new Float32Array();
  const { classes } = program.plan;
  for (let pass = 0; pass < passes; pass++) {
    const feeds = { images, ...passAt(model, seed, pass) };
    const { logits = new Float32Array() } = await program.run(passGraph(model), feeds);
    if (pass === 0) all = new Float32Array(logits.length * passes);
    for (let sample = 0; sample * classes < logits.length; sample++)
      all.set(logits.subarray(sample * classes, (sample + 1) * classes), (sample * passes + pass) * classes);
  }
  return all;
}

function pick(values: Float32Array, row: number, indices: Int32Array): Float32Array {
  const picked = new Float32Array(indices.length * row);
  indices.forEach((index, i) => picked.set(values.subarray(index * row, (index + 1) * row), i * row));
  return picked;
}
