import { climb } from '../executors/ladder.ts';
import { openEager } from '../executors/rungs/eager.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { DoctorReport } from '../protocol/records.ts';
import { describeEnvironment } from './environment.ts';

/** Tries the executors in order and prints what came of it as JSON. */
export async function doctor(): Promise<number> {
  const { serving, refused } = await climb({ device: 'auto' });
  const eager = await openEager();
  const described = serving.map(({ name, description }) => ({ name, description }));
  const report: DoctorReport = {
    environment: describeEnvironment(),
    executor: described[0] ?? null,
    serving: described,
    refused,
    eager: { name: eager.name, description: eager.description },
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}
