import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../protocol/errors.ts';

/**
 * Copies the sample project into a folder. Nothing is overwritten: throws KD5107 before the first file is written where
 * one of them is there already.
 *
 * @returns paths of the copied files
 */
export async function copySample(sample: string, folder: string): Promise<readonly string[]> {
  const names = await filesBelow(sample);
  for (const name of names) {
    const there = await stat(join(folder, name)).catch(() => null);
    if (there === null) continue;
    throw new UserError({
      code: 'KD5107',
      message: `the folder already has ${name}, and nothing is overwritten`,
      help: 'choose an empty folder',
      file: folder,
    });
  }
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(join(sample, name), join(folder, name), constants.COPYFILE_EXCL);
  }
  return names.map((name) => join(folder, name));
}

/** Runs that were made in the sample itself are not part of it. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !name.startsWith('.kd'))
    .sort();
}
