import type { Experiment, TrainSettings } from '../../../src/config/experiment.ts';
import type { ModelGraph } from '../../../src/models/description.ts';
import { describe } from '../../../src/models/describe.ts';
import { normal, randomStream } from '../../../src/random/random.ts';
import type { Phase } from '../../../src/schemes/phase.ts';
import { updatePosition } from '../../../src/training/gradient-accumulation.ts';
import { initialTensors } from '../../../src/training/initial-tensors.ts';
import type { NamedTensors } from '../../../src/training/phase-program.ts';
import { planPhase, type PhasePlan } from '../../../src/training/plan.ts';

export const SGD = {
  kind: 'sgd',
  learningRate: 0.05,
  momentum: 0.9,
  nesterov: false,
  weightDecay: 5e-4,
  decoupledDecay: false,
} as const;

export interface WorkOptions {
  readonly graph: ModelGraph;
  readonly batch: number;
  readonly steps: number;
  /** Steps an epoch; the last batch of each has half the samples. Left out: one epoch of full batches. */
  readonly stepsPerEpoch?: number;
  readonly settings?: Partial<TrainSettings>;
  /** Of weights and images. */
  readonly seed?: number;
}

/** One batch, by the numbers. */
export interface Samples {
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/** A few steps of training on hard labels: what every framework starts from, and what it sees. */
export interface Work {
  readonly plan: PhasePlan;
  readonly batch: number;
  readonly stepsPerEpoch: number;
  readonly initial: NamedTensors;
  readonly batches: readonly Samples[];
  /** Falls from step to step, and is constant over accumulated batches. */
  readonly rates: readonly number[];
}

const PHASE: Phase = {
  name: 'student',
  train: [{ instance: 'student', model: 'student' }],
  freeze: [],
  loss: 'task',
  epochs: 1,
  settingsOf: { experiment: true },
  perSeed: true,
};

export function makeWork({
  graph,
  batch,
  steps,
  stepsPerEpoch = steps,
  settings = {},
  seed = 1,
}: WorkOptions): Work {
  const train: TrainSettings = {
    epochs: 1,
    batchSize: batch,
    optimizer: SGD,
    gradientClipping: null,
    gradientAccumulation: 1,
    ema: null,
    seed: 1,
    ...settings,
  };
  const student = {
    name: 'student',
    source: 'architecture',
    architecture: graph.architecture,
    graph,
    train: null,
  };
  // Planning a phase on hard labels reads nothing else of an experiment.
  const experiment = {
    task: { kind: 'classification' },
    models: { student },
    train,
    distill: { book: null },
    measure: { metrics: [] },
  } as unknown as Experiment;
  const plan = planPhase(experiment, PHASE, batch * steps);
  const { inputShape, classes } = describe(graph);
  const size = inputShape.reduce((product, length) => product * length, 1);
  const batches = Array.from({ length: steps }, (_, step): Samples => {
    const short = stepsPerEpoch < steps && (step + 1) % stepsPerEpoch === 0;
    const count = short ? batch / 2 : batch;
    return {
      images: normal(randomStream(seed, 'images'), step, new Float32Array(count * size)),
      labels: Int32Array.from({ length: count }, (__, i) => (7 * i + step) % classes),
    };
  });
  const rate = Number(train.optimizer.learningRate);
  const rates = batches.map((_, step) => {
    const { firstStep } = updatePosition(step, stepsPerEpoch, train.gradientAccumulation);
    return rate / (1 + firstStep / 4);
  });
  return { plan, batch, stepsPerEpoch, initial: initialTensors(plan.learner, seed), batches, rates };
}

/** What came of it. */
export interface Trajectory {
  readonly losses: readonly number[];
  /** Weights and running statistics by name; those of the running mean as `average:<name>`. */
  readonly tensors: Readonly<Record<string, Float32Array | Float64Array>>;
}
