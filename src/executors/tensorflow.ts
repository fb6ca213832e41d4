import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optimize } from '../compiler/optimize.ts';
import type { Pass } from '../compiler/passes/pass.ts';
import { lowerToTensorFlow } from '../compiler/tensorflow/lower.ts';
import { PASSES, PROCESSOR_PASSES } from '../compiler/tensorflow/passes/index.ts';
import type { SavedModel } from '../compiler/tensorflow/model.ts';
import { encodeSavedModel, TAG } from '../compiler/tensorflow/wire.ts';
import { physicalCores } from './cores.ts';
import type { Executor } from './executor.ts';
import { sharedState } from './state.ts';
import type { TensorFlowBinding } from './tensorflow/binding.ts';
import { runtimeError } from './tensorflow/error.ts';
import { loadPackage, type Found } from './tensorflow/package.ts';
import { TensorFlowProgram, type LoadedModel } from './tensorflow/program.ts';

export interface TensorFlowOptions {
  readonly found: Found;
  /** Threads that compute within an operation; the machine's physical cores where not given. */
  readonly threads?: number;
  /** Where models are written for the moment of loading. */
  readonly folder?: string;
  /** For tests: what graphs go through before they are written. */
  readonly passes?: readonly Pass[];
}

export interface TensorFlowExecutor extends Executor {
  readonly usesGpu: boolean;
}

/**
 * Runs steps as TensorFlow graphs by one of the official packages for Node.
 *
 * @throws UserError KD6052 where the package cannot be loaded
 */
export function tensorFlow({
  found,
  threads = physicalCores(),
  folder = tmpdir(),
  passes: given,
}: TensorFlowOptions): TensorFlowExecutor {
  const library = loadPackage(found, threads);
  const passes = given ?? (library.usesGpu ? PASSES : PROCESSOR_PASSES);
  const place = library.usesGpu ? 'GPU' : `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    name: library.usesGpu ? 'tensorflow-gpu' : 'tensorflow',
    description: `TensorFlow ${library.libraryVersion} by ${library.name} ${library.version}, ${place}`,
    usesGpu: library.usesGpu,
    async load(graphs, state) {
      const specs = sharedState(graphs);
      const optimized = Object.fromEntries(
        Object.entries(graphs).map(([name, graph]) => [name, optimize(graph, passes)]),
      );
      const model = await loadModel(library.binding, lowerToTensorFlow(optimized, specs), folder);
      const titles = new Map(Object.entries(graphs).map(([name, graph]) => [name, graph.name]));
      const program = new TensorFlowProgram(library.binding, titles, specs, model);
      try {
        if (specs.size > 0) program.initialize(state);
      } catch (error) {
        await program.dispose();
        throw error;
      }
      return program;
    },
  };
}

/** Writes a model, loads it and removes it again. */
async function loadModel(
  binding: TensorFlowBinding,
  model: SavedModel,
  folder: string,
): Promise<LoadedModel> {
  const bytes = encodeSavedModel(model);
  await mkdir(folder, { recursive: true });
  const path = await mkdtemp(join(folder, 'kd-step-'));
  try {
    await writeFile(join(path, 'saved_model.pb'), bytes);
    const id = binding.loadSavedModel(path, TAG);
    return { id, signatures: new Map(model.signatures.map((one) => [one.name, one])) };
  } catch (error) {
    throw runtimeError('TensorFlow refused the graph of the step', error);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}
