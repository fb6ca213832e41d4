import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonOf } from '../../../scripts/lib/bench/cache.mjs';
import { readSafetensors, writeSafetensors } from '../../../src/runs/safetensors.ts';
import type { StoredTensor } from '../../../src/runs/writer.ts';
import { updatePosition } from '../../../src/training/gradient-accumulation.ts';
import type { Trajectory, Work } from './work.ts';

const PROGRAM = join(import.meta.dirname, 'peers/train_torch.py');

/** A Python that can load PyTorch: the one of the benchmarks, or any other; null where there is none. */
export function pythonWithTorch(): string | null {
  const pythons = [process.env['KD_BENCH_PYTHON'], pythonOf('torch'), 'python3', '/usr/bin/python3'];
  const loads = (python: string) => spawnSync(python, ['-c', 'import torch']).status === 0;
  return pythons.find((python) => python !== undefined && loads(python)) ?? null;
}

/** Why a comparison did not run. */
export const NO_TORCH =
  'no Python with PyTorch (npm run bench:peers installs one; Debian: apt-get install python3-torch; another: KD_BENCH_PYTHON=/path/to/python)';

/** The works as PyTorch does them, all in one process; files go into `folder`, which is empty. */
export function torchTrajectories(
  python: string,
  folder: string,
  works: Readonly<Record<string, Work>>,
): Record<string, Trajectory> {
  const places = Object.entries(works).map(([name, work], index) => {
    const place = join(folder, String(index));
    writeWork(place, work);
    return { name, work, place };
  });
  const { status, stderr } = spawnSync(python, [PROGRAM, ...places.map(({ place }) => place)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${PROGRAM} failed: ${stderr}`);
  return Object.fromEntries(places.map(({ name, work, place }) => [name, readResult(place, work)]));
}

function writeWork(place: string, { plan, batches, stepsPerEpoch, initial, rates }: Work): void {
  mkdirSync(place);
  const { graph, parameters } = plan.learner;
  const { gradientAccumulation } = plan.settings;
  const groups = batches.map((_, step) => {
    const { firstStep, updates } = updatePosition(step, stepsPerEpoch, gradientAccumulation);
    const last = Math.min(
      firstStep + gradientAccumulation,
      firstStep - (firstStep % stepsPerEpoch) + stepsPerEpoch,
    );
    const group = batches.slice(firstStep, last);
    return { updates, samples: group.reduce((sum, { labels }) => sum + labels.length, 0) };
  });
  const described = {
    layers: graph.layers,
    settings: plan.settings,
    trainable: parameters.parts.map(({ name }) => name),
    initial: Object.keys(initial),
    rates,
    groups,
  };
  writeFileSync(join(place, 'work.json'), JSON.stringify(described));
  const samples: Record<string, StoredTensor> = {};
  for (const [step, { images, labels }] of batches.entries()) {
    samples[`images/${step}`] = { shape: [labels.length, ...plan.inputShape], data: images };
    samples[`labels/${step}`] = { shape: [labels.length], data: labels };
  }
  writeSafetensors(join(place, 'work.safetensors'), { ...initial, ...samples });
}

function readResult(place: string, work: Work): Trajectory {
  const losses = JSON.parse(readFileSync(join(place, 'losses.json'), 'utf8')) as number[];
  const tensors = readSafetensors(join(place, 'result.safetensors'));
  const values = Object.keys(work.initial).map((name) => [name, tensors[name]?.data as Float32Array]);
  return { losses, tensors: Object.fromEntries(values) as Trajectory['tensors'] };
}
