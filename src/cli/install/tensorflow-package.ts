import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../protocol/errors.ts';
import { installAside, requireLinux, type InstallOptions } from './install-aside.ts';
import { pathWith, runNpm, runTool } from './run-tool.ts';
import { slimPackages } from './slim-packages.ts';
import { unpackTensorFlow } from './tensorflow-library.ts';
import { obtainWheel, type Wheel } from './wheels.ts';

/** Of the official packages; the last that were published. */
export const PACKAGE_VERSION = '4.22.0';

export interface PackagePlan {
  readonly packageName: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';
  /** Whose native library is used; null: the one that the package's own installation downloads. */
  readonly wheel: Wheel | null;
}

/** Installs an official package into a folder of its own, without what Node never reads of it. */
export function installPackage(plan: PackagePlan, folder: string, options: InstallOptions): Promise<void> {
  return installAside(plan.packageName, folder, options, async (aside) => {
    if (plan.wheel === null) await installWhole(plan, aside, options);
    else await installWithWheel(plan.packageName, plan.wheel, aside, options);
    await slimPackages(aside);
  });
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
  options: InstallOptions,
): Promise<void> {
  requireLinux(wheel.file);
  options.say(`installing ${packageName} ${PACKAGE_VERSION} with npm, without its library`);
  try {
    await runNpm(['install', '--ignore-scripts', `${packageName}@${PACKAGE_VERSION}`], { cwd: folder });
  } catch (error) {
    throw failed(`${packageName} could not be installed`, error);
  }
  const home = join(folder, 'node_modules', packageName);
  await rm(join(home, 'deps'), { recursive: true, force: true });
  const downloads = join(folder, 'wheel');
  await unpackTensorFlow(await obtainWheel(wheel, downloads, options), join(home, 'deps'));
  await rm(downloads, { recursive: true, force: true });
  options.say('fetching or building the addon');
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

function failed(
  what: string,
  error: unknown,
  help = 'check the network connection and the free space, then try again',
): UserError {
  const message = error instanceof Error ? error.message : String(error);
  return new UserError({ code: 'KD6066', message: `${what}: ${message}`, help }, { cause: error });
}
