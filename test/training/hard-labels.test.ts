import type * as tfjs from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import type { LabelSmoothing } from '../../src/config/experiment.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { randomStream, normal } from '../../src/random/random.ts';
import { withGradients } from '../../src/training/gradients.ts';
import { balancedWeights, crossEntropy } from '../../src/training/hard-labels.ts';
import { eagerRunner, tracedRunner } from '../../src/training/step-runner.ts';
import type { StepFunction } from '../../src/training/step-function.ts';
import { smallExperiment, term, train } from './small-run.ts';
import { MemoryWriter } from './memory-writer.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const [BATCH, CLASSES] = [6, 4];
const LOGITS = normal(randomStream(1, 'logits'), 0, new Float32Array(BATCH * CLASSES));
const LABELS = Int32Array.of(0, 1, 2, 3, 1, 1);
const OTHERS = Int32Array.of(2, 2, 0, 1, 1, 3);
const WEIGHTS = Float32Array.of(0.5, 2, 1, 0.25);

interface Case {
  readonly mixed?: number;
  readonly weights?: Float32Array;
  readonly smoothing?: LabelSmoothing;
}

/** The formula, sample by sample, in double precision. */
function byHand({ mixed, weights = Float32Array.of(1, 1, 1, 1), smoothing }: Case): number {
  const epsilon = smoothing?.amount ?? 0;
  let loss = 0;
  let sum = 0;
  const add = (n: number, label: number, share: number) => {
    const row = Array.from(LOGITS.subarray(n * CLASSES, (n + 1) * CLASSES));
    const total = Math.log(row.reduce((all, z) => all + Math.exp(z), 0));
    row.forEach((z, c) => {
      const target = (c === label ? 1 - epsilon : 0) + epsilon / CLASSES;
      const weight = weights[smoothing?.weights === 'pytorch' ? c : label] ?? NaN;
      loss -= share * weight * target * (z - total);
    });
    sum += share * (weights[label] ?? NaN);
  };
  for (let n = 0; n < BATCH; n++) {
    add(n, LABELS[n] ?? 0, mixed ?? 1);
    if (mixed !== undefined) add(n, OTHERS[n] ?? 0, 1 - mixed);
  }
  return loss / sum;
}

const CASES: readonly [string, Case][] = [
  ['plain', {}],
  ['smoothed', { smoothing: { amount: 0.1, weights: 'sample' } }],
  ['weighted', { weights: WEIGHTS }],
  ['mixed', { mixed: 0.7 }],
  ['weighted and smoothed', { weights: WEIGHTS, smoothing: { amount: 0.1, weights: 'sample' } }],
  ['weighted and smoothed as PyTorch', { weights: WEIGHTS, smoothing: { amount: 0.1, weights: 'pytorch' } }],
  ['all together', { mixed: 0.6, weights: WEIGHTS, smoothing: { amount: 0.2, weights: 'sample' } }],
  ['all, as PyTorch', { mixed: 0.6, weights: WEIGHTS, smoothing: { amount: 0.2, weights: 'pytorch' } }],
];

async function computed(runner: ReturnType<typeof tracedRunner>, { mixed, weights, smoothing }: Case) {
  const settings = smoothing === undefined ? {} : { labelSmoothing: smoothing };
  const step: StepFunction = (ops, { logits, ...inputs }) => {
    const { loss, gradients } = withGradients(ops, { logits: logits as tfjs.Tensor }, () => ({
      loss: crossEntropy(ops, logits as tfjs.Tensor2D, inputs, CLASSES, settings),
      aside: {},
    }));
    return { loss, gradient: gradients['logits'] as tfjs.Tensor };
  };
  const int = { shape: [BATCH], dtype: 'int32', role: 'batch' } as const;
  const fed = await runner(
    'cross-entropy',
    step,
    {
      logits: { shape: [BATCH, CLASSES], dtype: 'float32', role: 'batch' },
      labels: int,
      ...(mixed === undefined
        ? {}
        : { mixedLabels: int, mixShare: { shape: [], dtype: 'float32', role: 'hyper' } as const }),
      ...(weights === undefined
        ? {}
        : { classWeights: { shape: [CLASSES], dtype: 'float32', role: 'hyper' } as const }),
    },
    {
      logits: LOGITS,
      labels: LABELS,
      ...(mixed === undefined ? {} : { mixedLabels: OTHERS, mixShare: Float32Array.of(mixed) }),
      ...(weights === undefined ? {} : { classWeights: weights }),
    },
  );
  return { loss: fed['loss']?.[0] ?? NaN, gradient: Array.from(fed['gradient'] ?? []) };
}

describe('the cross-entropy of training', () => {
  it.each(CASES)('%s: is the formula, eager and compiled, with equal gradients', async (_, given) => {
    const eager = await computed(eagerRunner(tf), given);
    const compiled = await computed(tracedRunner(executor), given);
    expect(eager.loss).toBeCloseTo(byHand(given), 5);
    expect(compiled.loss).toBeCloseTo(byHand(given), 5);
    compiled.gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(eager.gradient[i] ?? NaN, 6);
    });
  });

  it('a share of one, equal weights and no smoothing are the plain cross-entropy', () => {
    const equal = Float32Array.of(3, 3, 3, 3);
    expect(byHand({ mixed: 1, weights: equal })).toBeCloseTo(byHand({}), 9);
  });

  it('balanced weights follow the counts: 50, 30, 20 give 0.6667, 1.1111, 1.6667', () => {
    const labels = Int32Array.from({ length: 100 }, (_, n) => (n < 50 ? 0 : n < 80 ? 1 : 2));
    const weights = balancedWeights(labels, 4);
    [2 / 3, 10 / 9, 5 / 3].forEach((want, c) => {
      expect(weights[c]).toBeCloseTo((want * 3) / 4, 12);
    });
    expect(weights[3]).toBe(0);
    const three = balancedWeights(labels, 3);
    expect(three.map((weight) => weight.toFixed(4))).toEqual(['0.6667', '1.1111', '1.6667']);
  });
});

describe('a run with mixed samples, class weights and smoothed labels', () => {
  it('trains in both networks, and goes on from the middle of an epoch bit for bit', async () => {
    const made = await smallExperiment({
      train: 100,
      epochs: 2,
      teacherEpochs: 1,
      baseline: false,
      batchSize: 32,
      terms: [term('kd', { weight: 0.6, parameters: { temperature: 3 } })],
      settings: {
        classWeights: 'balanced',
        labelSmoothing: { amount: 0.1, weights: 'sample' },
        mixing: [
          { kind: 'mixup', alpha: 0.2, probability: 0.5 },
          { kind: 'cutmix', alpha: 1, probability: 0.5 },
        ],
      },
    });
    const whole = await train(made, { executor, checkpointMilliseconds: 0 });
    const values = whole.writer.metricsLog.flatMap((one) => Object.values(one.values).map(Number));
    expect(values.every(Number.isFinite)).toBe(true);
    const middle = whole.writer.checkpoints.find(
      ({ meta }) => meta.phase === 'student' && meta.stepInEpoch === 2,
    );
    if (middle === undefined) throw new Error('no checkpoint within an epoch');
    const writer = new MemoryWriter();
    writer.metricsLog = whole.writer.metricsLog.slice(0, middle.meta.seq);
    for (const [name, tensors] of whole.writer.models) writer.models.set(name, tensors);
    await train(made, { executor, writer, resume: middle });
    expect(writer.models.get('student-1')).toEqual(whole.writer.models.get('student-1'));
  });
});
