import type { MeasureRhythm } from '../config/experiment.ts';
import { linearCka } from '../measures/cka.ts';
import { measureGap } from '../measures/gap.ts';
import { jsonNumber } from '../measures/rows.ts';
import type { NumericArray } from '../compiler/graph.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { Dataset } from '../data/dataset.ts';
import { inOrder } from './data.ts';
import type { Job } from './jobs.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { TeacherAnswers } from './teacher-answers.ts';

/** Whether something is measured after this epoch; always after the last. */
export function isDue({ enabled, everyEpochs }: MeasureRhythm, epoch: number, epochs: number): boolean {
  return enabled && ((epoch + 1) % everyEpochs === 0 || epoch + 1 === epochs);
}

/** Teacher's logits on the validation split, `[samples, classes]`. */
export async function validationLogits(
  program: PhaseProgram,
  dataset: Dataset,
  answers: TeacherAnswers,
): Promise<Float32Array> {
  const { classes } = program.plan;
  const logits = new Float32Array(dataset.splits.validation.count * classes);
  for (const batch of inOrder(dataset, 'validation', program.sizes.predict)) {
    const answered = await answers(batch);
    logits.set(answered['teacher:logits'] as Float32Array, (batch.indices[0] ?? 0) * classes);
  }
  return logits;
}

export function recordGap(
  writer: RunWriter,
  job: Job,
  epoch: number,
  dataset: Dataset,
  teacher: Float32Array,
  student: Float32Array,
): void {
  const gap = measureGap(teacher, student, dataset.splits.validation.labels, dataset.classes);
  writer.gap({ phase: job.phase.name, seed: job.seed, epoch, ...gap });
}

/** Compares every named layer of the teacher with every one of the student on the first validation samples. */
export async function recordSimilarity(
  writer: RunWriter,
  job: Job,
  epoch: number,
  dataset: Dataset,
  program: PhaseProgram,
): Promise<void> {
  const samples = program.sizes.probe;
  const [batch] = samples === 0 ? [] : inOrder(dataset, 'validation', samples);
  if (batch === undefined) return;
  const images = batch.inputs;
  const teacher = await program.run('probeTeacher', { images });
  const learner = await program.run('probe', { images });
  const { teacher: teacherLayers, learner: studentLayers } = program.probeLayers;
  const gram = (fetched: Readonly<Record<string, NumericArray>>, layer: string) => fetched[layer] ?? [];
  writer.similarity({
    phase: job.phase.name,
    seed: job.seed,
    epoch,
    measure: 'linearCka',
    samples,
    teacherLayers,
    studentLayers,
    values: teacherLayers.map((t) =>
      studentLayers.map((s) => jsonNumber(linearCka(gram(teacher, t), gram(learner, s)))),
    ),
  });
}
