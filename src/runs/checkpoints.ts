import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError, type Problem } from '../protocol/errors.ts';
import { syncFolder, systemCode, writeFailure, writeFully, writing } from './disk.ts';
import { FILES } from './layout.ts';
import { DamagedTensors, hashFile, readSafetensors, writeSafetensors } from './safetensors.ts';
import type { Checkpoint, CheckpointMeta, StoredTensor } from './writer.ts';

const STATE = 'state.safetensors';
const META = 'meta.json';
/** The newest and the one before it, which always stay. */
const KEPT = 2;
const MINUTE_MILLISECONDS = 60_000;

/** Which checkpoints stay. */
export interface CheckpointLimits {
  /** How many, at least two. */
  readonly keep: number;
  /** Older ones than this many minutes go, but for the newest two; null: of any age. */
  readonly maximumAge: number | null;
}

export const DEFAULT_LIMITS: CheckpointLimits = { keep: KEPT, maximumAge: null };

type Tensors = Readonly<Record<string, StoredTensor>>;

/** Lines of records beside the metrics. */
export interface RecordCounts {
  readonly gap: number;
  readonly similarity: number;
  readonly attention?: number;
}

/** `meta.json` of a checkpoint. */
interface StoredMeta extends CheckpointMeta {
  /** Lines of records that the checkpoint knows; those of earlier versions knew no attention. */
  readonly records: RecordCounts;
  readonly sha256: string;
}

export interface LoadedCheckpoint extends Checkpoint {
  readonly records: StoredMeta['records'];
}

/**
 * Writes tensors and a description as one folder: aside, flushed, renamed. Killed at any byte it leaves the folder that
 * was there before, or the new one.
 */
function writeFolder(folder: string, tensors: Tensors, meta: (sha256: string) => unknown): void {
  const parent = join(folder, '..');
  const aside = `${folder}.${process.pid}.new`;
  try {
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true });
    const sha256 = writeSafetensors(join(aside, STATE), tensors);
    writeDurably(join(aside, META), `${JSON.stringify(meta(sha256), null, 2)}\n`);
    syncFolder(aside);
    replaceFolder(aside, folder);
    syncFolder(parent);
  } catch (error) {
    removeQuietly(aside);
    throw writeFailure(error, folder);
  }
}

/** On a disk that failed this may fail too; what is left is removed at the next start. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // The first failure is the one to tell.
  }
}

function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, 'wx');
  try {
    writeFully(descriptor, Buffer.from(text));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Folders cannot be exchanged in one step: between the two renames the old one stands aside, where readers look too. */
function replaceFolder(from: string, to: string): void {
  if (existsSync(to)) {
    rmSync(`${to}.old`, { recursive: true, force: true });
    renameSync(to, `${to}.old`);
  }
  renameSync(from, to);
  rmSync(`${to}.old`, { recursive: true, force: true });
}

/** Numbers of the checkpoints of a run, newest first. */
function checkpointNumbers(directory: string): number[] {
  const folder = join(directory, FILES.checkpoints);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d{6,}$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

function checkpointFolder(directory: string, number: number): string {
  return join(directory, FILES.checkpoints, String(number).padStart(6, '0'));
}

/** Writes the next checkpoint and removes those beyond the limits. Throws KD5005 to KD5007; what was there stays. */
export function writeCheckpoint(
  directory: string,
  checkpoint: Checkpoint,
  records: StoredMeta['records'],
  limits = DEFAULT_LIMITS,
): string {
  const numbers = checkpointNumbers(directory);
  const folder = checkpointFolder(directory, (numbers[0] ?? 0) + 1);
  writeFolder(folder, checkpoint.tensors, (sha256): StoredMeta => ({ ...checkpoint.meta, records, sha256 }));
  removeBeyond(directory, numbers, limits);
  return folder;
}

/** @param numbers of the checkpoints before the newest, newest first */
function removeBeyond(directory: string, numbers: readonly number[], { keep, maximumAge }: CheckpointLimits) {
  const oldest = maximumAge === null ? -Infinity : Date.now() - maximumAge * MINUTE_MILLISECONDS;
  for (const [index, number] of numbers.entries()) {
    const old = checkpointFolder(directory, number);
    const before = index + 1;
    if (before < KEPT || (before < keep && statSync(old).mtimeMs >= oldest)) continue;
    writing(old, () => {
      // Renamed first, so that a half removed folder is never taken for a checkpoint.
      renameSync(old, `${old}.old`);
      rmSync(`${old}.old`, { recursive: true, force: true });
    });
  }
}

/** Removes what writers that were killed left behind. Only the process that holds the lock may call it. */
export function removeLeftovers(directory: string): void {
  const folder = join(directory, FILES.checkpoints);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.new') || name.endsWith('.old')) {
      const path = join(folder, name);
      writing(path, () => rmSync(path, { recursive: true, force: true }));
    }
  }
}

/**
 * The newest checkpoint that is whole, null where there is none. A damaged one is set aside under `damaged-<number>` and
 * told to `report`. Throws KD5008 where all are damaged.
 */
export function loadNewestCheckpoint(
  directory: string,
  report: (problem: Problem) => void,
): LoadedCheckpoint | null {
  const numbers = checkpointNumbers(directory);
  for (const number of numbers) {
    const folder = checkpointFolder(directory, number);
    try {
      return readCheckpoint(folder);
    } catch (error) {
      if (!(error instanceof DamagedTensors)) throw error;
      report({
        code: 'KD5008',
        message: `checkpoint ${number} is damaged (${error.message})`,
        help: 'the checkpoint before it is used; the damaged one stays in the run directory',
        file: folder,
      });
      setAside(directory, folder, number);
    }
  }
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
      return readCheckpoint(checkpointFolder(directory, number));
    } catch (error) {
      if (!(error instanceof DamagedTensors) && systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return null;
}

function setAside(directory: string, folder: string, number: number): void {
  const checkpoints = join(directory, FILES.checkpoints);
  for (let count = 1; ; count += 1) {
    const target = join(checkpoints, `damaged-${number}-${count}`);
    if (existsSync(target)) continue;
    renameSync(folder, target);
    return;
  }
}

/** Reads and checks one checkpoint folder. Throws `DamagedTensors`. */
export function readCheckpoint(folder: string): LoadedCheckpoint {
  const meta = readMeta(folder);
  checkHash(folder, meta.sha256);
  const tensors = readSafetensors(join(folder, STATE));
  const { formatVersion, phase, seed, job, epoch, stepInEpoch, step, seq, loop, records } = meta;
  return { meta: { formatVersion, phase, seed, job, epoch, stepInEpoch, step, seq, loop }, tensors, records };
}

function readMeta(folder: string): StoredMeta {
  const meta = readJson(folder) as Partial<StoredMeta>;
  const numbers = [meta.seed, meta.job, meta.epoch, meta.stepInEpoch, meta.step, meta.seq];
  if (meta.formatVersion !== 1)
    throw new DamagedTensors(`its format version is ${String(meta.formatVersion)}`);
  if (!numbers.every(Number.isSafeInteger) || typeof meta.phase !== 'string') {
    throw new DamagedTensors(`${META} is incomplete`);
  }
  return { ...(meta as StoredMeta), records: meta.records ?? { gap: 0, similarity: 0 } };
}

function readJson(folder: string): object {
  let text: string;
  try {
    text = readFileSync(join(folder, META), 'utf8');
  } catch {
    throw new DamagedTensors(`${META} cannot be read`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below, as any other content that is no object.
  }
  throw new DamagedTensors(`${META} is not a JSON object`);
}

function checkHash(folder: string, expected: unknown): void {
  const path = join(folder, STATE);
  if (!existsSync(path)) throw new DamagedTensors(`${STATE} is missing`);
  if (hashFile(path) !== expected) throw new DamagedTensors(`the SHA-256 of ${STATE} differs from ${META}`);
}

/** Weights of a finished phase under `models/<name>/`; a later call of the same name replaces them as a whole. */
export function writeModel(directory: string, name: string, tensors: Tensors): void {
  writeFolder(modelFolder(directory, name), tensors, (sha256) => ({ formatVersion: 1, name, sha256 }));
}

/** Reads saved weights. KD5010 where there are none of this name, KD5011 where they are damaged. */
export function readModel(directory: string, name: string): Record<string, StoredTensor> {
  const folder = [modelFolder(directory, name), `${modelFolder(directory, name)}.old`].find((path) =>
    existsSync(path),
  );
  if (folder === undefined) {
    const names = modelNames(directory);
    throw new UserError({
      code: 'KD5010',
      message: `this run holds no trained model "${name}"`,
      help:
        names.length === 0 ? 'it has not finished training any model yet' : `it holds: ${names.join(', ')}`,
      file: directory,
    });
  }
  try {
    checkHash(folder, (readJson(folder) as { sha256?: unknown }).sha256);
    return readSafetensors(join(folder, STATE));
  } catch (error) {
    if (!(error instanceof DamagedTensors)) throw error;
    throw new UserError(
      {
        code: 'KD5011',
        message: `the saved model "${name}" is damaged: ${error.message}`,
        help: 'restore the folder from a copy, or train the model again with `kd run`',
        file: folder,
      },
      { cause: error },
    );
  }
}

/** Names of the models a run has saved. */
export function modelNames(directory: string): string[] {
  const folder = join(directory, FILES.models);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.new') && !name.endsWith('.old'))
    .sort();
}

function modelFolder(directory: string, name: string): string {
  if (!/^[\w.@#-]+$/.test(name) || name.startsWith('.')) throw new Error(`"${name}" cannot name a model.`);
  return join(directory, FILES.models, name);
}
