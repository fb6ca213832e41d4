import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';

const NAME = 'peak/matmul';

/** @type {Map<string, Promise<number>>} */
const measured = new Map();

/** Multiply-adds a second that a plain matrix product reaches at its best, through the runtime of an executor. */
export function peakRate(executor) {
  const known = measured.get(executor) ?? measurePeak(executor);
  measured.set(executor, known);
  return known;
}

async function measurePeak(executor) {
  const program = await bundleBench('peak');
  return (await measureProcess([process.execPath, program, '--executor', executor])).multiplyAddsPerSecond;
}

export const TASKS = [
  {
    names: [NAME],
    async measure({ executors }) {
      const rows = [];
      for (const executor of executors) {
        const rate = (await peakRate(executor)) / 1e9;
        rows.push(row({ name: `${NAME}/${executor}`, unit: 'G multiply-adds/s', target: null }, [rate]));
      }
      return { rows, notRun: [] };
    },
  },
];
