import type { Experiment } from '../config/experiment.ts';
import { UserError } from '../protocol/errors.ts';
import type { PhaseResult, SplitReport } from '../protocol/records.ts';
import { mainText } from '../protocol/main-metric.ts';
import { mainMetricOfTask } from '../schemes/measured.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { Job } from './jobs.ts';
import type { NamedTensors } from './phase-program.ts';

/** What the watched steps said of one part of the loss. */
export interface PartSigns {
  readonly value: number;
  readonly gradientNorm: number;
}

/** Rounding leaves a loss that should be zero at some 1e-7, and its gradient at some millionths of the cross-entropy's. */
const ROUNDING = { value: 1e-6, gradientShare: 1e-5 };

/**
 * Every term must pull at the student: one that is zero in value or in gradient, or no more than rounding in both, in all the
 * first steps teaches nothing.
 * @param signs by part, among them `ce` or `image`
 * @throws UserError KD4005
 */
export function requireEffect(
  signs: readonly Readonly<Record<string, PartSigns>>[],
  terms: readonly string[],
): void {
  for (const term of terms) {
    const seen = signs.map((step) => step[term]);
    if (!signs.every((step) => isSilent(step[term], step['ce'] ?? step['image']))) continue;
    const numbers = seen.map(
      (one) => `${one?.value.toPrecision(3) ?? ''} (${one?.gradientNorm.toPrecision(3) ?? ''})`,
    );
    throw new UserError({
      code: 'KD4005',
      message: `The term "${term}" teaches the student nothing: in the first steps its value (and the norm of its gradient) was ${numbers.join(', ')}.`,
      help: 'Check the layers it matches, and that teacher and student are not the same network with the same weights.',
      key: 'distill.match',
    });
  }
}

function isSilent(part: PartSigns | undefined, task: PartSigns | undefined): boolean {
  if (part === undefined || part.value === 0 || part.gradientNorm === 0) return true;
  const share = part.gradientNorm / (task?.gradientNorm ?? 0);
  return Math.abs(part.value) <= ROUNDING.value && share <= ROUNDING.gradientShare;
}

/**
 * The first part of a step's outputs that is not finite, or null.
 * @param outputs `loss`, `loss/ce`, `loss/<term>`
 */
export function firstNonFinite(outputs: Readonly<Record<string, number>>): string | null {
  const parts = Object.entries(outputs).filter(([, value]) => !Number.isFinite(value));
  return (parts.find(([name]) => name !== 'loss') ?? parts[0])?.[0] ?? null;
}

/** A part of the loss in words. */
export function partName(output: string): string {
  if (output === 'loss/ce') return 'the cross-entropy';
  if (output === 'loss/image') return 'the distance from the images';
  return output.startsWith('loss/') ? `the term "${output.slice('loss/'.length)}"` : 'the loss';
}

/** Name of the first tensor with a number that is not finite, or null. */
export function firstBadTensor(tensors: NamedTensors): string | null {
  for (const [name, { data }] of Object.entries(tensors)) {
    for (const value of data) if (!Number.isFinite(value)) return name;
  }
  return null;
}

/** Training went to infinity. KD4004; the last good checkpoint stays. */
export function diverged(job: Job, step: number, what: string): UserError {
  return new UserError({
    code: 'KD4004',
    message: `Training of ${job.phase.name} (seed ${job.seed}) left the finite numbers at step ${step}: ${what}.`,
    help: 'Lower the learning rate or the weight of that term; a warm-up helps where it happens in the first steps.',
    key: 'train.optimizer',
  });
}

/**
 * The frozen teacher must hold real weights. KD4003 names the first tensor that is wrong.
 * @throws UserError KD4003
 */
export function requireLoadedWeights(
  model: string,
  tensors: NamedTensors,
  expected: readonly string[],
): void {
  const missing = expected.find((name) => tensors[name] === undefined);
  const bad = missing ?? firstBadTensor(tensors);
  if (bad === null) return;
  throw new UserError({
    code: 'KD4003',
    message: `The weights of the teacher "${model}" ${missing === undefined ? `hold numbers that are not finite (${bad})` : `lack the tensor "${bad}"`}.`,
    help: 'Train the teacher again, or name a run whose model has this architecture.',
    key: `models.${model}`,
  });
}

/** A frozen teacher whose weights changed is a defect of ours, never a result. KD4006. */
export function requireUnchanged(model: string, before: NamedTensors, after: NamedTensors): void {
  for (const [name, { data }] of Object.entries(before)) {
    const now = after[name]?.data;
    if (now !== undefined && data.every((value, i) => Object.is(value, now[i]))) continue;
    throw new UserError({
      code: 'KD4006',
      message: `The frozen teacher "${model}" changed while the student learned (${name}).`,
      help: 'The result cannot be trusted. Please report this with the config.',
      key: `models.${model}`,
    });
  }
}

/** What the program holds is what was loaded, bit for bit. KD4010. */
export function requireTaken(model: string, loaded: NamedTensors, held: NamedTensors): void {
  for (const [name, { data }] of Object.entries(held)) {
    const given = loaded[name]?.data;
    if (given === undefined || data.every((value, i) => Object.is(value, given[i]))) continue;
    throw new UserError({
      code: 'KD4010',
      message: `The teacher "${model}" does not hold the weights that were loaded (${name}).`,
      help: 'The executor lost them; choose another by `engine.device`, and report this with the output of `kd doctor`.',
      key: `models.${model}`,
    });
  }
}

/** Rounding of other neighbours in a batch, against the largest logit. */
const NEIGHBOUR_SHARE = 1e-3;

/**
 * A teacher in inference mode says the same of a sample whatever stands beside it; one whose batch norms take the statistics
 * of the batch, or that drops activations, does not. KD4011.
 *
 * @param among logits of the sample in its batch, and of the same sample among others
 */
export function requireInference(model: string, among: ArrayLike<number>, alone: ArrayLike<number>): void {
  const largest = Array.from(among).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const off = Array.from(among).reduce(
    (most, value, k) => Math.max(most, Math.abs(value - (alone[k] ?? NaN))),
    0,
  );
  if (off <= NEIGHBOUR_SHARE * (1 + largest)) return;
  throw new UserError({
    code: 'KD4011',
    message: `The teacher "${model}" is not in inference mode: what it says of a sample depends on the others in its batch (by ${off.toPrecision(3)}).`,
    help: 'The result cannot be trusted. Please report this with the config and the output of `kd doctor`.',
    key: `models.${model}`,
  });
}

/** Samples whose class may change by rounding between two executions of the same weights. */
const ROUNDED_SAMPLES = 2;

/** A teacher that was trained in this run answers as well as it did when it was kept. KD4012. */
export function requireSameAccuracy(model: string, now: number, kept: number, samples: number): void {
  if (!Number.isFinite(kept) || Math.abs(now - kept) * samples <= ROUNDED_SAMPLES + 1e-6) return;
  throw new UserError({
    code: 'KD4012',
    message: `The teacher "${model}" reaches ${percent(now)} on validation, but ${percent(kept)} when it was trained: these are not its weights.`,
    help: 'Start a new run; if it happens again, report this with the config.',
    key: `models.${model}`,
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Terms below this share of the gradient in all watched steps hardly teach. */
const LEAST_SHARE = 1e-3;

/** Says aloud where a term is so weak beside the others that its weight, or T², was likely forgotten. */
export function warnOfWeakTerms(
  writer: RunWriter,
  job: Job,
  shares: Readonly<Record<string, number>>,
  terms: readonly string[],
): void {
  for (const term of terms) {
    const share = shares[`gradientShare/${term}`] ?? 1;
    if (share >= LEAST_SHARE || share === 0) continue;
    const message = `The term "${term}" makes up ${(share * 100).toPrecision(2)} % of the gradient: its weight is too small to matter beside the other parts of the loss.`;
    writer.event({ kind: 'guard', phase: job.phase.name, seed: job.seed, message });
  }
}

/** Standard errors by which an accuracy must exceed chance. */
const ABOVE_CHANCE = 2;

/** Says aloud where a model that was trained by labels names the right class no more often than chance. */
export function warnOfNothingLearned(
  writer: RunWriter,
  job: Job,
  {
    reached,
    chance,
    samples,
  }: { readonly reached: number; readonly chance: number; readonly samples: number },
): void {
  const bound = chance + ABOVE_CHANCE * Math.sqrt((chance * (1 - chance)) / samples);
  if (reached > bound) return;
  const message = `${job.phase.name} learned nothing that holds on validation: ${percent(reached)}, chance ${percent(chance)}. Do the labels belong to the images?`;
  writer.event({ kind: 'guard', phase: job.phase.name, seed: job.seed, message });
}

/** Says aloud where the student alone is better than its teacher. */
export function tellOfBetterStudent(
  writer: RunWriter,
  jobs: readonly Job[],
  finished: readonly PhaseResult[],
  { models, task }: Pick<Experiment, 'models' | 'task'>,
): void {
  const metric = mainMetricOfTask(task);
  const mean = (phase: string) => {
    const own = finished.filter((result) => result.phase === phase);
    return own.reduce((sum, { validation }) => sum + Number(validation[metric]), 0) / own.length;
  };
  const alone = jobs.find(({ phase }) => phase.loss === 'task' && phase.perSeed)?.phase.name;
  const teachers = new Set(jobs.flatMap(({ phase }) => (phase.loss === 'distill' ? phase.freeze : [])));
  if (alone === undefined) return;
  const classesOf = (phase: string) => {
    const model = finished.find((result) => result.phase === phase)?.model ?? '';
    return models[model]?.classes?.join();
  };
  for (const teacher of teachers) {
    // Fewer classes are told apart more easily.
    if (classesOf(teacher) !== classesOf(alone)) continue;
    const [student, taught] = [mean(alone), mean(teacher)];
    const reached = (value: number) => mainText(value, metric, 1);
    // A model of an earlier run has no result here.
    if (!(student > taught)) continue;
    const message = `The student alone (${reached(student)} on validation) is better than its teacher "${teacher}" (${reached(taught)}): were the roles swapped?`;
    writer.event({ kind: 'guard', message });
  }
}

/** Says aloud where a teacher is the smaller network in every respect. */
export function warnOfSwappedRoles(writer: RunWriter, job: Job, teacher: Sized, student: Sized): void {
  if (teacher.parameters >= student.parameters || teacher.multiplyAdds >= student.multiplyAdds) return;
  const size = ({ name, parameters }: Sized) =>
    `"${name}" (${parameters.toLocaleString('en-US')} parameters)`;
  const message = `The teacher ${size(teacher)} is smaller than the student ${size(student)}: are the roles swapped?`;
  writer.event({ kind: 'guard', phase: job.phase.name, seed: job.seed, message });
}

interface Sized {
  readonly name: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** Says aloud that test samples stand among the training samples, which makes every result too good. */
export function tellOfCopies(writer: RunWriter, report: SplitReport): void {
  const { exact, near, moved = 0, examples } = report.acrossTest;
  const all = exact + near + moved;
  if (all === 0) return;
  const kept = report.dropped === 0;
  const effect = kept ? 'The test accuracy flatters every model.' : 'They are left out of training.';
  const asMoved = moved === 0 ? '' : `, ${moved} mirrored or shifted`;
  const message = `${all} test samples are copies of training samples (${exact} exact, ${near} nearly${asMoved}; training = test: ${examples.join('; ')}). ${effect}`;
  writer.event({ kind: kept ? 'guard' : 'note', message });
}

/** Says aloud where the teacher knows no more than chance, or no more than the student before it learned anything. */
export function warnOfWeakTeacher(
  writer: RunWriter,
  job: Job,
  accuracies: { readonly teacher: number; readonly student: number; readonly chance: number },
): void {
  const { teacher, student, chance } = accuracies;
  const told = { kind: 'guard', phase: job.phase.name, seed: job.seed } as const;
  if (teacher <= chance) {
    const message = `The teacher is no better than chance on validation: ${percent(teacher)}, chance ${percent(chance)}. It has nothing to teach.`;
    writer.event({ ...told, message });
  } else if (teacher <= student) {
    const message = `The teacher (${percent(teacher)} on validation) is no better than the student before training (${percent(student)}).`;
    writer.event({ ...told, message });
  }
}
