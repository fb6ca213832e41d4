import { chooseExecutor } from '../executors/ladder.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { DoctorReport } from '../protocol/records.ts';
import { describeEnvironment } from './environment.ts';

/** Tries the executors in order and prints what came of it as JSON. */
export async function doctor(): Promise<number> {
  const { executor, refused } = await chooseExecutor({ device: 'auto' });
  const { name, description } = executor;
  const report: DoctorReport = {
    environment: describeEnvironment(),
    executor: { name, description },
    refused,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}
