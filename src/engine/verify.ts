import { join } from 'node:path';
import type { Executor } from '../executors/executor.ts';
import { climb } from '../executors/ladder.ts';
import { DEVICES } from '../protocol/devices.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { RefusedExecutor, VerifyCase, VerifyReport } from '../protocol/records.ts';
import { readFixtures } from '../training/fixture.ts';
import { tracedRunner } from '../training/step-runner.ts';
import { verifyFixtures } from '../training/verify.ts';
import { everyExecutor } from './every-executor.ts';

/**
 * Recomputes golden fixtures as training computes losses: traced, lowered, on the executor that runs would use. Prints the
 * report as JSON, and on standard error what it works on; returns the exit code.
 *
 * @param device as `engine.device`, or `all`: every executor that can compute here, one after another
 * @param folder of fixtures; left out: those of the product
 * @param bundles folder of the engine's bundle; the fixtures of the product lie in it
 * @throws UserError KD6040 where the device cannot compute here
 */
export async function verify(device: string, folder: string | undefined, bundles: string): Promise<number> {
  const fixtures = readFixtures(folder ?? join(bundles, 'golden'));
  const { executors, refused } = await executorsOf(device);
  const cases: VerifyCase[] = [];
  let unknown: readonly string[] = [];
  for (const executor of executors) {
    process.stderr.write(`recomputing ${fixtures.length} cases on ${executor.name}\n`);
    const found = await verifyFixtures(fixtures, tracedRunner(executor));
    cases.push(...found.cases.map((one) => ({ ...one, executor: executor.name })));
    // The catalogue lacks the same on each.
    unknown = found.unknown;
  }
  const passed = cases.filter((one) => one.passed).length;
  const report: VerifyReport = {
    ...{ cases, passed, failed: cases.length - passed, unknown },
    executors: executors.map(({ name }) => name),
    refused,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.failed === 0 ? EXIT_CODES.done : EXIT_CODES.failure;
}

async function executorsOf(
  device: string,
): Promise<{ readonly executors: readonly Executor[]; readonly refused: readonly RefusedExecutor[] }> {
  if (device === 'all') {
    const { serving, standby, refused } = await everyExecutor();
    return { executors: [...serving, ...standby], refused };
  }
  const { serving } = await climb({ device: DEVICES.find((one) => one === device) ?? 'auto' });
  return { executors: serving.slice(0, 1), refused: [] };
}
