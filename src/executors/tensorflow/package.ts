import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { UserError } from '../../protocol/errors.ts';
import { loadBinding, type TensorFlowBinding } from './binding.ts';
import { Isolation } from './isolation.ts';

/** The official packages, the one that knows graphics cards first. */
export const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;
export type PackageName = (typeof PACKAGES)[number];

export interface TensorFlowPackage {
  readonly name: PackageName;
  /** `4.22.0` */
  readonly version: string;
  /** Of the native library: `2.9.1`. */
  readonly libraryVersion: string;
  readonly usesGpu: boolean;
  readonly binding: TensorFlowBinding;
}

/** A tensor of a package's own copy of TensorFlow.js. */
export interface NodeTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): Float32Array | Int32Array | Uint8Array;
  dispose(): void;
}

/** A package with all of its TensorFlow.js, for steps operation by operation. */
export interface WholePackage extends TensorFlowPackage {
  /** The copy of TensorFlow.js that the package works on: to be called within `isolation` alone. */
  readonly library: unknown;
  readonly isolation: Isolation;
}

/** Where a package may lie: `node_modules` of this folder, or of one above it. */
export interface Found {
  readonly name: PackageName;
  /** Its entry point. */
  readonly path: string;
}

/** Installed packages in the order in which they are tried. Loads nothing. */
export function findPackages(folders: readonly string[], names: readonly PackageName[] = PACKAGES): Found[] {
  return names.flatMap((name) =>
    folders.flatMap((folder) => {
      try {
        return [{ name, path: createRequire(join(folder, 'package.json')).resolve(name) }];
      } catch {
        return [];
      }
    }),
  );
}

let loaded: { readonly path: string; readonly found: TensorFlowPackage } | null = null;
let whole: WholePackage | null = null;

/**
 * Loads a package's native part once a process: its library cannot be loaded beside another of its kind, and reads its settings from
 * the environment at that moment.
 *
 * @throws UserError KD6052 with the reason in words
 */
export function loadPackage({ name, path }: Found, threads: number): TensorFlowPackage {
  if (loaded !== null) {
    if (loaded.path === path) return loaded.found;
    throw unusable(name, `${loaded.found.name} is loaded already, and one process holds one of them`);
  }
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  const found = attempt(name, () => {
    const binding = loadBinding(path);
    const { version } = createRequire(path)('../package.json') as { version: string };
    const usesGpu = binding.isUsingGpuDevice();
    return { name, version, libraryVersion: binding.TF_Version, usesGpu, binding };
  });
  loaded = { path, found };
  return found;
}

/**
 * Loads a package with the copy of TensorFlow.js that it works on.
 *
 * @throws UserError KD6052 with the reason in words
 */
export function loadWholePackage(found: Found, threads: number): WholePackage {
  const native = loadPackage(found, threads);
  if (whole !== null) return whole;
  restoreUtilities();
  const isolation = new Isolation();
  const library = isolation.run(() =>
    attempt(found.name, () => createRequire(found.path)(found.path) as unknown),
  );
  whole = { ...native, library, isolation };
  return whole;
}

function attempt<T>(name: PackageName, load: () => T): T {
  try {
    return load();
  } catch (error) {
    throw unusable(name, error instanceof Error ? error.message : String(error), error);
  }
}

/** Node 23 dropped two of its old helpers, which the packages call at every operation. */
function restoreUtilities(): void {
  const helpers = util as unknown as Record<string, unknown>;
  helpers.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  helpers.isArray ??= Array.isArray;
}

function unusable(name: PackageName, message: string, cause?: unknown): UserError {
  const [reason = message] = message.split('\n');
  const problem = {
    code: 'KD6052',
    message: `${name} is installed but cannot be loaded: ${reason}`,
    help: 'Install it again with `kd install tensorflow`, or choose another engine.device.',
  };
  return new UserError(problem, { cause });
}
