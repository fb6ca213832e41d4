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
} from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { PRODUCT_VERSION } from '../protocol/version.ts';
import { syncFolder, writeFailure, writeFully, writing } from './disk.ts';
import { readRecord } from './record.ts';
import { DamagedTensors, hashFile, readSafetensors, writeSafetensors } from './safetensors.ts';
import type { StoredTensor } from './writer.ts';

const STATE = 'state.safetensors';
const META = 'meta.json';
/** Of checkpoints, best weights and models. 2: the best weights stand beside the checkpoints, no longer in them. */
export const FORMAT_VERSION = 2;

export type Tensors = Readonly<Record<string, StoredTensor>>;

/** What every `meta.json` says, whatever its format; all else depends on `formatVersion`. */
interface Described {
  readonly formatVersion: number;
  /** Version of the product that wrote the folder; absent in format 1. */
  readonly product?: string;
  /** Of the tensors. */
  readonly sha256: string;
}

/**
 * Writes tensors and a description as one folder: aside, flushed, renamed. Killed at any byte it leaves the folder that
 * was there before, or the new one.
 */
export function writeTensorFolder(folder: string, tensors: Tensors, about: object): void {
  const parent = join(folder, '..');
  const aside = `${folder}.${process.pid}.new`;
  try {
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true });
    const sha256 = writeSafetensors(join(aside, STATE), tensors);
    const head: Described = { formatVersion: FORMAT_VERSION, product: PRODUCT_VERSION, sha256 };
    writeDurably(join(aside, META), `${JSON.stringify({ ...about, ...head }, null, 2)}\n`);
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

/** The folder of this name, also where its writer was killed between its two renames; null where there is none. */
export function placeOf(folder: string): string | null {
  return [folder, `${folder}.old`].find((path) => existsSync(path)) ?? null;
}

/** Renamed first, so that a half removed folder is never taken for a whole one. */
export function removeTensorFolder(folder: string): void {
  writing(folder, () => {
    renameSync(folder, `${folder}.old`);
    rmSync(`${folder}.old`, { recursive: true, force: true });
  });
}

/** Removes what writers that were killed left in a folder of such folders. */
export function removeUnfinished(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (!isUnfinished(name)) continue;
    const path = join(parent, name);
    writing(path, () => rmSync(path, { recursive: true, force: true }));
  }
}

export function isUnfinished(name: string): boolean {
  return name.endsWith('.new') || name.endsWith('.old');
}

/** Where a folder of this number stands. */
export function numberedFolder(parent: string, number: number): string {
  return join(parent, String(number).padStart(6, '0'));
}

/** Numbers of the folders that stand there, newest first. */
export function numbersIn(parent: string): number[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => /^\d{6,}$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

/** Keeps a damaged folder for whoever wants to look at it, under a name that is no number. */
export function setAside(parent: string, number: number): void {
  for (let count = 1; ; count += 1) {
    const target = join(parent, `damaged-${number}-${count}`);
    if (existsSync(target)) continue;
    renameSync(numberedFolder(parent, number), target);
    return;
  }
}

/**
 * `meta.json`, of whatever form; the tensors are not looked at.
 * @throws DamagedTensors
 * @throws UserError KD5030 where a newer version of the product wrote it
 */
export function readMeta(folder: string, directory: string): Readonly<Record<string, unknown>> {
  const meta = readJson(folder);
  const { formatVersion } = meta;
  if (!Number.isSafeInteger(formatVersion) || (formatVersion as number) < 1) {
    throw new DamagedTensors(`its format version is ${String(formatVersion)}`);
  }
  if ((formatVersion as number) > FORMAT_VERSION) throw newer(folder, directory, meta);
  return meta;
}

/** The tensors that `meta` speaks of. Throws `DamagedTensors`. */
export function readTensors(folder: string, { sha256 }: Readonly<Record<string, unknown>>) {
  const path = join(folder, STATE);
  if (!existsSync(path)) throw new DamagedTensors(`${STATE} is missing`);
  if (hashFile(path) !== sha256) throw new DamagedTensors(`the SHA-256 of ${STATE} differs from ${META}`);
  return readSafetensors(path);
}

function readJson(folder: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(join(folder, META), 'utf8');
  } catch {
    throw new DamagedTensors(`${META} cannot be read`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below, as any other content that is no object.
  }
  throw new DamagedTensors(`${META} is not a JSON object`);
}

/** Nothing is wrong with it: what it means is only not known here. */
function newer(folder: string, directory: string, meta: Readonly<Record<string, unknown>>): UserError {
  const version = typeof meta['product'] === 'string' ? meta['product'] : writerOf(directory);
  const writer = version === null ? 'a newer KD Workbench' : `KD Workbench ${version}`;
  return new UserError({
    code: 'KD5030',
    message: `this was written by ${writer} in format ${String(meta['formatVersion'])}; KD Workbench ${PRODUCT_VERSION} reads formats up to ${FORMAT_VERSION}`,
    help: `use ${version === null ? writer : `${writer} or newer`}; everything stays as it is`,
    file: folder,
  });
}

/** Version of the product that worked on the run last. */
function writerOf(directory: string): string | null {
  try {
    return readRecord(directory).environment?.product ?? null;
  } catch {
    return null;
  }
}
