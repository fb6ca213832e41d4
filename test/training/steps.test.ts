import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { trace } from '../../src/compiler/trace.ts';
import type { NumericArray } from '../../src/compiler/graph.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { Executor, Feeds } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { forward } from '../../src/models/build.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { planPhase, type PhasePlan } from '../../src/training/plan.ts';
import { createOptimizer } from '../../src/training/optimizers/index.ts';
import { pack, unpack } from '../../src/training/flat.ts';
import { sharesStep } from '../../src/training/steps.ts';
import { trainStep } from '../../src/training/train-step.ts';
import { initialTensors } from '../../src/training/initial-tensors.ts';
import type { NamedTensors } from '../../src/training/phase-program.ts';
import { SGD, smallExperiment, term } from './small-run.ts';

const BATCH = 6;
const STEPS = 4;
const RATES = [0.02, 0.02, 0.01, 0.005];
const STAGES = [{ teacher: 'stage2', student: 'stage1' }];
const TERMS = [
  term('kd', { weight: 0.7, parameters: { temperature: 3 } }),
  term('fitnet', { weight: 2, pairs: STAGES }),
  term('at', { weight: 50, pairs: [{ teacher: 'stage1', student: 'stage2' }] }),
];

let experiment: Experiment;
let plan: PhasePlan;
let batches: { images: Float32Array; labels: Int32Array; answers: Record<string, Float32Array> }[];
let initial: NamedTensors;

beforeAll(async () => {
  const made = await smallExperiment({ terms: TERMS, hardLabelWeight: 0.3 });
  experiment = withTinyModels(made.experiment);
  const phase = experiment.phases.find((one) => one.loss === 'distill');
  if (phase === undefined) throw new Error('no distillation');
  plan = planPhase(experiment, phase, 100);
  batches = Array.from({ length: STEPS }, (_, step) => {
    const values = (shape: readonly number[], seed: number) =>
      tf
        .randomNormal([...shape], 0, 1, 'float32', 100 * step + seed)
        .dataSync<'float32'>()
        .slice();
    return {
      images: values([BATCH, 8, 8, 1], 1),
      labels: Int32Array.from({ length: BATCH }, (_, i) => (7 * i + step) % 10),
      answers: {
        'says/teacher/logits': values([BATCH, 10], 2),
        'says/teacher/layer/stage1': values([BATCH, 8, 8, 6], 3).map(Math.abs),
        'says/teacher/layer/stage2': values([BATCH, 4, 4, 8], 4).map(Math.abs),
      },
    };
  });
  initial = initialTensors(plan.learner, 5);
});

/** Plain TensorFlow.js takes minutes for a network of ordinary size. */
function withTinyModels(made: Experiment): Experiment {
  const graph = (name: string, settings: Record<string, unknown>) =>
    buildArchitecture(name, [8, 8, 1], 10, settings);
  const { teacher, student } = made.models;
  if (teacher === undefined || student === undefined) throw new Error('no models');
  return {
    ...made,
    models: {
      teacher: { ...teacher, graph: graph('convnet', { filters: [6, 8], hidden: [8] }) },
      student: { ...student, graph: graph('resnet', { depth: 8, width: 2 }) },
    },
  };
}

/** Losses of the steps and the state after them, by tracing, on an executor. */
async function traced(
  executor: Executor,
): Promise<{ losses: number[][]; state: Record<string, NumericArray> }> {
  const { step, specs } = trainStep(plan, BATCH);
  const parameters = pack(initial, plan.learner.parameters);
  const program = await executor.load(
    { train: trace('train', step, specs) },
    {
      'student/parameters': parameters,
      'student/statistics': pack(initial, plan.learner.statistics),
      'student/momentum': new Float32Array(parameters.length),
    },
  );
  const losses: number[][] = [];
  for (const [i, { images, labels, answers }] of batches.entries()) {
    const feeds: Feeds = {
      images,
      labels,
      ...answers,
      learningRate: Float32Array.of(RATES[i] ?? 0),
      hardLabelWeight: Float32Array.of(0.3),
      'weight/kd': Float32Array.of(0.7),
      'weight/fitnet': Float32Array.of(2),
      'weight/at': Float32Array.of(50),
      'parameter/kd/temperature': Float32Array.of(3),
    };
    const out = await program.run('train', feeds);
    losses.push(
      ['loss', 'loss/ce', 'loss/kd', 'loss/fitnet', 'loss/at', 'correct'].map(
        (name) => out[name]?.[0] ?? NaN,
      ),
    );
  }
  const state = await program.readState();
  await program.dispose();
  return { losses, state };
}

/**
 * The same steps in plain eager TensorFlow.js: one variable a tensor, `variableGrads`, momentum written out, each loss
 * written again from its paper.
 */
function eager(): { losses: number[][]; parameters: Float32Array } {
  const variables: Record<string, tf.Variable> = {};
  const momenta: Record<string, tf.Tensor> = {};
  const trainable = new Set(plan.learner.parameters.parts.map((part) => part.name));
  for (const [name, { shape, data }] of Object.entries(initial)) {
    variables[name] = tf.variable(tf.tensor(data, [...shape]), trainable.has(name), `eager/${name}`);
    momenta[name] = tf.zeros([...shape]);
  }
  const of = (name: string) => variables[name] as tf.Variable;
  const losses = batches.map(({ images, labels, answers }, i) => {
    const teacher = (name: string, shape: number[]) => tf.tensor(answers[name] ?? [], shape);
    let values: tf.Tensor[] = [];
    let updates: Record<string, tf.Tensor> = {};
    const { value, grads } = tf.variableGrads(() => {
      const said = forward(tf, plan.learner.graph, variables, tf.tensor4d(images, [BATCH, 8, 8, 1]), {
        training: true,
        wanted: ['stage1', 'stage2'],
      });
      updates = Object.fromEntries(
        Object.entries(said.updates).map(([name, tensor]) => [name, tf.keep(tensor)]),
      );
      const ce = tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(labels, 'int32'), 10), said.logits);
      const soft = (z: tf.Tensor) => tf.softmax(tf.div(z, 3));
      const t = soft(teacher('says/teacher/logits', [BATCH, 10]));
      const kd = tf.mul(9, tf.mean(tf.sum(tf.mul(t, tf.sub(tf.log(t), tf.log(soft(said.logits)))), 1)));
      // stage1 of the student is 8x8, stage2 of the teacher 4x4: a 3x3 convolution with stride 2.
      const padded = tf.pad<tf.Tensor4D>(said.outputs['stage1'] as tf.Tensor4D, [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]);
      const prefix = 'term:fitnet/pair0';
      const hint = tf.add(
        tf.conv2d(padded, of(`${prefix}/kernel`) as unknown as tf.Tensor4D, 2, 'valid'),
        of(`${prefix}/bias`),
      );
      const { mean, variance } = tf.moments(hint, [0, 1, 2]);
      const normal = tf.div(tf.sub(hint, mean), tf.sqrt(tf.add(variance, 1e-5)));
      const regressed = tf.relu(tf.add(tf.mul(normal, of(`${prefix}/scale`)), of(`${prefix}/offset`)));
      const fitnet = tf.losses.meanSquaredError(
        teacher('says/teacher/layer/stage2', [BATCH, 4, 4, 8]),
        regressed,
      );
      // stage2 of the student is 4x4, stage1 of the teacher 8x8: windows of 2x2.
      const pooled = tf.avgPool(
        teacher('says/teacher/layer/stage1', [BATCH, 8, 8, 6]) as tf.Tensor4D,
        2,
        2,
        'valid',
      );
      const attention = (map: tf.Tensor) => {
        const q = tf.reshape(tf.mean(tf.square(map), 3), [BATCH, -1]);
        return tf.div(q, tf.norm(q, 2, 1, true));
      };
      const at = tf.mean(
        tf.square(tf.sub(attention(said.outputs['stage2'] as tf.Tensor), attention(pooled))),
      );
      const hits = tf.sum(tf.cast(tf.equal(tf.argMax(said.logits, 1), labels), 'float32'));
      values = [ce, kd, fitnet, at, hits].map((tensor) => tf.keep(tensor));
      return tf.addN([tf.mul(ce, 0.3), tf.mul(kd, 0.7), tf.mul(fitnet, 2), tf.mul(at, 50)]);
    });
    for (const [name, gradient] of Object.entries(grads)) {
      const own = name.slice('eager/'.length);
      const m = tf.add(tf.mul(momenta[own] as tf.Tensor, 0.9), tf.add(gradient, tf.mul(of(own), 5e-4)));
      momenta[own] = m;
      of(own).assign(tf.sub(of(own), tf.mul(m, RATES[i] ?? 0)));
    }
    for (const [name, tensor] of Object.entries(updates)) of(name).assign(tensor);
    return [value, ...values].map((tensor) => tensor.dataSync()[0] ?? NaN);
  });
  const values = Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      { shape: variable.shape, data: variable.dataSync<'float32'>() },
    ]),
  );
  return { losses, parameters: pack(values, plan.learner.parameters) };
}

describe('a training step', () => {
  it('does what plain eager TensorFlow.js does: losses, every term, and parameters after several steps', async () => {
    const want = eager();
    for (const executor of [interpreter, onnxCpu({ threads: 1, spinning: false })]) {
      const got = await traced(executor);
      got.losses.forEach((values, step) => {
        values.forEach((value, i) => {
          const expected = want.losses[step]?.[i] ?? NaN;
          expect(Math.abs(value - expected), `${executor.name}, step ${step}, value ${i}`).toBeLessThan(
            1e-4 * (1 + Math.abs(expected)),
          );
        });
      });
      const parameters = got.state['student/parameters'] as Float32Array;
      expect(largestDifference(parameters, want.parameters)).toBeLessThan(2e-4);
      expect(largestDifference(parameters, new Float32Array(parameters.length))).toBeGreaterThan(0.1);
    }
  });

  it('measures the norm of the gradient of every part, as a step along that part alone moves the weights', async () => {
    const plain = { ...plan, optimizer: createOptimizer({ ...SGD, momentum: 0, weightDecay: 0 }) };
    const graphs = Object.fromEntries(
      Object.entries({ train: trainStep(plain, BATCH), shares: sharesStep(plain, BATCH) }).map(
        ([name, { step, specs }]) => [name, trace(name, step, specs)],
      ),
    );
    const parameters = pack(initial, plan.learner.parameters);
    const state = {
      'student/parameters': parameters,
      'student/statistics': pack(initial, plan.learner.statistics),
    };
    const program = await onnxCpu({ threads: 1, spinning: false }).load(graphs, state);
    const [batch] = batches;
    if (batch === undefined) throw new Error('no batch');
    const { images, labels, answers } = batch;
    const common = { images, labels, ...answers, 'parameter/kd/temperature': Float32Array.of(3) };
    const shares = await program.run('shares', common);
    for (const part of ['ce', 'kd', 'fitnet', 'at']) {
      await program.writeState(state);
      const one = (name: string) => Float32Array.of(name === part ? 1 : 0);
      await program.run('train', {
        ...common,
        learningRate: Float32Array.of(1),
        hardLabelWeight: one('ce'),
        'weight/kd': one('kd'),
        'weight/fitnet': one('fitnet'),
        'weight/at': one('at'),
      });
      const moved = await program.readState(['student/parameters']);
      const after = unpack(moved['student/parameters'] as Float32Array, plan.learner.parameters);
      let square = 0;
      for (const [name, { data: old }] of Object.entries(unpack(parameters, plan.learner.parameters))) {
        if (name.startsWith('term:')) continue;
        old.forEach((value, i) => (square += ((after[name]?.data[i] ?? NaN) - value) ** 2));
      }
      const norm = Math.sqrt(square);
      expect(norm).toBeGreaterThan(1e-4);
      const measured = shares[`gradientNorm/${part}`]?.[0] ?? NaN;
      expect(Math.abs(measured / norm - 1), part).toBeLessThan(1e-2);
    }
    await program.dispose();
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}
