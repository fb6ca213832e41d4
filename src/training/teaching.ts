import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import { largest } from '../measures/rows.ts';
import { parameterSpecs } from '../models/parameters.ts';
import type { RunWriter } from '../runs/writer.ts';
import { predict } from './evaluate.ts';
import { requireLoadedWeights, warnOfWeakTeacher } from './guards.ts';
import { jobThatTrained, modelName, type Job } from './jobs.ts';
import { validationLogits } from './measurements.ts';
import type { NamedTensors, PhaseProgram } from './phase-program.ts';
import type { PlannedModel } from './plan.ts';
import { teacherAnswers, type TeacherAnswers } from './teacher-answers.ts';

/** Weights of a model of an earlier run. */
export type EarlierModel = (run: string, model: string) => NamedTensors;

/** What the teacher of a phase says, fetched once for all seeds. */
export interface Teaching {
  readonly training: TeacherAnswers;
  readonly validation: TeacherAnswers;
  /** `[validation samples, classes]` */
  readonly validationLogits: Float32Array;
}

/** Where a frozen model's weights lie. */
export interface TeacherSource {
  /** Tells one set of weights from another. */
  readonly name: string;
  readonly load: () => NamedTensors;
}

export function teacherSource(
  { instance, model }: PlannedModel,
  job: Job,
  jobs: readonly Job[],
  { models }: Experiment,
  stores: { readonly writer: RunWriter; readonly earlierModel: EarlierModel },
): TeacherSource {
  const settings = models[model];
  if (settings?.source === 'run') {
    const { run, model: name } = settings;
    return { name: `${run}/${name}`, load: () => stores.earlierModel(run, name) };
  }
  const trained = jobThatTrained(instance, jobs, job.seed);
  if (trained === null) throw new Error(`no phase trains the frozen model "${instance}"`);
  return { name: modelName(trained), load: () => stores.writer.loadModel(modelName(trained)) };
}

/**
 * Puts the teacher's weights into the program and lets it answer what can be answered once.
 * @throws UserError KD4003 weights that are missing or not finite
 */
export async function prepareTeaching(
  program: PhaseProgram,
  teacher: PlannedModel,
  source: TeacherSource,
  { data }: Experiment,
  dataset: Dataset,
): Promise<Teaching> {
  const weights = source.load();
  const names = parameterSpecs(teacher.graph).map((spec) => spec.name);
  requireLoadedWeights(teacher.model, weights, names);
  await program.writeModel(teacher, weights);
  const validation = await teacherAnswers(program, dataset, 'validation', false);
  return {
    training: await teacherAnswers(program, dataset, 'train', data.augment.length > 0),
    validation,
    validationLogits: await validationLogits(program, dataset, validation),
  };
}

/** Compares the teacher with chance and with the student that has learned nothing yet, on validation. */
export async function lookAtTeacher(
  writer: RunWriter,
  job: Job,
  program: PhaseProgram,
  teaching: Teaching,
  dataset: Dataset,
): Promise<void> {
  const { count, labels } = dataset.splits.validation;
  if (count === 0) return;
  const { classes } = program.plan;
  const student = (await predict(program, dataset, 'validation')).values['accuracy'] ?? 0;
  const right = labels.filter(
    (label, n) => largest(teaching.validationLogits.subarray(n * classes, (n + 1) * classes)) === label,
  ).length;
  const perClass = new Float64Array(classes);
  labels.forEach((label) => (perClass[label] = (perClass[label] ?? 0) + 1));
  // Who always names the most frequent class is right that often.
  const chance = Math.max(...perClass) / count;
  warnOfWeakTeacher(writer, job, { teacher: right / count, student, chance });
}
