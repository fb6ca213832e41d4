import { describe, expect, test } from 'vitest';
import { largestDifference } from '../../src/executors/compare.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import type { ModelGraph } from '../../src/models/description.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { integers, normal, randomStream } from '../../src/random/random.ts';
import type { StoredTensor } from '../../src/runs/writer.ts';
import { initialTensors } from '../../src/training/initial-tensors.ts';
import { PhaseProgram } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { scalarsAt } from '../../src/training/step-feeds.ts';
import { experimentOf, phaseOf, sizesOf } from '../bench/experiment.ts';
import { executor } from './package-under-test.ts';

const BATCH = 4;
const CLASSES = 5;
const SHAPE = [8, 8, 3] as const;
const STEPS = 20;

/** Of the value: rounding in another order, grown over the steps. */
const LOSS_TOLERANCE = 2e-4;
/** Of the largest number in a tensor. */
const WEIGHT_TOLERANCE = 2e-3;

const onnx = onnxCpu({ threads: 1, spinning: false });
const network = (name: string, settings: Record<string, unknown> = {}): ModelGraph =>
  buildArchitecture(name, [...SHAPE], CLASSES, settings);
const NETWORKS = {
  mlp: network('mlp'),
  convnet: network('convnet'),
  resnet8: network('resnet8', { width: 4 }),
};

interface Outcome {
  readonly losses: readonly number[];
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly logits: Float32Array;
}

const batch = (step: number) => {
  const stream = randomStream(1, `batch/${step}`);
  return {
    images: normal(stream, 0, new Float32Array(BATCH * SHAPE[0] * SHAPE[1] * SHAPE[2])),
    labels: Int32Array.from(integers(stream, 0, BATCH, CLASSES)),
  };
};

async function open(graph: ModelGraph, on: Executor): Promise<PhaseProgram> {
  const plan = planPhase(experimentOf(graph, null, BATCH), phaseOf(false), BATCH);
  const program = await PhaseProgram.load(plan, sizesOf(BATCH), on);
  await program.writeState(initialTensors(plan.learner, 1));
  return program;
}

async function steps(program: PhaseProgram, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++) {
    const { loss } = await program.run('train', {
      ...batch(step),
      ...scalarsAt(program.plan, { step, stepsPerEpoch: STEPS }),
    });
    losses.push(loss?.[0] ?? NaN);
  }
  return losses;
}

async function train(graph: ModelGraph, on: Executor): Promise<Outcome> {
  const program = await open(graph, on);
  const losses = await steps(program, 0, STEPS);
  const { logits } = await program.run('predict', { images: batch(0).images });
  const outcome = { losses, tensors: await program.readState(), logits: logits as Float32Array };
  await program.dispose();
  return outcome;
}

/** Half of the steps, and from their checkpoint the others. */
async function interrupted(graph: ModelGraph, first: Executor, second: Executor): Promise<Outcome> {
  const begun = await open(graph, first);
  const losses = await steps(begun, 0, STEPS / 2);
  const checkpoint = await begun.readState();
  await begun.dispose();
  const resumed = await open(graph, second);
  await resumed.writeState(checkpoint);
  losses.push(...(await steps(resumed, STEPS / 2, STEPS)));
  const { logits } = await resumed.run('predict', { images: batch(0).images });
  const outcome = { losses, tensors: await resumed.readState(), logits: logits as Float32Array };
  await resumed.dispose();
  return outcome;
}

function expectAlike(actual: Outcome, expected: Outcome): void {
  for (const [step, loss] of expected.losses.entries())
    expect(Math.abs((actual.losses[step] ?? NaN) - loss), `loss of step ${step}`).toBeLessThanOrEqual(
      LOSS_TOLERANCE * Math.abs(loss),
    );
  expect(Object.keys(actual.tensors).sort()).toEqual(Object.keys(expected.tensors).sort());
  for (const [name, { data }] of Object.entries(expected.tensors))
    expect(largestDifference(actual.tensors[name]?.data, data), name).toBeLessThanOrEqual(WEIGHT_TOLERANCE);
  expect(largestDifference(actual.logits, expected.logits)).toBeLessThanOrEqual(WEIGHT_TOLERANCE);
}

describe.each(Object.entries(NETWORKS))('%s, trained for 20 steps as a TensorFlow graph', (_name, graph) => {
  test('has the losses, weights and answers of ONNX Runtime and of the reference', async () => {
    const actual = await train(graph, executor());
    expectAlike(actual, await train(graph, onnx));
    expectAlike(actual, await train(graph, interpreter));
    expect(actual.losses.at(-1)).not.toBe(actual.losses[0]);
  });
});

test('a run goes on on TensorFlow from its checkpoint bit for bit as one that was never stopped', async () => {
  const graph = NETWORKS.resnet8;
  const whole = await train(graph, executor());
  expect(await train(graph, executor())).toEqual(whole);
  expect(await interrupted(graph, executor(), executor())).toEqual(whole);
});

test.each([
  ['TensorFlow', 'ONNX Runtime', executor, () => onnx],
  ['ONNX Runtime', 'TensorFlow', () => onnx, executor],
] as const)('a run begun on %s goes on on %s from its checkpoint', async (_from, _to, first, second) => {
  const graph = NETWORKS.resnet8;
  expectAlike(await interrupted(graph, first(), second()), await train(graph, first()));
});
