import { QUIET_WAIT_MS } from './contest.mjs';
import { waitForQuiet } from './machine.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';
import { COMPILE_MS } from './targets.mjs';
import { NETWORKS } from './workloads.mjs';

/** Graphs of a phase in which a ResNet-20 teaches a ResNet-20: every graph that the product has is one of that network. */
const GRAPHS = [
  'train',
  'trainLast',
  'predict',
  'shares',
  'answers/teacher',
  'evaluate',
  'evaluateLast',
  'probe',
  'probeTeacher',
];
const BATCH = 64;

/** From the step as a function to a graph that can run, in a fresh process: tracing, passes, lowering, the runtime's own part. */
export const TASKS = [
  ...GRAPHS.map((graph) => task('resnet20', graph, 'resnet20', COMPILE_MS)),
  ...NETWORKS.filter((network) => network !== 'resnet20').map((network) =>
    task(network, 'train', null, null),
  ),
];

function task(network, graph, teacher, target) {
  const name = `compile/${network}/${graph}`;
  return {
    names: [name],
    async measure({ executors, rounds, progress }) {
      const program = await bundleBench('compile');
      const rows = [];
      for (const executor of executors) {
        const times = [];
        for (let round = 0; round < rounds; round++) {
          await waitForQuiet(QUIET_WAIT_MS);
          const options = [
            '--network',
            network,
            '--graph',
            graph,
            '--batch',
            String(BATCH),
            '--executor',
            executor,
          ];
          if (teacher !== null) options.push('--teacher', teacher);
          times.push((await measureProcess([process.execPath, program, ...options])).milliseconds);
        }
        progress(`${name}: ${executor}`);
        rows.push(row({ name: `${name}/${executor}`, unit: 'ms', target }, times));
      }
      return { rows, notRun: [] };
    },
  };
}
