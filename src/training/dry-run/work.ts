import type { Bookshelf } from '../../bookshelf/shelf.ts';
import { wantedBooks } from '../../config/books.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { RunWriter } from '../../runs/writer.ts';
import type { Phase } from '../../schemes/phase.ts';
import { finishedTeachers } from '../book/finished-teachers.ts';
import { fingerprintOf } from '../book/open-book.ts';
import { gapBounds, isLookedAt, lookedSamples } from '../gap/gap-bounds.ts';
import { newProgress } from '../job-progress.ts';
import { JobRecords } from '../job-records.ts';
import { listJobs, type Job } from '../jobs.ts';
import { isDrawn } from '../lesson-look.ts';
import { isDue } from '../measurements.ts';
import type { PhasePlan } from '../plan.ts';
import { probeSize } from '../probe-layers.ts';
import { similarityRhythm } from '../similarity-rhythm.ts';
import { answerSize } from '../specs.ts';
import { alwaysNew, areAnswersStored } from '../teacher-answers.ts';
import type { EarlierModel } from '../teaching.ts';
import { WorkClock } from '../work-clock.ts';
import type { Work } from './estimate.ts';

/** A phase as it was tried and as it is to be. */
export interface TriedPhase {
  readonly phase: Phase;
  readonly plan: PhasePlan;
  /** What it sees of the data in the run, and what it saw of them. */
  readonly whole: Dataset;
  readonly small: Dataset;
  /** Whether it comes first. */
  readonly isFirst: boolean;
}

/**
 * How often everything happens in the whole run of a phase.
 * @param written speakers whose books are there, or phases before write them; those that this phase writes are added
 * @param writer a run's, of which nothing is written
 */
export function workOf(
  experiment: Experiment,
  { phase, plan, whole, small, isFirst }: TriedPhase,
  written: Set<string>,
  writer: RunWriter,
): Work {
  const { data, measure, engine } = experiment;
  const { train, validation, test } = whole.splits;
  const batch = Math.min(plan.settings.batchSize, train.count);
  const batches = (count: number) => Math.ceil(count / batch);
  const [training, validationBatches] = [batches(train.count), batches(validation.count)];
  const said = plan.teachers.reduce((sum, teacher) => sum + answerSize(plan, teacher), 0);
  const stored =
    plan.teachers.length > 0 && areAnswersStored(said, train.count, alwaysNew(data, plan.settings));
  const kept = plan.fromBook
    ? pagesOf(experiment, plan, { training, validation: validationBatches }, written)
    : validationBatches + (stored ? training : 0);
  const jobs = listJobs(experiment).filter((job) => job.phase === phase);
  // Teachers of a seed of their own answer anew for each.
  const asking = isTaughtBySeed(experiment, phase) ? jobs.length : 1;
  const [first] = jobs;
  const stepsPerEpoch = plan.generator?.plan.stepsPerEpoch ?? training;
  const counted = (happens: (epoch: number) => boolean) =>
    Array.from({ length: phase.epochs }, (_, epoch) => epoch).filter(happens).length;
  const probe = probeSize(experiment, plan, validation.count);
  const rhythm = similarityRhythm(measure.similarity, plan, { probe, train: train.count });
  const bounds = gapBounds(measure.gap, plan, {
    validation: validation.count,
    looked: lookedSamples(experiment, plan, validation.count),
    train: train.count,
  });
  const { every, share } = engine.checkpoints;
  return {
    jobs: jobs.length,
    epochs: phase.epochs,
    stepsPerEpoch,
    stepsTried: Math.min(stepsPerEpoch, batches(small.splits.train.count)),
    recordsPerEpoch: first === undefined ? 0 : recordsOf(first, stepsPerEpoch, writer),
    validationBatches,
    validationLooks: batches(small.splits.validation.count),
    testBatches: batches(test.count),
    testLooks: batches(small.splits.test.count),
    answeredBatches: plan.teachers.length === 0 ? 0 : asking * kept,
    answeredAgain: plan.teachers.length === 0 || plan.fromBook ? 0 : kept,
    searchedEpochs: counted((epoch) => plan.searches.some(({ epochs }) => epochs === null || epoch < epochs)),
    gapEpochs: counted((epoch) => isDue(bounds.rhythm, epoch, phase.epochs)),
    similarityEpochs: counted((epoch) => isDue(rhythm, epoch, phase.epochs)),
    lookedEpochs: counted((epoch) => isLookedAt(epoch, phase.epochs, bounds.looks)),
    drawnEpochs: counted((epoch) => isDrawn(epoch, phase.epochs)),
    checkpoints: { everyEpochs: every.epochs, everyMinutes: every.minutes, share, isFirst },
  };
}

function isTaughtBySeed({ phases }: Experiment, { freeze }: Phase): boolean {
  const bySeed = phases.filter(({ perSeed }) => perSeed).flatMap(({ train }) => train);
  return bySeed.some(({ instance }) => freeze.includes(instance));
}

/** Records of the training loss within an epoch, as a job writes them. */
function recordsOf(job: Job, stepsPerEpoch: number, writer: RunWriter): number {
  const progress = newProgress();
  const clock = new WorkClock(0, 0, { every: { epochs: 1, minutes: Infinity }, share: 1 });
  const records = new JobRecords(writer, clock, job, progress);
  let count = 0;
  for (progress.stepInEpoch = 1; progress.stepInEpoch < stepsPerEpoch; progress.stepInEpoch++)
    if (records.isDue(stepsPerEpoch)) count++;
  return count;
}

/**
 * Batches that a phase asks its teachers about to write the books it speaks from, each view of them; 0 where they are there, or
 * phases before it write them all.
 */
function pagesOf(
  experiment: Experiment,
  { teachers }: PhasePlan,
  batches: { readonly training: number; readonly validation: number },
  written: Set<string>,
): number {
  const speakers = new Set(teachers.map(({ instance }) => instance));
  const books = wantedBooks(experiment).filter(({ speaker }) => speakers.has(speaker));
  const fresh = books.filter(({ speaker }) => !written.has(speaker));
  for (const { speaker } of fresh) written.add(speaker);
  const { training, validation } = batches;
  return Math.max(0, ...fresh.map(({ views }) => (views.plain + views.strong) * training + validation));
}

/**
 * Who speaks from books that stand whole on the shelf already. What teachers say that the run itself trains is not known before.
 * @throws UserError KD4030 a named book that stands on something else, as the run would
 */
export function standingSpeakers(
  experiment: Experiment,
  dataset: Dataset,
  shelf: Bookshelf,
  earlierModel: EarlierModel,
): Set<string> {
  const name = experiment.distill.book?.name ?? null;
  const standing = wantedBooks(experiment).filter((wanted) => {
    const teachers = finishedTeachers(wanted, experiment, earlierModel);
    if (teachers === null) return false;
    return shelf.find(fingerprintOf(wanted, teachers, dataset), name)?.state === 'complete';
  });
  return new Set(standing.map(({ speaker }) => speaker));
}
