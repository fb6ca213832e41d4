import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import { largest } from '../measures/rows.ts';
import { parameterSpecs } from '../models/parameters.ts';
import { describe } from '../models/describe.ts';
import type { ModelGraph } from '../models/description.ts';
import { mainMetricOf } from '../protocol/main-metric.ts';
import type { PhaseResult, Split } from '../protocol/records.ts';
import type { RunWriter } from '../runs/writer.ts';
import { predict } from './evaluate.ts';
import { inOrder } from './data.ts';
import { measureImages } from './evaluate-images.ts';
import {
  requireInference,
  requireLoadedWeights,
  requireSameAccuracy,
  requireTaken,
  warnOfSwappedRoles,
  warnOfWeakTeacher,
} from './guards.ts';
import { requireSameImages, warnOfPoorImages } from './image-guards.ts';
import { keptName, modelName, type Job } from './jobs.ts';
import { teacherScores, validationLogits } from './measurements.ts';
import type { NamedTensors, PhaseProgram } from './phase-program.ts';
import type { PlannedModel } from './plan.ts';
import { answerNames } from './say.ts';
import type { TeacherScores } from './step-feeds.ts';
import { alwaysNew, liveAnswers, teacherAnswers, together, type TeacherAnswers } from './teacher-answers.ts';

/** Weights of a model of an earlier run. */
export type EarlierModel = (run: string, model: string) => NamedTensors;

/** What the teachers of a phase say, fetched once for all seeds. */
export interface Teaching {
  readonly training: TeacherAnswers;
  readonly validation: TeacherAnswers;
  /** To samples through the stronger augmentation. */
  readonly strong: TeacherAnswers;
  /** `[validation samples, classes]`, of the teacher or of all that teach together; null where nobody finished teaches. */
  readonly validationLogits: Float32Array | null;
  /** Accuracy of each teacher on validation, by instance; empty where there is no validation split. */
  readonly scores: TeacherScores;
  /** Null where nobody speaks from a book. */
  readonly book: {
    /** Begins to read what a later step asks for. */
    readonly expect: (samples: Int32Array, drawing: number) => void;
    /** Milliseconds that steps have waited for rows. */
    readonly waited: () => number;
    readonly close: () => Promise<void>;
  } | null;
}

/** Where weights lie that a phase starts from or hears. */
export interface WeightsSource {
  /** Tells one set of weights from another. */
  readonly name: string;
  readonly load: () => NamedTensors;
}

/**
 * Under which name weights lie that a phase starts from or hears: those of an earlier job of the run, else `run/model` of an
 * earlier run; null where there are none.
 */
export function weightsName(
  { instance, model }: Pick<PlannedModel, 'instance' | 'model'>,
  job: Job,
  jobs: readonly Job[],
  { models }: Experiment,
): string | null {
  const settings = models[model];
  const earlier = settings?.source === 'run' ? `${settings.run}/${settings.model}` : null;
  // Each call of a job is listed anew.
  const at = jobs.findIndex(({ phase, seed }) => phase.name === job.phase.name && seed === job.seed);
  return keptName(instance, jobs.slice(0, at), job.seed) ?? earlier;
}

/** Kept by an earlier job of the run, else of a model of an earlier run; null where there are none. */
export function weightsSource(
  { instance, model }: Pick<PlannedModel, 'instance' | 'model'>,
  job: Job,
  jobs: readonly Job[],
  { models }: Experiment,
  stores: { readonly writer: Pick<RunWriter, 'loadModel'>; readonly earlierModel: EarlierModel },
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
    const weights = wholeWeights(teacher, source);
    await program.writeModel(teacher, weights);
    requireTaken(teacher.model, weights, await program.readModel(teacher));
    await requireStill(program, teacher, dataset);
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
    strong: together(sources.map(({ teacher }) => liveAnswers(program, teacher))),
    book: null,
    scores: await teacherScores(program, dataset, validation),
    validationLogits: await validationLogits(program, dataset, validation),
  };
}

/** @throws UserError KD4003 weights that are missing or not finite */
export function wholeWeights({ graph, model }: PlannedModel, source: WeightsSource): NamedTensors {
  const weights = source.load();
  const names = parameterSpecs(graph).map((spec) => spec.name);
  requireLoadedWeights(model, weights, names);
  return weights;
}

/** Asks the teacher about a sample among its neighbours and among others. */
async function requireStill(program: PhaseProgram, teacher: PlannedModel, dataset: Dataset): Promise<void> {
  const [batch] = inOrder(dataset, 'validation', program.sizes.predict);
  if (batch === undefined || program.sizes.predict < 2) return;
  const answers = liveAnswers(program, teacher);
  const name = answerNames(teacher.instance).logits;
  const first = async (images: Float32Array) => {
    const said = (await answers({ ...batch, inputs: images }))[name] ?? [];
    return Array.from(said).slice(0, program.plan.classes);
  };
  const size = batch.inputs.length / batch.labels.length;
  const others = new Float32Array(batch.inputs.length);
  others.set(batch.inputs.subarray(0, size));
  // Among images that are nothing but itself, upside down in value and twice as strong.
  for (let n = 1; n < batch.labels.length; n++)
    others.set(
      batch.inputs.subarray(0, size).map((value) => -2 * value),
      n * size,
    );
  requireInference(teacher.model, await first(batch.inputs.slice()), await first(others));
}

interface LookedAt {
  readonly writer: RunWriter;
  readonly job: Job;
  readonly jobs: readonly Job[];
  readonly program: PhaseProgram;
  readonly teaching: Teaching;
  readonly dataset: Dataset;
  readonly finished: readonly PhaseResult[];
}

/**
 * Compares the teacher with chance, with the student that has learned nothing yet, and with itself when it was trained, on
 * validation; and the two by their size.
 * @throws UserError KD4012
 */
export async function lookAtTeacher(looked: LookedAt): Promise<void> {
  const { writer, job, program, teaching, dataset } = looked;
  const { teacher, learner } = program.plan;
  if (teacher !== null && program.plan.learners.length === 1) {
    const sized = (name: string, graph: ModelGraph) => ({ name, ...describe(graph) });
    warnOfSwappedRoles(writer, job, sized(teacher.model, teacher.graph), sized(learner.model, learner.kept));
  }
  const { count, labels } = dataset.splits.validation;
  const { validationLogits: said } = teaching;
  if (count === 0 || said === null) return;
  const { classes, imageLoss } = program.plan;
  const kept = keptValue(looked);
  if (imageLoss !== null) {
    const reached = measureImages(said, dataset, 'validation', imageLoss);
    if (kept !== null && teacher !== null) requireSameImages(teacher.model, reached.psnr, kept);
    warnOfPoorImages(writer, job, 'The teacher makes', reached);
    return;
  }
  const student = (await predict(program, dataset, 'validation', learner)).values['accuracy'] ?? 0;
  const right = labels.filter(
    (label, n) => largest(said.subarray(n * classes, (n + 1) * classes)) === label,
  ).length;
  if (kept !== null && teacher !== null) requireSameAccuracy(teacher.model, right / count, kept, count);
  const chance = chanceOf(labels, classes);
  warnOfWeakTeacher(writer, job, { teacher: right / count, student, chance });
}

/** Who always names the most frequent class is right that often. */
export function chanceOf(labels: Int32Array, classes: number): number {
  const perClass = new Float64Array(classes);
  for (const label of labels) perClass[label] = (perClass[label] ?? 0) + 1;
  return Math.max(...perClass) / labels.length;
}

/** What the only teacher reached when an earlier phase of this run trained it by labels; null where none did. */
function keptValue({ program, jobs, job, finished }: LookedAt): number | null {
  const [teacher, ...others] = program.plan.teachers;
  // Among some of its classes alone it is better than it was among all of them.
  if (teacher === undefined || others.length > 0 || teacher.columns !== undefined) return null;
  const name = keptName(teacher.instance, jobs.slice(0, jobs.indexOf(job)), job.seed);
  const trained = jobs.find((one) => one.phase.loss === 'task' && modelName(one) === name);
  const result = finished.find(({ phase, seed }) => phase === trained?.phase.name && seed === trained.seed);
  return result === undefined ? null : Number(result.validation[mainMetricOf(result.validation)]);
}
