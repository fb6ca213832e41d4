import { epochsOf, recordMilliseconds, type Epoch } from './epochs.ts';
import { median, sum } from '../middle.ts';
import { paceOf } from './pace.ts';
import {
  intervals,
  isAnswer,
  isPredict,
  isShares,
  isStep,
  lengthOf,
  medians,
  type Interval,
} from './spans.ts';
import type { Span, Stretch } from './timeline.ts';

/** How often everything happens in a whole run of a phase, all seeds together. */
export interface Work {
  readonly jobs: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Steps of an epoch of the dry run. */
  readonly stepsTried: number;
  /** Records of the training loss in an epoch, beside that of its end. */
  readonly recordsPerEpoch: number;
  /** Batches of the validation and the test split, of the whole run and of the dry run. */
  readonly validationBatches: number;
  readonly validationLooks: number;
  readonly testBatches: number;
  readonly testLooks: number;
  /** Batches that teachers answer once, before the first seed, to be kept in memory or in a book; 0: they answer in every step. */
  readonly answeredBatches: number;
  /** Of them those that are answered again where the student's program is made anew, since neurons went. */
  readonly answeredAgain: number;
  /** Epochs of a training in which refiners search, and after which the gap is measured, layers are compared, it is looked where both look, and pictures are drawn. */
  readonly searchedEpochs: number;
  readonly gapEpochs: number;
  readonly similarityEpochs: number;
  readonly lookedEpochs: number;
  readonly drawnEpochs: number;
  readonly checkpoints: CheckpointWork;
}

/** When checkpoints are written beside the one at the end of each training. */
export interface CheckpointWork {
  readonly everyEpochs: number;
  readonly everyMinutes: number;
  /** Of the run's time, 0..1. */
  readonly share: number;
  /** Whether none was written before: the first one has to wait for no share. */
  readonly isFirst: boolean;
}

export interface PhaseTimes {
  /** From the end of one step to the end of the next: batch, answers and all; null where nothing is trained. */
  readonly stepMilliseconds: number | null;
  readonly totalMilliseconds: number;
}

const MINUTE_MILLISECONDS = 60_000;

/**
 * The time of the whole phase, from what a few epochs of a few steps took: `load + answers + warming + seeds * (setup + epochs *
 * (steps * step + shares + records + evaluation + ending) + reloads + gap + similarity + looks + pictures + tests + checkpoint) +
 * checkpoints`. Everything is taken from the middle of what was warm; what the first epoch and the first answers took longer,
 * compiling and allocating, is counted once. Neurons that fall silent do so early: as often as was seen.
 */
export function estimatePhase(stretch: Stretch, work: Work): PhaseTimes {
  const { spans } = stretch;
  const first = spans.find((span) => isStep(span) || isShares(span));
  const loaded = spans.find(({ kind }) => kind === 'loaded')?.end ?? stretch.start;
  if (first === undefined) return { stepMilliseconds: null, totalMilliseconds: stretch.end - stretch.start };
  const before = spans.filter(({ start, end }) => start >= loaded && end <= first.start);
  const training = spans.filter(({ start }) => start >= first.start);
  const epochs = epochsOf(training);
  const warm = epochs.length > 1 ? epochs.slice(1) : epochs;
  const middle = (part: keyof Epoch) => median(warm.map((epoch) => epoch[part]));
  const [asked, looked] = [intervals(before, isAnswer), intervals(before, isPredict)];
  const looks = work.validationLooks === 0 ? 0 : work.validationBatches / work.validationLooks;
  const setup = first.start - loaded - total(asked) + (looks - 1) * total(looked);
  const { step, last, search } = paceOf(spans);
  const epoch =
    stepsOfEpoch(work, step, last) +
    median(spans.filter(isShares).map(lengthOf)) +
    work.recordsPerEpoch * recordMilliseconds(training) +
    middle('cutting') * (work.stepsPerEpoch / Math.max(1, work.stepsTried)) +
    middle('reporting') +
    looks * middle('evaluating') +
    middle('ending');
  const again = work.answeredAgain * sum([...medians(asked).values()]);
  const reloads = epochs.filter(({ reloading }) => reloading > 0);
  const job =
    setup +
    work.epochs * epoch +
    sum(reloads.map(({ reloading }) => reloading)) +
    reloads.length * again +
    work.searchedEpochs * work.stepsPerEpoch * search +
    work.gapEpochs * looks * middle('gap') +
    work.similarityEpochs * middle('similarity') +
    work.lookedEpochs * middle('looking') +
    work.drawnEpochs * middle('drawing') +
    testing(stretch, work) +
    middle('checkpoint');
  const answers = answering(asked, work.answeredBatches);
  // The program of a seed whose model has lost neurons serves no other.
  const anew = reloads.length === 0 ? 0 : (work.jobs - 1) * (loaded - stretch.start + again);
  const whole = loaded - stretch.start + warming(epochs, middle) + answers + anew + work.jobs * job;
  const [cost, epochMilliseconds] = [middle('checkpoint'), epoch];
  const written = checkpointing(work, { cost, epochMilliseconds, whole });
  return { stepMilliseconds: step, totalMilliseconds: whole + written };
}

function stepsOfEpoch({ stepsPerEpoch }: Work, step: number, last: number | null): number {
  return last === null ? stepsPerEpoch * step : (stepsPerEpoch - 1) * step + last;
}

/** What the first epoch took longer than the others, part by part. */
function warming([first]: readonly Epoch[], middle: (part: keyof Epoch) => number): number {
  if (first === undefined) return 0;
  const parts = (Object.keys(first) as (keyof Epoch)[]).filter((part) => part !== 'reloading');
  return sum(parts.map((part) => Math.max(0, first[part] - middle(part))));
}

/** Teachers that answer so many batches once: what the first answers took longer is counted once. */
function answering(asked: readonly Interval[], batches: number): number {
  const usual = medians(asked);
  const warm = sum(asked.map(({ name }) => usual.get(name) ?? 0));
  return Math.max(0, total(asked) - warm) + batches * sum([...usual.values()]);
}

/**
 * Checkpoints beside the last one of each training: as many as are due, within their share of the time.
 * @param cost of one
 * @param whole time of the phase without them
 */
function checkpointing(
  { jobs, epochs, checkpoints: { everyEpochs, everyMinutes, share, isFirst } }: Work,
  { cost, epochMilliseconds, whole }: { cost: number; epochMilliseconds: number; whole: number },
): number {
  const within = Math.floor(epochMilliseconds / (everyMinutes * MINUTE_MILLISECONDS));
  const due = jobs * (Math.floor(Math.max(0, epochs - 1) / everyEpochs) + epochs * within);
  const room = share === 1 ? Infinity : Math.max(isFirst ? cost : 0, share * whole - jobs * cost);
  return Math.min(due * cost, room);
}

/**
 * From the last epoch to the end of the training. Test is read with the best weights and, where they are others, with the last
 * ones: the last epoch is taken to be the best as often as any.
 */
function testing({ spans, end }: Stretch, { testBatches, testLooks, epochs }: Work): number {
  const last = spans.findLastIndex(isStep);
  const checkpoint = spans.findIndex(({ kind }, at) => at > last && kind === 'checkpoint');
  const from = spans[checkpoint]?.end ?? end;
  const read = intervals(testReads(spans.slice(checkpoint + 1), testLooks), isPredict);
  return (
    end - from - total(read) + (2 - 1 / Math.max(1, epochs)) * testBatches * sum([...medians(read).values()])
  );
}

/**
 * Without the answers by which the gap of a learner is reported after its test was read: they are as many in the whole run.
 * @param looks batches of one reading
 */
function testReads(spans: readonly Span[], looks: number): Span[] {
  let left = looks;
  let learner = '';
  return spans.filter((span) => {
    if (span.kind === 'saved' || (isPredict(span) && span.name !== learner)) left = looks;
    if (!isPredict(span)) return true;
    learner = span.name;
    return left-- > 0;
  });
}

function total(runs: readonly Interval[]): number {
  return sum(runs.map(({ milliseconds }) => milliseconds));
}
