import { join } from 'node:path';
import { climb } from '../executors/ladder.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { readFixtures } from '../training/fixture.ts';
import { tracedRunner } from '../training/step-runner.ts';
import { verifyFixtures } from '../training/verify.ts';

/**
 * Recomputes golden fixtures as training computes losses: traced, lowered, on the executor that runs would use. Prints the
 * report as JSON; returns the exit code.
 *
 * @param bundles folder of the engine's bundle; the fixtures of the product lie in it
 */
export async function verify(folder: string | undefined, bundles: string): Promise<number> {
  const [executor] = (await climb({ device: 'auto' })).serving;
  const report = await verifyFixtures(
    readFixtures(folder ?? join(bundles, 'golden')),
    tracedRunner(executor),
  );
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.failed === 0 ? EXIT_CODES.done : EXIT_CODES.failure;
}
