import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { trace } from '../compiler/trace.ts';
import { chooseExecutor } from '../executors/ladder.ts';
import type { Executor } from '../executors/executor.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { readFixtures } from '../training/fixture.ts';
import type { StepRunner } from '../training/step-runner.ts';
import { verifyFixtures } from '../training/verify.ts';

/**
 * Recomputes golden fixtures as training computes losses: traced, lowered, on the executor that runs would use. Prints the
 * report as JSON; returns the exit code.
 *
 * @param bundles folder of the engine's bundle
 */
export async function verify(folder: string | undefined, bundles: string): Promise<number> {
  const { executor } = await chooseExecutor({ device: 'auto' });
  const report = await verifyFixtures(readFixtures(folder ?? shippedFixtures(bundles)), runnerOn(executor));
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.failed === 0 ? EXIT_CODES.done : EXIT_CODES.failure;
}

/** Beside the bundle in a package, among the tests in the repository. */
function shippedFixtures(bundles: string): string {
  const packaged = join(bundles, 'golden');
  return existsSync(packaged) ? packaged : join(bundles, '..', 'test', 'golden', 'losses');
}

function runnerOn(executor: Executor): StepRunner {
  return async (name, step, specs, feeds) => {
    const program = await executor.load({ [name]: trace(name, step, specs) }, {});
    try {
      return await program.run(name, feeds);
    } finally {
      await program.dispose();
    }
  };
}
