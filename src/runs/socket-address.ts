import { createHash } from 'node:crypto';
import { mkdirSync, lstatSync, chmodSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';

const HASH_DIGITS = 12;

/**
 * Address of the control socket of a run directory: short, for systems end such paths at about 104 bytes, and in a folder
 * that only this user may enter. Throws KD5014 where that folder belongs to somebody else.
 */
export function socketAddress(directory: string, environment: NodeJS.ProcessEnv = process.env): string {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, HASH_DIGITS);
  if (process.platform === 'win32') return `\\\\.\\pipe\\kd-${hash}`;
  const runtime = environment['XDG_RUNTIME_DIR'];
  const folder =
    runtime !== undefined && runtime !== '' ? join(runtime, 'kd') : join(tmpdir(), `kd-${userInfo().uid}`);
  makePrivate(folder);
  return join(folder, `${hash}.sock`);
}

function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  // Anybody may have made a folder of this name in the shared temporary folder before us.
  if (!lstatSync(folder).isDirectory() || uid !== userInfo().uid) {
    throw new UserError({
      code: 'KD5014',
      message: 'the folder for control sockets belongs to another user',
      help: 'set XDG_RUNTIME_DIR to a folder of your own; the run goes on without a socket and can be stopped with `kd stop`',
      file: folder,
    });
  }
  if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
