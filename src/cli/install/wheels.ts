import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../../protocol/errors.ts';
import type { InstallOptions } from './install-aside.ts';
import { runTool } from './run-tool.ts';
import { extract } from './zip.ts';

/** A Python package that holds native libraries; nothing of Python in it is used. For Linux on x64 alone. */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  readonly file: string;
  /** Size and SHA-256 of the whole file, as the registry publishes it. */
  readonly bytes: number;
  readonly sha256: string;
}

/** Those with the library of TensorFlow. */
export const WHEELS = {
  cpu: {
    project: 'tensorflow-cpu',
    version: '2.12.1',
    file: 'tensorflow_cpu-2.12.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    bytes: 231_826_663,
    sha256: '7ffb595707a8fb376deaddc768784c7a0242b16cbc6e06393b1733b2ce19f855',
  },
  gpu: {
    project: 'tensorflow',
    version: '2.12.1',
    file: 'tensorflow-2.12.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    bytes: 585_929_032,
    sha256: '857a1e331cc34f399236642dbf4ac8f3ca4f36e2df04e45516819db1b3c827c1',
  },
  current: {
    project: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    bytes: 572_440_367,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  },
} as const satisfies Record<string, Wheel>;

const PLATFORMS = ['manylinux2014_x86_64', 'manylinux_2_27_x86_64', 'manylinux_2_28_x86_64'];
const MEGABYTE = 1e6;

/**
 * The file of a wheel, whole and unchanged: one that a person has downloaded, else fetched into `folder`.
 *
 * @throws UserError KD6061, KD6062
 */
export async function obtainWheel(
  wheel: Wheel,
  folder: string,
  { wheels = [], say }: Pick<InstallOptions, 'wheels' | 'say'>,
): Promise<string> {
  const given = wheels.find((path) => basename(path) === wheel.file);
  if (given === undefined)
    say(`downloading ${wheel.project} ${wheel.version}, ${Math.round(wheel.bytes / MEGABYTE)} MB`);
  const path = given === undefined ? await downloadWheel(wheel, folder) : resolve(given);
  say(`checking and unpacking ${wheel.project}`);
  await checkWheel(wheel, path);
  return path;
}

/** @throws UserError KD6062 where a file was given that is none of the wheels that are needed */
export function requireNeeded(given: readonly string[], needed: readonly Wheel[]): void {
  const other = given.find((path) => needed.every(({ file }) => file !== basename(path)));
  if (other === undefined) return;
  const names = needed.map(({ file }) => file).join(', ');
  throw new UserError({
    code: 'KD6062',
    message: 'this runtime needs no wheel of this name',
    help: `give one of: ${names}`,
    file: other,
  });
}

/** Downloads a wheel with `pip`, which any Python 3 brings. */
async function downloadWheel({ project, version, file }: Wheel, folder: string): Promise<string> {
  const only = ['--no-deps', '--only-binary=:all:', '--implementation', 'cp', '--python-version', '311'];
  const platforms = PLATFORMS.flatMap((platform) => ['--platform', platform]);
  const args = ['-m', 'pip', 'download', '--disable-pip-version-check', ...only, ...platforms];
  await mkdir(folder, { recursive: true });
  try {
    await runTool('python3', [...args, '--dest', folder, `${project}==${version}`], { cwd: folder });
  } catch (error) {
    throw new UserError(
      {
        code: 'KD6061',
        message: `the wheel ${project} ${version} could not be downloaded: ${error instanceof Error ? error.message : String(error)}`,
        help: `install Python 3 with pip, or download ${file} (project ${project}, version ${version}) from the Python package index in a browser and give it with --wheel FILE`,
      },
      { cause: error },
    );
  }
  return join(folder, file);
}

/** @throws UserError KD6062 where a file is not exactly the wheel that it should be */
export async function checkWheel(wheel: Wheel, path: string): Promise<void> {
  const fault = await faultOf(wheel, path);
  if (fault === null) return;
  throw new UserError({
    code: 'KD6062',
    message: fault,
    help: `download ${wheel.file} again (project ${wheel.project}, version ${wheel.version}, of the Python package index)`,
    file: path,
  });
}

async function faultOf({ file, bytes, sha256 }: Wheel, path: string): Promise<string | null> {
  if (!existsSync(path)) return 'there is no such file';
  const { size } = statSync(path);
  if (size !== bytes) return `this is not ${file}: it has ${size} bytes, not ${bytes}`;
  const found = await sha256Of(path);
  return found === sha256 ? null : `this is not ${file}: its SHA-256 is ${found}, not ${sha256}`;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Writes files of a wheel to where `target` wants them.
 *
 * @param wanted names of the files without which the rest is of no use
 * @throws UserError KD6063 where it cannot be read, or lacks one of them
 */
export async function unpackWheel(
  path: string,
  target: (name: string) => string | null,
  wanted: readonly string[],
): Promise<void> {
  try {
    const written = new Set(await extract(path, target));
    const missing = wanted.filter((name) => !written.has(name));
    if (missing.length > 0) throw new Error(`it holds no ${missing.join(', ')}`);
  } catch (error) {
    throw new UserError(
      {
        code: 'KD6063',
        message: `${basename(path)} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
        help: 'download it again; if that does not help, check that the disk has room',
      },
      { cause: error },
    );
  }
}
