import type { Dataset } from '../data/dataset.ts';
import type { Feeds } from '../executors/executor.ts';
import { measureClassification, type ClassificationMeasures } from '../measures/classification.ts';
import type { Split } from '../protocol/records.ts';
import { addToAverages, emptyAverages, meansOf } from './averages.ts';
import { inOrder, realSamples } from './data.ts';
import { measureImages } from './evaluate-images.ts';
import { predictGraph, type PhaseProgram } from './phase-program.ts';
import type { Learner, PhasePlan } from './plan.ts';
import { answeringLesson } from './steps.ts';
import type { TeacherAnswers } from './teacher-answers.ts';

export interface Evaluation {
  /** `[samples, classes]`, of the first learner */
  readonly logits: Float32Array;
  /**
   * `accuracy` (0..1), `loss/ce` (nats) and the other measures (of images `psnr` and `inputPsnr` (dB), `ssim`, `loss/image`), and
   * where somebody teaches `loss/<term>`, unweighted; those of peers with their prefix.
   */
  readonly values: Record<string, number>;
  /** Milliseconds of each whole batch. */
  readonly batchMilliseconds: readonly number[];
  /** Of each learner by its prefix: samples of class i that are named j; empty where images are the answers. */
  readonly confusions: Readonly<Record<string, ClassificationMeasures['confusion']>>;
}

/** One learner on a whole split, in inference, by hard labels alone. Every sample counts once. */
export async function predict(
  program: PhaseProgram,
  dataset: Dataset,
  split: Split,
  learner: Learner,
  scalars: Feeds = {},
): Promise<Evaluation> {
  const { plan, sizes } = program;
  const { count } = dataset.splits[split];
  const logits = new Float32Array(count * plan.classes);
  const batchMilliseconds: number[] = [];
  for (const batch of inOrder(dataset, split, sizes.predict)) {
    const started = performance.now();
    const fetched = await program.run(predictGraph(plan, learner), { ...scalars, images: batch.inputs });
    batchMilliseconds.push(performance.now() - started);
    const rows = fetched['logits'] as Float32Array;
    logits.set(rows.subarray(0, batch.count * plan.classes), (batch.indices[0] ?? 0) * plan.classes);
  }
  const { values, confusion } = measured(logits, dataset, split, plan, learner);
  return { logits, values, batchMilliseconds, confusions: { [learner.prefix]: confusion } };
}

/** As `predict` for all learners, with every term of their losses; the last batch has its own size, for terms that look across a batch. */
export async function evaluate(
  program: PhaseProgram,
  dataset: Dataset,
  split: Split,
  answers: TeacherAnswers,
  scalars: Feeds,
): Promise<Evaluation> {
  const { classes, learners, learner } = program.plan;
  const { count } = dataset.splits[split];
  const said = new Map<string, Float32Array>(
    learners.map(({ prefix }) => [prefix, new Float32Array(count * classes)]),
  );
  const terms = emptyAverages();
  for (const batch of inOrder(dataset, split, program.sizes.predict)) {
    const graph = batch.count === program.sizes.evaluate ? 'evaluate' : 'evaluateLast';
    const feeds = { ...realSamples(batch), ...scalars, ...(await answers(batch)) };
    const losses: Record<string, number> = {};
    for (const [name, values] of Object.entries(await program.run(graph, feeds))) {
      const own = name.endsWith('logits') ? said.get(name.slice(0, -'logits'.length)) : undefined;
      if (own === undefined) losses[name] = values[0] ?? NaN;
      else own.set(values, (batch.indices[0] ?? 0) * classes);
    }
    addToAverages(terms, losses, batch.count);
  }
  const values = meansOf(terms);
  const confusions: Record<string, ClassificationMeasures['confusion']> = {};
  for (const one of learners) {
    // A learner with another classifier answers by a graph of its own.
    const answering =
      answeringLesson(one) === null ? null : await predict(program, dataset, split, one, scalars);
    if (answering !== null) said.set(one.prefix, answering.logits);
    const logits = said.get(one.prefix) ?? new Float32Array();
    const own = measured(logits, dataset, split, program.plan, one);
    Object.assign(values, own.values);
    confusions[one.prefix] = own.confusion;
  }
  const logits = said.get(learner.prefix) ?? new Float32Array();
  return { logits, values, batchMilliseconds: [], confusions };
}

/** What is recorded of the answers to a split, under its name in the records. */
function measured(
  logits: Float32Array,
  dataset: Dataset,
  split: Split,
  { classes, imageLoss, measured: asked }: PhasePlan,
  { prefix }: Learner,
) {
  if (imageLoss !== null) {
    const ofImages = Object.entries(measureImages(logits, dataset, split, imageLoss));
    return {
      values: Object.fromEntries(ofImages.map(([name, value]) => [prefix + name, value])),
      confusion: [],
    };
  }
  const { labels } = dataset.splits[split];
  const { crossEntropy, confusion, ...shares } = measureClassification(logits, labels, classes);
  const named = Object.entries({ ...shares, 'loss/ce': crossEntropy }).filter(([name]) => asked.has(name));
  return {
    values: Object.fromEntries(named.map(([name, value]) => [prefix + name, value])),
    confusion,
  };
}
