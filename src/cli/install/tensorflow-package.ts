import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../protocol/errors.ts';
import { pathWith, runNpm, runTool } from './run-tool.ts';
import { checkWheel, downloadWheel, replaceFolder, unpackLibrary, type Wheel } from './wheels.ts';

/** Of the official packages; the last that were published. */
export const PACKAGE_VERSION = '4.22.0';

export interface PackagePlan {
  readonly packageName: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';
  /** Whose native library is used; null: the one that the package's own installation downloads. */
  readonly wheel: Wheel | null;
}

export interface InstallOptions {
  /** A wheel that a person has downloaded. */
  readonly wheelFile?: string;
  readonly say: (line: string) => void;
  /** Tries what was installed, before it takes the place of what is there; returns why it may not. */
  readonly verify?: (folder: string) => Promise<string | null>;
}

/**
 * Installs an official package into a folder of its own. It is made aside and takes its place when it is whole and works, so that
 * a failure leaves things as they were.
 */
export async function installPackage(
  plan: PackagePlan,
  folder: string,
  options: InstallOptions,
): Promise<void> {
  const aside = `${folder}.installing-${process.pid}`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  try {
    await writeFile(join(aside, 'package.json'), '{ "private": true }\n');
    if (plan.wheel === null) await installWhole(plan, aside, options);
    else await installWithWheel(plan.packageName, plan.wheel, aside, options);
    const reason = await tried(aside, options);
    if (reason !== null)
      throw new UserError({
        code: 'KD6064',
        message: `${plan.packageName} was installed but does not work here: ${reason}`,
        help: 'it was removed again, nothing else has changed; `kd doctor` shows what runs without it',
      });
    await replaceFolder(aside, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function tried(folder: string, { say, verify }: InstallOptions): Promise<string | null> {
  if (verify === undefined) return null;
  say('trying it');
  return verify(folder);
}

async function installWhole(
  { packageName }: PackagePlan,
  folder: string,
  { say }: InstallOptions,
): Promise<void> {
  say(`installing ${packageName} ${PACKAGE_VERSION} with npm, which downloads its library`);
  try {
    await runNpm(['install', `${packageName}@${PACKAGE_VERSION}`], { cwd: folder });
  } catch (error) {
    throw failed(`${packageName} could not be installed`, error);
  }
}

async function installWithWheel(
  packageName: string,
  wheel: Wheel,
  folder: string,
  { say, wheelFile }: InstallOptions,
): Promise<void> {
  requireLinux(wheel);
  say(`installing ${packageName} ${PACKAGE_VERSION} with npm, without its library`);
  try {
    await runNpm(['install', '--ignore-scripts', `${packageName}@${PACKAGE_VERSION}`], { cwd: folder });
  } catch (error) {
    throw failed(`${packageName} could not be installed`, error);
  }
  if (wheelFile === undefined)
    say(`downloading the library: ${wheel.project} ${wheel.version}, ${wheel.download} MB`);
  const path =
    wheelFile === undefined ? await downloadWheel(wheel, join(folder, 'wheel')) : resolve(wheelFile);
  say('checking and unpacking it');
  await checkWheel(wheel, path);
  const home = join(folder, 'node_modules', packageName);
  await rm(join(home, 'deps'), { recursive: true, force: true });
  await unpackLibrary(path, join(home, 'deps'));
  await rm(join(folder, 'wheel'), { recursive: true, force: true });
  say('fetching or building the addon');
  await makeAddon(home, packageName.endsWith('-gpu') ? 'gpu' : 'cpu', join(folder, 'node_modules'));
}

/** The package's own script: it takes a ready-made addon where it can download one, and else compiles it. */
async function makeAddon(home: string, kind: 'cpu' | 'gpu', modules: string): Promise<void> {
  const prefix = resolve(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  try {
    await runTool(process.execPath, [join(home, 'scripts', 'install.js'), kind], {
      cwd: home,
      environment: {
        PATH: pathWith(modules),
        JOBS: '1',
        LDFLAGS: '-Wl,--no-as-needed',
        // Node's own headers, where they lie beside it, are not downloaded again.
        ...(headers ? { npm_config_nodedir: prefix } : {}),
      },
    });
  } catch (error) {
    throw failed(
      'the addon could be neither downloaded nor built',
      error,
      'install g++, make and python3, then try again',
    );
  }
}

function requireLinux({ file }: Wheel): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new UserError({
    code: 'KD6065',
    message: `${file} is for Linux on x64, this is ${process.platform} on ${process.arch}`,
    help: 'choose a runtime with the library of its own package: `kd install` lists them',
  });
}

function failed(
  what: string,
  error: unknown,
  help = 'check the network connection and the free space, then try again',
): UserError {
  const message = error instanceof Error ? error.message : String(error);
  return new UserError({ code: 'KD6066', message: `${what}: ${message}`, help }, { cause: error });
}
