import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, type Problem } from '../protocol/errors.ts';
import {
  bestBefore,
  keepBest,
  lastBestNumber,
  readBest,
  readNamedBest,
  removeFormerBest,
  type BestNumbers,
} from './best.ts';
import { fromFormat1 } from './checkpoint-format-1.ts';
import { systemCode } from './disk.ts';
import { FILES } from './layout.ts';
import { DamagedTensors } from './safetensors.ts';
import {
  numberedFolder,
  numbersIn,
  readMeta,
  readTensors,
  removeTensorFolder,
  removeUnfinished,
  setAside,
  writeTensorFolder,
} from './tensor-folder.ts';
import type { BestWeights, Checkpoint } from './writer.ts';

/** The newest and the one before it, which always stay. */
const KEPT = 2;
const MINUTE_MILLISECONDS = 60_000;

/** Which checkpoints stay. The best weights that they name always do. */
export interface CheckpointLimits {
  /** How many, at least two. */
  readonly keep: number;
  /** Older ones than this many minutes go, but for the newest two; null: of any age. */
  readonly maximumAge: number | null;
}

export const DEFAULT_LIMITS: CheckpointLimits = { keep: KEPT, maximumAge: null };

/** Lines of records beside the metrics. */
export interface RecordCounts {
  readonly gap: number;
  readonly similarity: number;
  readonly attention?: number;
  readonly pictures?: number;
}

/** What `meta.json` of a checkpoint says beside where the run stands. */
interface Beside {
  /** Lines of records that the checkpoint knows; those of earlier versions knew no attention. */
  readonly records: RecordCounts;
  readonly best: BestNumbers;
  /** The largest number of best weights at its time. */
  readonly lastBest: number;
}

export interface LoadedCheckpoint extends Checkpoint {
  readonly records: Beside['records'];
  readonly lastBest: number;
}

/**
 * Writes the next checkpoint, before it what it names of best weights, and removes those beyond the limits. Throws KD5005 to
 * KD5007; what was there stays.
 */
export function writeCheckpoint(
  directory: string,
  checkpoint: Checkpoint,
  records: Beside['records'],
  limits = DEFAULT_LIMITS,
): string {
  const numbers = checkpointNumbers(directory);
  const folder = checkpointFolder(directory, (numbers[0] ?? 0) + 1);
  const best = keepBest(directory, checkpoint);
  const beside: Beside = { records, best, lastBest: lastBestNumber(directory) };
  writeTensorFolder(folder, checkpoint.tensors, { ...checkpoint.meta, ...beside });
  removeBeyond(directory, numbers, limits);
  return folder;
}

/** @param numbers of the checkpoints before the newest, newest first */
function removeBeyond(directory: string, numbers: readonly number[], { keep, maximumAge }: CheckpointLimits) {
  const oldest = maximumAge === null ? -Infinity : Date.now() - maximumAge * MINUTE_MILLISECONDS;
  const stays = numbers.map((number, index) => {
    const before = index + 1;
    if (before < KEPT) return true;
    return before < keep && statSync(checkpointFolder(directory, number)).mtimeMs >= oldest;
  });
  const beyond = numbers.filter((_, index) => stays[index] === false);
  if (beyond.length === 0) return;
  for (const number of beyond) removeTensorFolder(checkpointFolder(directory, number));
  const last = checkpointNumbers(directory).at(-1);
  const named = last === undefined ? null : namedBy(directory, last);
  if (named !== null) removeFormerBest(directory, named);
}

/** Null where the checkpoint is damaged: then nothing is known to be superfluous. */
function namedBy(directory: string, number: number) {
  try {
    const { meta, beside } = describedIn(directory, number);
    return { job: meta.job, best: beside.best };
  } catch (error) {
    if (error instanceof DamagedTensors) return null;
    throw error;
  }
}

/** Removes what writers that were killed left behind. Only the process that holds the lock may call it. */
export function removeLeftovers(directory: string): void {
  for (const name of [FILES.checkpoints, FILES.best]) removeUnfinished(join(directory, name));
}

/**
 * The newest checkpoint that is whole, and so are the best weights that it names; null where there is none. A damaged one is
 * set aside under `damaged-<number>` and told to `report`. Where all checkpoints lack best weights, the newest is used with
 * the best before those.
 *
 * @throws UserError KD5009 where all are damaged, KD5030 where a newer version of the product wrote the newest
 */
export function loadNewestCheckpoint(
  directory: string,
  report: (problem: Problem) => void,
): LoadedCheckpoint | null {
  const numbers = checkpointNumbers(directory);
  const lacking: Lacking[] = [];
  for (const number of numbers) {
    const stored = readOrSetAside(directory, number, report);
    if (stored === null) continue;
    const { checkpoint, numbers: named } = stored;
    const found = { ...checkpoint.best, ...readNamedBest(directory, named, report) };
    const missing = Object.entries(named).filter(([instance]) => found[instance] === undefined);
    const loaded = { ...checkpoint, best: found };
    if (missing.length > 0) {
      lacking.push({ number, loaded, missing });
      continue;
    }
    // Going on from this one gives what those that lack something would have given.
    for (const one of lacking) reportAndSetAside(directory, one.number, 'best weights are missing', report);
    return loaded;
  }
  const [newest] = lacking;
  if (newest !== undefined) return withBestBefore(directory, newest, report);
  if (numbers.length === 0) return null;
  throw new UserError({
    code: 'KD5009',
    message: `no checkpoint of this run is whole (${numbers.length} damaged)`,
    help: 'start the experiment again with `kd run`; the metrics and finished models of this run stay as they are',
    file: join(directory, FILES.checkpoints),
  });
}

/**
 * The newest whole checkpoint as a reader sees it, also while an engine writes the next: damaged ones, and those that go away
 * meanwhile, are passed over and left as they are. Null where there is none.
 */
export function peekNewestCheckpoint(directory: string): Checkpoint | null {
  for (const number of checkpointNumbers(directory)) {
    try {
      const { checkpoint, numbers } = readStored(directory, number);
      const { meta, tensors } = checkpoint;
      const named = Object.entries(numbers).map(
        ([instance, own]) => [instance, readBest(directory, own)] as const,
      );
      return { meta, tensors, best: { ...checkpoint.best, ...Object.fromEntries(named) } };
    } catch (error) {
      if (!(error instanceof DamagedTensors) && systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return null;
}

interface Lacking {
  readonly number: number;
  readonly loaded: LoadedCheckpoint;
  /** Of learners, the numbers of their best weights. */
  readonly missing: readonly (readonly [instance: string, number: number])[];
}

function withBestBefore(
  directory: string,
  { loaded, missing }: Lacking,
  report: (problem: Problem) => void,
): LoadedCheckpoint {
  const best: Record<string, BestWeights> = { ...loaded.best };
  for (const [instance, number] of missing) {
    const before = bestBefore(directory, { job: loaded.meta.job, instance, number }, report);
    if (before !== null) best[instance] = before;
    const used =
      before === null
        ? 'there are none before them: the best from here on are kept'
        : `those before them, of epoch ${before.epoch + 1}, are used`;
    report({
      code: 'KD5031',
      message: `best weights ${number}, of ${instance}, are lost; ${used}`,
      help: 'this run may end otherwise than one that was never interrupted; start the experiment again with `kd run` where that matters',
      file: join(directory, FILES.best),
    });
  }
  return { ...loaded, best };
}

function readOrSetAside(directory: string, number: number, report: (problem: Problem) => void) {
  try {
    return readStored(directory, number);
  } catch (error) {
    if (!(error instanceof DamagedTensors)) throw error;
    reportAndSetAside(directory, number, error.message, report);
    return null;
  }
}

function reportAndSetAside(
  directory: string,
  number: number,
  why: string,
  report: (problem: Problem) => void,
): void {
  report({
    code: 'KD5008',
    message: `checkpoint ${number} is damaged (${why})`,
    help: 'the checkpoint before it is used; the damaged one stays in the run directory',
    file: checkpointFolder(directory, number),
  });
  setAside(join(directory, FILES.checkpoints), number);
}

/** Reads and checks one checkpoint, and tells which best weights it names. Throws `DamagedTensors`. */
function readStored(directory: string, number: number) {
  const { meta, beside, stored } = describedIn(directory, number);
  const tensors = readTensors(checkpointFolder(directory, number), stored);
  const { records, lastBest, best: numbers } = beside;
  const checkpoint = stored['formatVersion'] === 1 ? fromFormat1(meta, tensors) : { meta, tensors, best: {} };
  return { checkpoint: { ...checkpoint, records, lastBest }, numbers };
}

/** `meta.json` of a checkpoint, in parts and as it is stored. */
function describedIn(directory: string, number: number) {
  const stored = readMeta(checkpointFolder(directory, number), directory);
  const { phase, seed, job, epoch, stepInEpoch, step, seq, loop } = stored;
  if (![seed, job, epoch, stepInEpoch, step, seq].every(Number.isSafeInteger) || typeof phase !== 'string') {
    throw new DamagedTensors('meta.json is incomplete');
  }
  const meta = { phase, seed, job, epoch, stepInEpoch, step, seq, loop } as Checkpoint['meta'];
  const { records = { gap: 0, similarity: 0 }, best = {}, lastBest = 0 } = stored as Partial<Beside>;
  return { meta, beside: { records, best, lastBest }, stored };
}

/** Numbers of the checkpoints of a run, newest first. */
function checkpointNumbers(directory: string): number[] {
  return numbersIn(join(directory, FILES.checkpoints));
}

function checkpointFolder(directory: string, number: number): string {
  return numberedFolder(join(directory, FILES.checkpoints), number);
}
