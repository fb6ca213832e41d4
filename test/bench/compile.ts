import { parseArgs } from 'node:util';
import { trace } from '../../src/compiler/trace.ts';
import { stepsOf } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { experimentOf, networkOf, phaseOf, sizesOf } from './experiment.ts';
import { executorNamed } from './executors.ts';

/**
 * Prints how many milliseconds it takes from a step as a function to a graph that has run once, cold: some graphs, such as a frozen
 * teacher's, are made when they first run.
 */
const { values: options } = parseArgs({
  options: {
    network: { type: 'string', default: 'resnet20' },
    teacher: { type: 'string' },
    graph: { type: 'string', default: 'train' },
    batch: { type: 'string', default: '64' },
    executor: { type: 'string', default: 'onnx' },
  },
});
const batch = Number(options.batch);
const network = (name: string) => networkOf({ name, settings: {} });
const teacher = options.teacher === undefined ? null : network(options.teacher);
const plan = planPhase(
  experimentOf(network(options.network), teacher, batch),
  phaseOf(teacher !== null),
  batch,
);
const executor = await executorNamed(options.executor, false);
const probe = {
  learner: Object.keys(plan.learner.graph.aliases),
  teacher: Object.keys(plan.teacher?.graph.aliases ?? {}),
};
const last = batch / 2;
const steps = stepsOf(
  plan,
  { ...sizesOf(batch), trainLast: last, evaluate: batch, evaluateLast: last, probe: batch },
  probe,
);
const chosen = steps[options.graph];
if (chosen === undefined)
  throw new Error(`no graph "${options.graph}" (there are: ${Object.keys(steps).join(', ')})`);

const before = performance.now();
const graph = trace(options.graph, chosen.step, chosen.specs);
const zeros = (isWanted: (role: string) => boolean) =>
  Object.fromEntries(
    Object.entries(chosen.specs)
      .filter(([, { role }]) => isWanted(role))
      .map(([name, { shape, dtype }]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, dtype === 'float32' ? new Float32Array(size) : new Int32Array(size)] as const;
      }),
  );
const program = await executor.load(
  { [options.graph]: graph },
  zeros((role) => role === 'state'),
);
await program.run(
  options.graph,
  zeros((role) => role !== 'state'),
);
const milliseconds = performance.now() - before;
await program.dispose();
console.log(JSON.stringify({ milliseconds }));
