import type { Experiment } from '../config/experiment.ts';
import { describeMeeting } from '../config/layers/meeting.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { UserError } from '../protocol/errors.ts';
import type { LayerMeeting, MatchReport } from '../protocol/records.ts';
import { writeMeeting } from '../runs/index.ts';
import { compareModels } from '../training/compare-models.ts';
import { initialTensors } from '../training/initial-tensors.ts';
import { listJobs, type Job } from '../training/jobs.ts';
import { dataOfPhase } from '../training/phase-data.ts';
import type { NamedTensors } from '../training/phase-program.ts';
import { planPhase, type Learner, type PhasePlan, type PlannedModel } from '../training/plan.ts';
import { earlierModel } from './earlier-model.ts';
import { openDataset, readExperiment, servingExecutor } from './open-experiment.ts';
import { openRun } from './open-run.ts';

export interface MatchOptions {
  /** Whose adapters are sized; null: the first that the experiment matches layers by. */
  readonly method: string | null;
  /** Run whose teacher answers in place of an untrained one; null: none. */
  readonly teacher: string | null;
}

/** A phase in which a student learns from a finished teacher. */
interface Meeting {
  readonly job: Job;
  readonly plan: PhasePlan;
  readonly teacher: PlannedModel;
}

interface Weights {
  /** In words, for people. */
  readonly words: string;
  readonly tensors: NamedTensors;
}

/**
 * Compares the layers of teacher and student of a run by the weights that it keeps, or that its newest checkpoint holds, and prints
 * the report as JSON. What was measured is added to `layers.json` of a run on which nobody works.
 */
export async function matchRun(path: string, options: MatchOptions): Promise<number> {
  const { directory, record, experiment, dataset, models } = await openRun(path);
  const [student] = models.students();
  const first = student?.plan.teacher ?? null;
  if (student === undefined || first === null)
    throw nothingToMatch(path, meetingsOf(experiment, dataset).length > 0);
  const { job, plan } = student;
  const own = models.kept(student);
  const spoken = models.teachers(student);
  // Of several that speak from one book it is the first whose layers are compared, as while the student learned.
  const teacher = spoken.find(({ planned }) => planned.instance === first.instance) ?? spoken[0];
  if (teacher === undefined) throw nothingToMatch(path, true);
  const report = await compare(
    { source: path, dataset: models.dataOf(student), executor: models.source.executor },
    { job, plan, teacher: first },
    options,
    {
      student: { words: own.name, tensors: own.weights },
      teacher: { words: teacher.name, tensors: teacher.weights },
    },
  );
  if (!directory.isAlive(record)) writeMeeting(path, { ...report.meeting, kept: report.measured });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

/** The same for an experiment that has not run: by the weights that training starts with, or those of a teacher of an earlier run. */
export async function matchConfig(file: string, root: string, options: MatchOptions): Promise<number> {
  const { experiment } = readExperiment(file, root);
  const dataset = await openDataset(experiment, root);
  const [meeting] = meetingsOf(experiment, dataset);
  if (meeting === undefined) throw nothingToMatch(file, false);
  const { learner } = meeting.plan;
  const executor = await servingExecutor(experiment);
  const own = dataOfPhase(experiment, meeting.job.phase, dataset);
  const report = await compare({ source: file, dataset: own, executor }, meeting, options, {
    student: { words: 'untrained', tensors: initialTensors(keptLearner(learner), meeting.job.seed) },
    teacher: givenTeacher(experiment, meeting, options.teacher),
  });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

function meetingsOf(experiment: Experiment, dataset: Dataset): readonly Meeting[] {
  return listJobs(experiment).flatMap((job) => {
    if (job.phase.loss === 'task' || job.phase.loss === 'ahead') return [];
    const { count } = dataOfPhase(experiment, job.phase, dataset).splits.train;
    const plan = planPhase(experiment, job.phase, count);
    return plan.teacher === null ? [] : [{ job, plan, teacher: plan.teacher }];
  });
}

interface Compared {
  readonly source: string;
  readonly dataset: Dataset;
  readonly executor: Executor;
}

async function compare(
  { source, dataset, executor }: Compared,
  { job, plan, teacher }: Meeting,
  { method }: MatchOptions,
  weights: { readonly student: Weights; readonly teacher: Weights },
): Promise<MatchReport> {
  const began = performance.now();
  const { learner, settings } = plan;
  const samples = dataset.splits.train.count;
  const meeting: LayerMeeting = describeMeeting({
    phase: job.phase.name,
    teacher: { model: teacher.model, graph: teacher.graph },
    student: { model: learner.model, graph: learner.kept },
    terms: learner.lessons
      .filter(({ speakers }) => speakers.some(({ instance }) => instance === teacher.instance))
      .map(({ term }) => ({ ...term.settings, method: term.method.name })),
    ...(method === null ? {} : { method }),
    sizes: { samples, batch: Math.min(samples, settings.batchSize) },
  });
  const measured = await compareModels(
    { graph: teacher.graph, tensors: weights.teacher.tensors, layers: paths(meeting.teacher) },
    { graph: learner.kept, tensors: weights.student.tensors, layers: paths(meeting.student) },
    dataset,
    executor,
  );
  return {
    ...{ source, meeting, measured: { seed: job.seed, ...measured } },
    weights: { teacher: weights.teacher.words, student: weights.student.words },
    milliseconds: Math.round(performance.now() - began),
  };
}

function paths({ layers }: LayerMeeting['teacher']): readonly string[] {
  return layers.map(({ path }) => path);
}

/** The learner as it is kept: without branches and adapters. */
function keptLearner({ kept, model, variant }: Learner) {
  return { graph: kept, model, variant, prefix: '', lessons: [] };
}

function earlierTeacher({ models, root }: Experiment, { model }: PlannedModel): Weights {
  const settings = models[model];
  if (settings?.source !== 'run') throw new Error(`nothing has trained "${model}"`);
  return {
    words: `${settings.run}/${settings.model}`,
    tensors: earlierModel(root, settings.run, settings.model),
  };
}

/** Of the run that was named, else of the run that the experiment names, else untrained. */
function givenTeacher(experiment: Experiment, { job, teacher }: Meeting, run: string | null): Weights {
  if (run !== null)
    return { words: `${run}/${teacher.model}`, tensors: earlierModel(experiment.root, run, teacher.model) };
  if (experiment.models[teacher.model]?.source === 'run') return earlierTeacher(experiment, teacher);
  const fresh = { graph: teacher.graph, model: teacher.model, variant: 0, prefix: '', lessons: [] };
  return { words: 'untrained', tensors: initialTensors(fresh, job.seed) };
}

function nothingToMatch(file: string, isEarly: boolean): UserError {
  return new UserError({
    code: 'KD5045',
    message: isEarly
      ? 'this run has kept no student yet that learned from a teacher'
      : 'no phase of this experiment has a student that learns from a finished teacher',
    help: isEarly
      ? 'wait until its student has finished, or look at the experiment itself'
      : 'layers are matched where a finished teacher teaches: `scheme: offline`, for instance',
    file,
  });
}
