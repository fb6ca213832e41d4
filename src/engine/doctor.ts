import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor } from '../executors/executor.ts';
import { nativeRuntime } from '../executors/onnx-runtime.ts';
import { openEager } from '../executors/rungs/eager.ts';
import { hasNvidiaDriver } from '../executors/tensorflow/places.ts';
import { knownBlocks } from '../executors/usable-blocks.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { DoctorReport, ProbedBlocks, RuntimeOffer } from '../protocol/records.ts';
import { isForThisMachine, RUNTIMES } from '../protocol/runtimes.ts';
import { toolsFolder } from '../protocol/tools-folder.ts';
import { describeEnvironment } from './environment.ts';
import { everyExecutor } from './every-executor.ts';

/** Tries all executors in order and prints what came of it as JSON. */
export async function doctor(): Promise<number> {
  const { serving, standby, refused } = await everyExecutor();
  const eager = await openEager();
  const report: DoctorReport = {
    environment: describeEnvironment(),
    executor: serving.map(described)[0] ?? null,
    serving: serving.map(described),
    refused,
    standby: standby.map(described),
    blocks: await probedBlocks(),
    eager: described(eager),
    offers: RUNTIMES.filter(isForThisMachine).map(offered),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

function described({ name, description }: Executor): { name: string; description: string } {
  return { name, description };
}

function offered({ name, folder, download, disk, reason, nvidia }: (typeof RUNTIMES)[number]): RuntimeOffer {
  const installed = existsSync(join(toolsFolder(), folder));
  const obstacle = 'this machine has no driver for a graphics card of NVIDIA';
  const facts = { name, download, disk, reason, installed };
  return nvidia && !hasNvidiaDriver() ? { ...facts, obstacle } : facts;
}

async function probedBlocks(): Promise<ProbedBlocks | null> {
  try {
    await nativeRuntime();
  } catch {
    return null; // the ladder says why
  }
  const { blocks, reason, faults } = await knownBlocks();
  return { size: blocks?.size ?? null, reason, faults };
}
