import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { FILES } from './layout.ts';
import { DamagedTensors } from './safetensors.ts';
import {
  isUnfinished,
  placeOf,
  readMeta,
  readTensors,
  writeTensorFolder,
  type Tensors,
} from './tensor-folder.ts';
import type { StoredTensor } from './writer.ts';

/** Weights of a finished phase under `models/<name>/`; a later call of the same name replaces them as a whole. */
export function writeModel(directory: string, name: string, tensors: Tensors): void {
  writeTensorFolder(modelFolder(directory, name), tensors, { name });
}

/** Reads saved weights. KD5010 where there are none of this name, KD5011 where they are damaged, KD5030 where they are of a newer format. */
export function readModel(directory: string, name: string): Record<string, StoredTensor> {
  const folder = placeOf(modelFolder(directory, name));
  if (folder === null) throw noModel(directory, name);
  try {
    return readTensors(folder, readMeta(folder, directory));
  } catch (error) {
    if (!(error instanceof DamagedTensors)) throw error;
    throw new UserError(
      {
        code: 'KD5011',
        message: `the saved model "${name}" is damaged: ${error.message}`,
        help: 'restore the folder from a copy, or train the model again with `kd run`',
        file: folder,
      },
      { cause: error },
    );
  }
}

/** KD5010 */
export function noModel(directory: string, name: string): UserError {
  const names = modelNames(directory);
  return new UserError({
    code: 'KD5010',
    message: `this run holds no trained model "${name}"`,
    help: names.length === 0 ? 'it has not finished training any model yet' : `it holds: ${names.join(', ')}`,
    file: directory,
  });
}

/** Names of the models a run has saved. */
export function modelNames(directory: string): string[] {
  const folder = join(directory, FILES.models);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !isUnfinished(name))
    .sort();
}

function modelFolder(directory: string, name: string): string {
  if (!/^[\w.@#-]+$/.test(name) || name.startsWith('.')) throw new Error(`"${name}" cannot name a model.`);
  return join(directory, FILES.models, name);
}
