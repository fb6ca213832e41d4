import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { UserError } from '../../protocol/errors.ts';
import { Isolation } from './isolation.ts';

/** The official packages, the one that knows graphics cards first. */
export const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;
export type PackageName = (typeof PACKAGES)[number];

/** What is used of them. */
export interface NodeTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): Float32Array | Int32Array | Uint8Array;
  dispose(): void;
}
export interface LoadedSignature {
  predict(inputs: Record<string, NodeTensor>): Record<string, NodeTensor>;
  dispose(): void;
}
interface NodeLibrary {
  tensor(values: Float32Array | Int32Array | Uint8Array, shape: number[], dtype: string): NodeTensor;
  memory(): { readonly numTensors: number };
  readonly node: {
    loadSavedModel(path: string, tags: string[], signature: string): Promise<LoadedSignature>;
  };
  readonly version: Readonly<Record<string, string>>;
  backend(): { readonly isUsingGpuDevice: boolean; readonly binding: { readonly TF_Version: string } };
}

export interface TensorFlowPackage {
  readonly name: PackageName;
  /** `4.22.0` */
  readonly version: string;
  /** Of the native library: `2.9.1`. */
  readonly libraryVersion: string;
  readonly usesGpu: boolean;
  readonly library: NodeLibrary;
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

let loaded: { readonly path: string; readonly library: TensorFlowPackage } | null = null;

/**
 * Loads a package once a process: its native library cannot be loaded beside another of its kind, and reads its settings from the
 * environment at that moment.
 *
 * @throws UserError KD6052 with the reason in words
 */
export function loadPackage({ name, path }: Found, threads: number): TensorFlowPackage {
  if (loaded !== null) {
    if (loaded.path === path) return loaded.library;
    throw unusable(name, `${loaded.library.name} is loaded already, and one process holds one of them`);
  }
  restoreUtilities();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  const isolation = new Isolation();
  const library = isolation.run(() => {
    try {
      return createRequire(path)(path) as NodeLibrary;
    } catch (error) {
      throw unusable(name, error instanceof Error ? error.message : String(error), error);
    }
  });
  const backend = isolation.run(() => library.backend());
  const found: TensorFlowPackage = {
    name,
    version: library.version['tfjs-node'] ?? library.version.tfjs ?? '',
    libraryVersion: backend.binding.TF_Version,
    usesGpu: backend.isUsingGpuDevice,
    library,
    isolation,
  };
  loaded = { path, library: found };
  return found;
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
