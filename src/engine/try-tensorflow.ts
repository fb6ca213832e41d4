import { selfTest } from '../executors/self-test.ts';
import { tensorFlow } from '../executors/tensorflow.ts';
import { findPackages } from '../executors/tensorflow/package.ts';
import { UserError } from '../protocol/errors.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { RuntimeTrial } from '../protocol/records.ts';

/** Loads the official package in `folder` and lets it pass the self-test; prints what came of it as JSON. */
export async function tryTensorFlow(folder: string): Promise<number> {
  process.stdout.write(`${JSON.stringify(await trial(folder))}\n`);
  return EXIT_CODES.done;
}

async function trial(folder: string): Promise<RuntimeTrial> {
  const [found] = findPackages([folder]);
  if (found === undefined)
    return { reason: `there is no package in ${folder}`, description: '', usesGpu: false };
  try {
    const executor = tensorFlow({ found });
    return { reason: await selfTest(executor), description: executor.description, usesGpu: executor.usesGpu };
  } catch (error) {
    const reason = error instanceof UserError ? error.problem.message : String(error);
    return { reason, description: '', usesGpu: false };
  }
}
