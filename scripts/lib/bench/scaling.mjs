import { QUIET_WAIT_MS, timeOf } from './contest.mjs';
import { waitForQuiet } from './machine.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';
import { median, power } from './statistics.mjs';
import { GROWTH } from './targets.mjs';
import { prepareWorkload, stepMultiplyAdds } from './workloads.mjs';

/** Growth is seen in few rounds: it stands out of the noise. */
const MOST_ROUNDS = 3;

const SERIES = {
  batch: [16, 32, 64, 128, 256, 512].map((batch) => ({ at: batch, batch, settings: { depth: 8 } })),
  width: [8, 16, 32, 64].map((width) => ({ at: width, batch: 64, settings: { depth: 8, width } })),
  depth: [8, 14, 20, 32, 56].map((depth) => ({ at: depth, batch: 64, settings: { depth } })),
};

const MEASURED = [
  { what: 'time', unit: 'ms', value: timeOf },
  { what: 'memory', unit: 'MB', value: (one) => one.residentMegabytes },
];

/**
 * How time and memory of a residual network's step grow with batch, width and depth. The verdict is the power of the work
 * (its multiply-adds) by which they grow, from the line through the logarithms.
 */
export const TASKS = Object.keys(SERIES).map((name) => ({
  names: [`scaling/${name}`],
  measure: (context) => measure(name, SERIES[name], context),
}));

async function measure(name, series, { executors, rounds, progress }) {
  const program = await bundleBench('ours');
  const rows = [];
  const points = [];
  for (const { at, batch, settings } of series) {
    const student = { name: 'resnet', settings };
    const folder = await prepareWorkload(`scaling/${name}/${at}`, { kind: 'step', batch, student });
    points.push({ at, folder, work: stepMultiplyAdds(folder) });
  }
  for (const executor of executors) {
    /** @type {import('./contest.mjs').Outcome[][]} */
    const outcomes = points.map(() => []);
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      for (const [index, { folder }] of points.entries()) {
        await waitForQuiet(QUIET_WAIT_MS);
        const command = [process.execPath, program, folder, '--executor', executor];
        outcomes[index].push(await measureProcess(command));
      }
      progress(`scaling/${name} round ${round + 1}: ${executor}`);
    }
    for (const { what, unit, value } of MEASURED) {
      const values = outcomes.map((measured) => measured.map(value));
      points.forEach(({ at }, index) =>
        rows.push(
          row({ name: `scaling/${name}/${at}/${what}/${executor}`, unit, target: null }, values[index]),
        ),
      );
      const grown = power(
        points.map(({ work }) => work),
        values.map(median),
      );
      const verdict = { name: `scaling/${name}/growth-of-${what}/${executor}`, unit: 'power of the work' };
      rows.push({ ...row({ ...verdict, target: GROWTH }, [grown]), rounds: values[0].length });
    }
  }
  return { rows, notRun: [] };
}
