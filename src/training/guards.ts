import { UserError } from '../protocol/errors.ts';
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
 * @param signs by part, among them `ce`
 * @throws UserError KD4005
 */
export function requireEffect(
  signs: readonly Readonly<Record<string, PartSigns>>[],
  terms: readonly string[],
): void {
  for (const term of terms) {
    const seen = signs.map((step) => step[term]);
    if (!signs.every((step) => isSilent(step[term], step['ce']))) continue;
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

function isSilent(part: PartSigns | undefined, ce: PartSigns | undefined): boolean {
  if (part === undefined || part.value === 0 || part.gradientNorm === 0) return true;
  const share = part.gradientNorm / (ce?.gradientNorm ?? 0);
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

/** Says aloud where the teacher knows no more than chance, or no more than the student before it learned anything. */
export function warnOfWeakTeacher(
  writer: RunWriter,
  job: Job,
  accuracies: { readonly teacher: number; readonly student: number; readonly chance: number },
): void {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
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
