import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { UserError } from '../../protocol/errors.ts';

export interface InstallOptions {
  /** Wheels that a person has downloaded; what is not among them is fetched. */
  readonly wheels?: readonly string[];
  readonly say: (line: string) => void;
  /** Tries what was installed, before it takes the place of what is there; returns why it may not. */
  readonly verify?: (folder: string) => Promise<string | null>;
}

/**
 * Fills a folder. It is made aside and takes its place when it is whole and works, so that a failure leaves things as they were.
 *
 * @param what in words, for a refusal
 * @param fill puts everything into the folder that it is given, which has a `package.json` of its own
 * @throws UserError KD6064 where what was installed does not work
 */
export async function installAside(
  what: string,
  folder: string,
  { say, verify }: InstallOptions,
  fill: (aside: string) => Promise<void>,
): Promise<void> {
  const aside = `${folder}.installing-${process.pid}`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  try {
    await writeFile(`${aside}/package.json`, '{ "private": true }\n');
    await fill(aside);
    if (verify !== undefined) {
      say('trying it');
      const reason = await verify(aside);
      if (reason !== null) throw notWorking(what, reason);
    }
    await replaceFolder(aside, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Puts a finished folder in the place of an older one; what is there is whole at every moment. */
export async function replaceFolder(finished: string, place: string): Promise<void> {
  const old = `${place}.old-${process.pid}`;
  if (existsSync(place)) await rename(place, old);
  await rename(finished, place);
  await rm(old, { recursive: true, force: true });
}

/** @throws UserError KD6065 elsewhere than where the libraries of wheels can run */
export function requireLinux(what: string): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new UserError({
    code: 'KD6065',
    message: `${what} is for Linux on x64, this is ${process.platform} on ${process.arch}`,
    help: 'choose another runtime: `kd install` lists them',
  });
}

function notWorking(what: string, reason: string): UserError {
  return new UserError({
    code: 'KD6064',
    message: `${what} was installed but does not work here: ${reason}`,
    help: 'it was removed again, nothing else has changed; `kd doctor` shows what runs without it',
  });
}
