import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRoot } from '../config/root.ts';
import { RunStore } from '../runs/index.ts';
import type { Output } from './output.ts';

/** What commands get besides their arguments. */
export interface CommandContext {
  readonly output: Output;
  /** Current folder. */
  readonly folder: string;
}

/** The store of the current folder or the nearest folder above it that has runs. */
export function storeHere({ folder }: CommandContext): RunStore {
  return new RunStore(findRoot(join(folder, 'any.kd.yaml')));
}

/** The folder of this bundle, where the engine lies too. */
function bundleFolder(): string {
  return dirname(fileURLToPath(import.meta.url));
}

export function enginePath(): string {
  return join(bundleFolder(), 'engine.cjs');
}

export function kdPath(): string {
  return fileURLToPath(import.meta.url);
}

/** The sample project and its templates, beside the bundles. */
export function sampleFolder(): string {
  return join(bundleFolder(), '..', 'media', 'sample');
}
