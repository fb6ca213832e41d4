import type { Dataset } from '../data/dataset.ts';
import { largest, logSoftmaxRow } from '../measures/rows.ts';
import type { Split } from '../protocol/records.ts';
import { addToAverages, emptyAverages, meansOf } from './averages.ts';
import { inOrder, realSamples } from './data.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { TeacherAnswers } from './teacher-answers.ts';

export interface Evaluation {
  /** `[samples, classes]` */
  readonly logits: Float32Array;
  /** `accuracy` (0..1) and `loss/ce` (nats), and where a teacher answers `loss/<term>`, unweighted. */
  readonly values: Record<string, number>;
}

/** The learner on a whole split, in inference, by hard labels alone. Every sample counts once. */
export async function predict(program: PhaseProgram, dataset: Dataset, split: Split): Promise<Evaluation> {
  const { classes } = program.plan;
  const { count, labels } = dataset.splits[split];
  const logits = new Float32Array(count * classes);
  for (const batch of inOrder(dataset, split, program.sizes.predict)) {
    const fetched = await program.run('predict', { images: batch.inputs });
    const rows = fetched['logits'] as Float32Array;
    logits.set(rows.subarray(0, batch.count * classes), (batch.indices[0] ?? 0) * classes);
  }
  return { logits, values: againstLabels(logits, labels, classes) };
}

/** As `predict`, with every term of the loss; the last batch has its own size, for terms that look across a batch. */
export async function evaluate(
  program: PhaseProgram,
  dataset: Dataset,
  split: Split,
  answers: TeacherAnswers,
  scalars: Readonly<Record<string, Float32Array>>,
): Promise<Evaluation> {
  const { classes } = program.plan;
  const { count, labels } = dataset.splits[split];
  const logits = new Float32Array(count * classes);
  const terms = emptyAverages();
  for (const batch of inOrder(dataset, split, program.sizes.predict)) {
    const graph = batch.count === program.sizes.evaluate ? 'evaluate' : 'evaluateLast';
    const feeds = { ...realSamples(batch), ...scalars, ...(await answers(batch)) };
    const { logits: rows, ...losses } = await program.run(graph, feeds);
    logits.set(rows as Float32Array, (batch.indices[0] ?? 0) * classes);
    const values = Object.entries(losses).map(([name, value]) => [name, value[0] ?? NaN] as const);
    addToAverages(terms, Object.fromEntries(values), batch.count);
  }
  return { logits, values: { ...againstLabels(logits, labels, classes), ...meansOf(terms) } };
}

/** Share of samples whose largest logit is their label, and mean cross-entropy in nats. */
function againstLabels(logits: Float32Array, labels: Int32Array, classes: number): Record<string, number> {
  let right = 0;
  let loss = 0;
  labels.forEach((label, n) => {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    if (largest(row) === label) right++;
    loss -= logSoftmaxRow(row)[label] ?? NaN;
  });
  return { accuracy: right / labels.length, 'loss/ce': loss / labels.length };
}
