import { parseArgs } from 'node:util';
import type { Experiment } from '../../src/config/experiment.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { normal, integers, randomStream } from '../../src/random/random.ts';
import { writeSafetensors } from '../../src/runs/safetensors.ts';
import type { Phase } from '../../src/schemes/phase.ts';
import { initialTensors } from '../../src/training/initial-tensors.ts';
import { PhaseProgram } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { scalarsAt } from '../../src/training/step-feeds.ts';

const BATCH = 64;
const CLASSES = 100;
const SHAPE = [32, 32, 3] as const;
const WARM_UP = 8;
/** Losses that are printed, for the comparison with another framework from the same weights and batch. */
const LOSSES = 8;

/** What trains: the product's own ResNet-8 and training step, as a phase on hard labels. */
const PHASE: Phase = {
  name: 'baseline',
  train: [{ instance: 'baseline', model: 'student' }],
  freeze: [],
  loss: 'task',
  epochs: 1,
  settingsOf: { experiment: true },
  perSeed: true,
};
const EXPERIMENT = {
  models: {
    student: {
      name: 'student',
      source: 'architecture',
      architecture: 'resnet8',
      graph: buildArchitecture('resnet8', [...SHAPE], CLASSES, {}),
      train: null,
    },
  },
  train: {
    epochs: 1,
    batchSize: BATCH,
    optimizer: {
      kind: 'sgd',
      learningRate: 0.05,
      momentum: 0.9,
      nesterov: false,
      weightDecay: 0,
      decoupledDecay: false,
    },
    gradientClipping: null,
    gradientAccumulation: 1,
    ema: null,
    seed: 1,
  },
  measure: { metrics: [] },
  task: { kind: 'classification' },
} as const;

/**
 * Measures the training step in this process: prints each step's milliseconds, the first losses, the largest resident
 * memory, and the seconds from the start of the process to the end of its first step. `--dump FILE` writes the initial
 * weights and the batch, so that another framework can do the same work.
 */
const { values: options } = parseArgs({
  options: { steps: { type: 'string', default: '30' }, dump: { type: 'string' } },
});
const plan = planPhase(EXPERIMENT as unknown as Experiment, PHASE, BATCH);
const executor = onnxCpu();
const none = { accumulate: 0, trainLast: 0, shares: 0, evaluate: 0, evaluateLast: 0, probe: 0, attention: 0 };
const program = await PhaseProgram.load(plan, { ...none, train: BATCH, predict: BATCH }, executor);
const tensors = initialTensors(plan.learner, EXPERIMENT.train.seed);
await program.writeState(tensors);

const images = normal(randomStream(1, 'images'), 0, new Float32Array(BATCH * SHAPE[0] * SHAPE[1] * SHAPE[2]));
const labels = Int32Array.from(integers(randomStream(1, 'labels'), 0, BATCH, CLASSES));
if (options.dump !== undefined) {
  writeSafetensors(options.dump, {
    ...tensors,
    images: { shape: [BATCH, ...SHAPE], data: images },
    labels: { shape: [BATCH], data: labels },
  });
}

const milliseconds: number[] = [];
const losses: number[] = [];
let firstStepSeconds = 0;
for (let step = 0; step < WARM_UP + Number(options.steps); step++) {
  const feeds = { images, labels, ...scalarsAt(plan, { step, stepsPerEpoch: 1 }) };
  const before = performance.now();
  const { loss } = await program.run('train', feeds);
  const after = performance.now();
  if (step === 0) firstStepSeconds = after / 1000;
  if (step >= WARM_UP) milliseconds.push(after - before);
  if (step < LOSSES) losses.push(loss?.[0] ?? NaN);
}
const residentMegabytes = process.resourceUsage().maxRSS / 1024;
await program.dispose();
console.log(
  JSON.stringify({
    executor: executor.description,
    milliseconds,
    losses,
    residentMegabytes,
    firstStepSeconds,
  }),
);
