import type { MeasureRhythm } from '../config/experiment.ts';
import { largest, logSoftmaxRow } from '../measures/rows.ts';
import type { Dataset } from '../data/dataset.ts';
import { inOrder } from './data.ts';
import type { PhaseProgram } from './phase-program.ts';
import { answerNames } from './say.ts';
import type { TeacherAnswers } from './teacher-answers.ts';

/** Whether something is measured after this epoch; always after the last. */
export function isDue({ enabled, everyEpochs }: MeasureRhythm, epoch: number, epochs: number): boolean {
  return enabled && ((epoch + 1) % everyEpochs === 0 || epoch + 1 === epochs);
}

/**
 * What the teachers say on the validation split, `[samples, classes]`: of several the logarithm of the mean of their
 * probabilities. Null where there is none.
 */
export async function validationLogits(
  program: PhaseProgram,
  dataset: Dataset,
  answers: TeacherAnswers,
): Promise<Float32Array | null> {
  const { classes, teachers } = program.plan;
  if (teachers.length === 0) return null;
  const logits = new Float32Array(dataset.splits.validation.count * classes);
  for (const batch of inOrder(dataset, 'validation', program.sizes.predict)) {
    const answered = await answers(batch);
    const said = teachers.map(({ instance }) => answered[answerNames(instance).logits] as Float32Array);
    logits.set(together(said, classes), (batch.indices[0] ?? 0) * classes);
  }
  return logits;
}

/** How often each teacher names the right class on validation, 0..1, by instance; empty where nobody is combined by that. */
export async function teacherScores(
  program: PhaseProgram,
  dataset: Dataset,
  answers: TeacherAnswers,
): Promise<ReadonlyMap<string, number>> {
  const { classes, teachers, learners } = program.plan;
  const { count } = dataset.splits.validation;
  const asked = learners.some(({ lessons }) => lessons.some(({ combine }) => combine.kind === 'byScore'));
  if (!asked || count === 0) return new Map();
  const right = new Map(teachers.map(({ instance }) => [instance, 0]));
  for (const batch of inOrder(dataset, 'validation', program.sizes.predict)) {
    const answered = await answers(batch);
    for (const { instance } of teachers) {
      const said = answered[answerNames(instance).logits] as Float32Array;
      for (let n = 0; n < batch.count; n++) {
        if (largest(said.subarray(n * classes, (n + 1) * classes)) === batch.labels[n])
          right.set(instance, (right.get(instance) ?? 0) + 1);
      }
    }
  }
  return new Map([...right].map(([instance, hits]) => [instance, hits / count]));
}

/** Logits of one, or the logarithm of the mean of the probabilities of several; `[samples, classes]` each. */
export function together(said: readonly Float32Array[], classes: number): Float32Array {
  const [first = new Float32Array(), ...others] = said;
  if (others.length === 0) return first;
  const mean = new Float32Array(first.length);
  for (const logits of said) {
    for (let at = 0; at < logits.length; at += classes) {
      logSoftmaxRow(logits.subarray(at, at + classes)).forEach((value, k) => {
        mean[at + k] = (mean[at + k] ?? 0) + Math.exp(value) / said.length;
      });
    }
  }
  return mean.map((probability) => Math.log(Math.max(probability, 1e-37)));
}
