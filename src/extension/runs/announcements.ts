import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Claims of runs that ended longer ago are of no use to anyone. */
const KEPT_MILLISECONDS = 30 * 24 * 3600 * 1000;

/**
 * Says which of several windows announces the end of a run: the first that asks. `finishedAt` tells a run that was
 * resumed and ended again from its first end.
 *
 * @param folder shared by all windows
 */
export async function claimAnnouncement(
  folder: string,
  directory: string,
  finishedAt: string,
): Promise<boolean> {
  const name = createHash('sha256').update(`${directory}\n${finishedAt}`).digest('hex').slice(0, 24);
  await mkdir(folder, { recursive: true });
  try {
    await (await open(join(folder, name), 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Forgets claims that are a month old. */
export async function forgetOldClaims(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const claimed = await stat(path).catch(() => null);
    if (claimed !== null && now - claimed.mtimeMs > KEPT_MILLISECONDS) await rm(path, { force: true });
  }
}
