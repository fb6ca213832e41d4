import { join } from 'node:path';
import type { Experiment } from '../config/experiment.ts';
import { describeMeeting } from '../config/layers/meeting.ts';
import { loadExperiment } from '../config/load.ts';
import type { Dataset } from '../data/dataset.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { UserError } from '../protocol/errors.ts';
import type { LayerMeeting, MatchReport } from '../protocol/records.ts';
import { RunDirectory, writeMeeting } from '../runs/index.ts';
import { compareModels } from '../training/compare-models.ts';
import { initialTensors } from '../training/initial-tensors.ts';
import { listJobs, keptName, modelName, type Job } from '../training/jobs.ts';
import type { NamedTensors } from '../training/phase-program.ts';
import { planPhase, type Learner, type PhasePlan, type PlannedModel } from '../training/plan.ts';
import { earlierModel } from './earlier-model.ts';
import { openDataset, readExperiment, servingExecutor } from './open-experiment.ts';

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
 * Compares the layers of a finished run's teacher and student by the weights that it kept, and prints the report as JSON. What was
 * measured is added to `layers.json` of a run on which nobody works.
 */
export async function matchRun(directory: string, options: MatchOptions): Promise<number> {
  const run = new RunDirectory(directory);
  const record = run.record();
  const { experiment } = loadExperiment({ file: record.config, root: record.root, text: run.config() });
  if (experiment === null) {
    throw new UserError({
      code: 'KD5024',
      message: 'the experiment of this run can no longer be read as it was run',
      help: 'put back the base files and models that it refers to',
      file: join(directory, 'config.yaml'),
    });
  }
  const dataset = await openDataset(experiment, record.root);
  const models = run.models();
  const kept = (found: Meeting) => models.includes(modelName(found.job, found.plan.learner));
  const meetings = meetingsOf(experiment, dataset);
  const meeting = meetings.find(kept);
  if (meeting === undefined) throw nothingToMatch(directory, meetings.length > 0);
  const jobs = listJobs(experiment);
  const student = modelName(meeting.job, meeting.plan.learner);
  const teacher = keptName(
    meeting.teacher.instance,
    jobs.slice(0, jobs.indexOf(meeting.job)),
    meeting.job.seed,
  );
  const report = await compare(directory, experiment, dataset, meeting, options, {
    student: { words: student, tensors: run.model(student) },
    teacher:
      teacher === null
        ? earlierTeacher(experiment, meeting.teacher)
        : { words: teacher, tensors: run.model(teacher) },
  });
  if (!run.isAlive(record)) writeMeeting(directory, { ...report.meeting, kept: report.measured });
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
  const report = await compare(file, experiment, dataset, meeting, options, {
    student: { words: 'untrained', tensors: initialTensors(keptLearner(learner), meeting.job.seed) },
    teacher: givenTeacher(experiment, meeting, options.teacher),
  });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

function meetingsOf(experiment: Experiment, dataset: Dataset): readonly Meeting[] {
  return listJobs(experiment).flatMap((job) => {
    if (job.phase.loss === 'task' || job.phase.loss === 'ahead') return [];
    const plan = planPhase(experiment, job.phase, dataset.splits.train.count);
    return plan.teacher === null ? [] : [{ job, plan, teacher: plan.teacher }];
  });
}

async function compare(
  source: string,
  experiment: Experiment,
  dataset: Dataset,
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
    await servingExecutor(experiment),
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
