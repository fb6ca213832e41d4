import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import { largest } from '../measures/rows.ts';
import { parameterSpecs } from '../models/parameters.ts';
import type { Split } from '../protocol/records.ts';
import type { RunWriter } from '../runs/writer.ts';
import { predict } from './evaluate.ts';
import { requireLoadedWeights, warnOfWeakTeacher } from './guards.ts';
import { keptName, type Job } from './jobs.ts';
import { validationLogits } from './measurements.ts';
import type { NamedTensors, PhaseProgram } from './phase-program.ts';
import type { PlannedModel } from './plan.ts';
import { alwaysNew, teacherAnswers, together, type TeacherAnswers } from './teacher-answers.ts';

/** Weights of a model of an earlier run. */
export type EarlierModel = (run: string, model: string) => NamedTensors;

/** What the teachers of a phase say, fetched once for all seeds. */
export interface Teaching {
  readonly training: TeacherAnswers;
  readonly validation: TeacherAnswers;
  /** `[validation samples, classes]`, of the teacher or of all that teach together; null where nobody finished teaches. */
  readonly validationLogits: Float32Array | null;
}

/** Where weights lie that a phase starts from or hears. */
export interface WeightsSource {
  /** Tells one set of weights from another. */
  readonly name: string;
  readonly load: () => NamedTensors;
}

/** Kept by an earlier job of the run, else of a model of an earlier run; null where there are none. */
export function weightsSource(
  { instance, model }: Pick<PlannedModel, 'instance' | 'model'>,
  job: Job,
  jobs: readonly Job[],
  { models }: Experiment,
  stores: { readonly writer: RunWriter; readonly earlierModel: EarlierModel },
): WeightsSource | null {
  const trained = keptName(instance, jobs.slice(0, jobs.indexOf(job)), job.seed);
  if (trained !== null) return { name: trained, load: () => stores.writer.loadModel(trained) };
  const settings = models[model];
  if (settings?.source === 'run') {
    const { run, model: name } = settings;
    return { name: `${run}/${name}`, load: () => stores.earlierModel(run, name) };
  }
  return null;
}

/**
 * Puts the teachers' weights into the program and lets them answer what can be answered once.
 * @throws UserError KD4003 weights that are missing or not finite
 */
export async function prepareTeaching(
  program: PhaseProgram,
  sources: readonly { readonly teacher: PlannedModel; readonly source: WeightsSource }[],
  { data }: Experiment,
  dataset: Dataset,
): Promise<Teaching> {
  for (const { teacher, source } of sources) {
    const weights = source.load();
    const names = parameterSpecs(teacher.graph).map((spec) => spec.name);
    requireLoadedWeights(teacher.model, weights, names);
    await program.writeModel(teacher, weights);
  }
  const answers = async (split: Split, augmented: boolean) =>
    together(
      await Promise.all(
        sources.map(({ teacher }) => teacherAnswers(program, teacher, dataset, split, augmented)),
      ),
    );
  const validation = await answers('validation', false);
  return {
    training: await answers('train', alwaysNew(data, program.plan.settings)),
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
  const { validationLogits: said } = teaching;
  if (count === 0 || said === null) return;
  const { classes, learner } = program.plan;
  const student = (await predict(program, dataset, 'validation', learner)).values['accuracy'] ?? 0;
  const right = labels.filter(
    (label, n) => largest(said.subarray(n * classes, (n + 1) * classes)) === label,
  ).length;
  const perClass = new Float64Array(classes);
  labels.forEach((label) => (perClass[label] = (perClass[label] ?? 0) + 1));
  // Who always names the most frequent class is right that often.
  const chance = Math.max(...perClass) / count;
  warnOfWeakTeacher(writer, job, { teacher: right / count, student, chance });
}
