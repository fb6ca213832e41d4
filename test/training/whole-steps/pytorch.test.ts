import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { onnxCpu } from '../../../src/executors/onnx-cpu.ts';
import { buildArchitecture } from '../../../src/models/zoo/zoo.ts';
import { expectAgreement } from './agreement.ts';
import { compiledTrajectory } from './compiled.ts';
import { OPTIONS } from './options.ts';
import { NO_TORCH, pythonWithTorch, torchTrajectories } from './pytorch.ts';
import { makeWork, type Trajectory, type Work } from './work.ts';
import { smallModel, smallWork } from './zoo.ts';

const STEPS = 20;
/** Loading PyTorch takes longest. */
const TORCH_MILLISECONDS = 120_000;
const MODELS = ['mlp', 'convnet', 'resnet8'];
const OPTIMIZERS = ['momentum', 'Adam', 'AdamW'];
/** What PyTorch has nothing for. */
const OURS_ALONE = /LAMB|decoupled|mean of the weights|all of it/;

const graph = buildArchitecture('resnet', [8, 8, 3], 4, { depth: 8, width: 2 });
const works: Readonly<Record<string, Work>> = {
  ...Object.fromEntries(
    MODELS.flatMap((model) =>
      OPTIMIZERS.map((optimizer) => [
        `${model}, ${STEPS} steps with ${optimizer}`,
        smallWork(smallModel(model), { batch: 4, steps: STEPS, settings: OPTIONS[optimizer] ?? {} }),
      ]),
    ),
  ),
  ...Object.fromEntries(
    Object.entries(OPTIONS)
      .filter(([name]) => !OURS_ALONE.test(name))
      .map(([name, settings]) => [
        `two epochs of a tiny residual net with ${name}`,
        makeWork({ graph, batch: 4, steps: 6, stepsPerEpoch: 3, settings, seed: 2 }),
      ]),
  ),
};

const executor = onnxCpu({ threads: 1, spinning: false });
const python = pythonWithTorch();

describe('from the same weights and batches PyTorch has the same losses, weights and statistics', () => {
  let theirs: Record<string, Trajectory> = {};
  beforeAll(() => {
    if (python === null) return;
    const folder = mkdtempSync(join(tmpdir(), 'kd-torch-'));
    try {
      theirs = torchTrajectories(python, folder, works);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, TORCH_MILLISECONDS);

  it.for(Object.keys(works))('%s', async (name, context) => {
    if (python === null) context.skip(NO_TORCH);
    const work = works[name] as Work;
    const want = theirs[name] as Trajectory;
    expectAgreement(await compiledTrajectory(work, executor), want, work, { loss: 1e-5, move: 3e-4 });
  });
});
