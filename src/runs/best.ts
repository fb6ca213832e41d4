import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../protocol/errors.ts';
import type { JsonNumber } from '../protocol/records.ts';
import { FILES } from './layout.ts';
import { DamagedTensors } from './safetensors.ts';
import {
  numberedFolder,
  numbersIn,
  readMeta,
  readTensors,
  removeTensorFolder,
  setAside,
  writeTensorFolder,
} from './tensor-folder.ts';
import type { BestWeights, Checkpoint } from './writer.ts';

/** `meta.json` of `best/<number>/`: whose weights they are, and what they reached. */
export interface BestMeta extends Omit<BestWeights, 'tensors'> {
  readonly number: number;
  /** Of the checkpoints that name them. */
  readonly job: number;
  readonly phase: string;
  readonly seed: number;
  readonly instance: string;
}

/** By learner, the numbers of the best weights that a checkpoint names. */
export type BestNumbers = Readonly<Record<string, number>>;

type Report = (problem: Problem) => void;

/** Writes the best weights of a checkpoint that are not kept yet. Returns the numbers of all of them. */
export function keepBest(directory: string, { meta, best }: Checkpoint): BestNumbers {
  const { job, phase, seed } = meta;
  const kept = keptBest(directory);
  let last = lastBestNumber(directory);
  const numbers = Object.entries(best).map(([instance, { tensors, ...about }]) => {
    const known = kept.find(
      (one) => one.job === job && one.instance === instance && one.epoch === about.epoch,
    );
    if (known !== undefined) return [instance, known.number] as const;
    last += 1;
    const folder = numberedFolder(parentOf(directory), last);
    writeTensorFolder(folder, tensors, { job, phase, seed, instance, ...about });
    return [instance, last] as const;
  });
  return Object.fromEntries(numbers);
}

/** The largest number that best weights ever had here: none is used twice. */
export function lastBestNumber(directory: string): number {
  const parent = parentOf(directory);
  if (!existsSync(parent)) return 0;
  const numbers = readdirSync(parent).map((name) => Number(/^(?:damaged-)?(\d+)/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

/** What is kept, newest first; the tensors are not looked at, and what is damaged is left out. */
export function keptBest(directory: string): BestMeta[] {
  return numbersIn(parentOf(directory)).flatMap((number) => {
    try {
      return [describedIn(directory, number).about];
    } catch (error) {
      if (error instanceof DamagedTensors) return [];
      throw error;
    }
  });
}

/** Reads and checks best weights. Throws `DamagedTensors`. */
export function readBest(directory: string, number: number): BestWeights {
  const { about, meta } = describedIn(directory, number);
  const { model, epoch, score, values } = about;
  const folder = numberedFolder(parentOf(directory), number);
  return { model, epoch, score, values, tensors: readTensors(folder, meta) };
}

/**
 * The best weights that a checkpoint names, without those that are missing or damaged. The latter are set aside under
 * `damaged-<number>` and told to `report`.
 */
export function readNamedBest(
  directory: string,
  numbers: BestNumbers,
  report: Report,
): Readonly<Record<string, BestWeights>> {
  const found: Record<string, BestWeights> = {};
  for (const [instance, number] of Object.entries(numbers)) {
    const weights = readOrSetAside(directory, instance, number, report);
    if (weights !== null) found[instance] = weights;
  }
  return found;
}

/** The newest whole ones of a learner before those of this number; null where there are none. */
export function bestBefore(
  directory: string,
  { job, instance, number }: Pick<BestMeta, 'job' | 'instance' | 'number'>,
  report: Report,
): BestWeights | null {
  for (const one of keptBest(directory)) {
    if (one.job !== job || one.instance !== instance || one.number >= number) continue;
    const weights = readOrSetAside(directory, instance, one.number, report);
    if (weights !== null) return weights;
  }
  return null;
}

function readOrSetAside(
  directory: string,
  instance: string,
  number: number,
  report: Report,
): BestWeights | null {
  const folder = numberedFolder(parentOf(directory), number);
  if (!existsSync(folder)) return null;
  try {
    return readBest(directory, number);
  } catch (error) {
    if (!(error instanceof DamagedTensors)) throw error;
    report(damagedBest(directory, number, instance, error.message));
    setAside(parentOf(directory), number);
    return null;
  }
}

export function damagedBest(directory: string, number: number, whose: string, why: string): Problem {
  return {
    code: 'KD5031',
    message: `best weights ${number}, of ${whose}, are damaged (${why})`,
    help: 'a checkpoint that does without them, or the best weights before them, are used; the damaged ones stay in the run directory',
    file: numberedFolder(parentOf(directory), number),
  };
}

/**
 * Removes what no checkpoint names any more, but for the best before the oldest that is named. Weights of phases that are
 * done stand under `models/` by then.
 *
 * @param oldest the oldest checkpoint that stays
 */
export function removeFormerBest(
  directory: string,
  { job, best }: { readonly job: number; readonly best: BestNumbers },
): void {
  const before = new Set<string>();
  for (const one of keptBest(directory)) {
    const named = best[one.instance];
    if (one.job > job || (one.job === job && (named === undefined || one.number >= named))) continue;
    if (one.job === job && !before.has(one.instance)) before.add(one.instance);
    else removeTensorFolder(numberedFolder(parentOf(directory), one.number));
  }
}

/** Removes what was kept after the checkpoint that the run goes on from, which will be found once more. */
export function removeLaterBest(directory: string, last: number): void {
  const parent = parentOf(directory);
  for (const number of numbersIn(parent)) {
    if (number > last) removeTensorFolder(numberedFolder(parent, number));
  }
}

function parentOf(directory: string): string {
  return join(directory, FILES.best);
}

function describedIn(directory: string, number: number) {
  const meta = readMeta(numberedFolder(parentOf(directory), number), directory);
  const { job, phase, seed, instance, model, epoch, score, values } = meta;
  const counts = [job, seed, epoch].every(Number.isSafeInteger);
  const texts = [phase, instance, model].every((text) => typeof text === 'string');
  if (!counts || !texts || !isJsonNumber(score) || typeof values !== 'object' || values === null) {
    throw new DamagedTensors('meta.json is incomplete');
  }
  const about = { number, job, phase, seed, instance, model, epoch, score, values } as BestMeta;
  return { about, meta };
}

function isJsonNumber(value: unknown): value is JsonNumber {
  return typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';
}
