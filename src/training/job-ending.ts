import type { UncertaintyRhythm } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Feeds } from '../executors/executor.ts';
import { describe } from '../models/describe.ts';
import type { JsonNumber, PhaseResult } from '../protocol/records.ts';
import type { RunWriter, StoredTensor } from '../runs/writer.ts';
import { keptBeside } from './ahead.ts';
import { forRecord } from './averages.ts';
import { predict, type Evaluation } from './evaluate.ts';
import type { JobGap } from './gap/job-gap.ts';
import type { Best, JobProgress } from './job-progress.ts';
import { warnOfNothingLearned } from './guards.ts';
import { warnOfPoorImages } from './image-guards.ts';
import type { JobRecords } from './job-records.ts';
import type { JobValidation } from './job-validation.ts';
import { modelName, tailsName, type Job } from './jobs.ts';
import { keptTensors, tailTensors, withoutPeers } from './kept.ts';
import { partOutput, taskPart } from './objective.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { Learner } from './plan.ts';
import { withPrefix } from './step-function.ts';
import { chanceOf } from './teaching.ts';
import { uncertaintyOf } from './uncertainty.ts';

/** The matrix grows with the square of the classes, and stands in the record of the run. */
const MOST_CONFUSION_CLASSES = 100;

interface Finished {
  readonly dataset: Dataset;
  readonly writer: RunWriter;
  readonly job: Job;
  readonly program: PhaseProgram;
  readonly progress: JobProgress;
  readonly records: JobRecords;
  readonly validation: JobValidation;
  readonly gap: JobGap | null;
  /** Of the last step, for learners whose answer depends on them. */
  readonly scalars: Feeds;
  readonly pace: Pick<PhaseResult, 'millisecondsPerStep' | 'imagesPerSecond'>;
  /** Left out: it is not measured. */
  readonly uncertainty?: UncertaintyRhythm;
}

/**
 * Ends a job: keeps the best weights of each learner, and reads the test split with them and with the last ones, this once.
 * Nothing is chosen by what the test split says.
 */
export async function finishJob(finished: Finished): Promise<readonly PhaseResult[]> {
  const { program, progress, records, validation } = finished;
  const lastEpoch = Math.max(0, progress.epoch - 1);
  const tested: { learner: Learner; best: Best; atBest: Evaluation; atLast: Evaluation }[] = [];
  for (const learner of program.plan.learners) {
    // Without a validation split there is nothing to choose by: the last weights are kept.
    const best = progress.best[learner.instance] ?? (await validation.keep(learner, lastEpoch, {}));
    const atLast = best.epoch === lastEpoch ? null : await test(finished, learner);
    tested.push({ learner, best, ...(await testBest(finished, learner, best, atLast)) });
    if (learner === program.plan.learner) await finished.gap?.report(finished.scalars);
  }
  warnOfLabels(finished);
  const values = Object.assign({}, ...tested.map(({ atBest }) => atBest.values)) as Record<string, number>;
  const recorded = records.write('test', tested[0]?.best.epoch ?? lastEpoch, values);
  return tested.map(({ learner, best, atBest, atLast }) => ({
    ...resultOf(finished, learner, best, recorded),
    lastTest: ownValues(finished, learner, forRecord(atLast.values)),
    ...confusionOf(finished, atBest, learner),
    ...latencyOf(atBest, program),
  }));
}

/** Ends a phase of networks beside learners: they are kept, and nothing is judged. */
export async function keepAhead(
  job: Job,
  program: PhaseProgram,
  writer: RunWriter,
): Promise<readonly PhaseResult[]> {
  const kept: Record<string, StoredTensor> = {};
  for (const opponent of program.plan.opponents) {
    for (const [name, tensor] of Object.entries(await program.readModel(opponent)))
      kept[keptBeside(program.plan, opponent, name)] = tensor;
  }
  writer.saveModel(modelName(job), kept);
  return [];
}

/**
 * A model of labels alone that is no better than chance on validation speaks of the labels; one whose images are no better than those it
 * reads, of its training.
 */
function warnOfLabels({ writer, job, dataset, program, progress }: Finished): void {
  const { count, labels } = dataset.splits.validation;
  const best = progress.best[program.plan.learner.instance];
  if (job.phase.loss !== 'task' || count === 0 || best === undefined) return;
  if (program.plan.imageLoss !== null) {
    const { psnr, inputPsnr } = best.values;
    warnOfPoorImages(writer, job, `${job.phase.name} makes`, {
      psnr: Number(psnr),
      inputPsnr: Number(inputPsnr),
    });
    return;
  }
  const chance = chanceOf(labels, program.plan.classes);
  warnOfNothingLearned(writer, job, { reached: Number(best.values['accuracy']), chance, samples: count });
}

/** The median is that of warm batches: the first one may have waited for its graph. */
function latencyOf(
  { batchMilliseconds }: Evaluation,
  { sizes: { predict: batch } }: PhaseProgram,
): Pick<PhaseResult, 'latency'> {
  const inOrder = [...batchMilliseconds].sort((a, b) => a - b);
  const median = inOrder[inOrder.length >> 1];
  return median === undefined ? {} : { latency: { milliseconds: median / batch, batch } };
}

function confusionOf(
  { program }: Finished,
  { confusions }: Evaluation,
  { prefix }: Learner,
): Pick<PhaseResult, 'confusion'> {
  const confusion = confusions[prefix] ?? [];
  const hasSize = confusion.length > 0 && confusion.length <= MOST_CONFUSION_CLASSES;
  const isRecorded = program.plan.measured.has('confusion') && hasSize;
  return isRecorded ? { confusion } : {};
}

/** @param atLast what the last weights say; null where they are the best */
async function testBest(finished: Finished, learner: Learner, best: Best, atLast: Evaluation | null) {
  const { program, writer, job } = finished;
  await program.writeEvaluated(learner, best.tensors);
  writer.saveModel(modelName(job, learner), keptTensors(learner, best.tensors));
  const tails = tailTensors(learner, best.tensors);
  if (tails !== null) writer.saveModel(tailsName(job), tails);
  const atBest = await test(finished, learner);
  const { uncertainty, dataset, scalars } = finished;
  const measured =
    uncertainty === undefined
      ? {}
      : await uncertaintyOf(program, dataset, learner, uncertainty, { seed: job.seed, scalars });
  const whole = { ...atBest, values: { ...atBest.values, ...measured } };
  return { atBest: whole, atLast: atLast ?? atBest };
}

async function test({ program, dataset, scalars }: Finished, learner: Learner): Promise<Evaluation> {
  const evaluation = await predict(program, dataset, 'test', learner, scalars);
  const own = evaluation.values[partOutput(learner, taskPart(learner.graph))];
  evaluation.values[`${learner.prefix}loss`] = own ?? NaN;
  return evaluation;
}

type Values = Readonly<Record<string, JsonNumber>>;

function ownValues({ program }: Finished, { prefix }: Learner, values: Values): Values {
  return prefix === '' ? withoutPeers(values, program.plan.learners) : withPrefix(values, prefix);
}

function resultOf(
  finished: Finished,
  learner: Learner,
  best: Best,
  test: Values,
): Omit<PhaseResult, 'lastTest' | 'latency' | 'confusion'> {
  const { job, progress, pace } = finished;
  const { prefix, kept, model, instance } = learner;
  const { parameters, multiplyAdds } = describe(kept);
  return {
    phase: prefix === '' ? job.phase.name : instance,
    model,
    seed: job.seed,
    epochs: job.phase.epochs,
    validation: best.values,
    test: ownValues(finished, learner, test),
    bestEpoch: best.epoch,
    lastEpoch: Math.max(0, progress.epoch - 1),
    lastValidation: prefix === '' ? progress.lastValues : withPrefix(progress.lastValues, prefix),
    parameters,
    multiplyAdds,
    bytes: Object.values(keptTensors(learner, best.tensors)).reduce(
      (sum, { data }) => sum + data.byteLength,
      0,
    ),
    ...pace,
  };
}
