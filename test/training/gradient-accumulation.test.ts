import { describe, expect, it } from 'vitest';
import type { ScheduledNumber } from '../../src/config/experiment.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { updatePosition } from '../../src/training/gradient-accumulation.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });

describe('the place of a step among accumulated gradients', () => {
  it('every batch moves the weights without accumulation', () => {
    for (let step = 0; step < 20; step++) {
      expect(updatePosition(step, 7, 1)).toEqual({ update: step, firstStep: step, updates: true });
    }
  });

  it('a group ends with the epoch, however few batches it has', () => {
    const places = Array.from({ length: 14 }, (_, step) => updatePosition(step, 7, 3));
    expect(places.map(({ update }) => update)).toEqual([0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 4, 4, 4, 5]);
    expect(places.map(({ firstStep }) => firstStep)).toEqual([0, 0, 0, 3, 3, 3, 6, 7, 7, 7, 10, 10, 10, 13]);
    expect(places.flatMap(({ updates }, step) => (updates ? [step] : []))).toEqual([2, 5, 6, 9, 12, 13]);
  });

  it('more batches than an epoch has make one update an epoch', () => {
    expect(updatePosition(9, 5, 100)).toEqual({ update: 1, firstStep: 5, updates: true });
    expect(updatePosition(8, 5, 100).updates).toBe(false);
  });
});

describe('training with accumulated gradients', () => {
  /** Without batch norm a mean over samples is all there is, so groups must equal large batches. */
  const learned = async (
    batchSize: number,
    gradientAccumulation: number,
    learningRate: ScheduledNumber,
  ): Promise<MemoryWriter> => {
    const made = await smallExperiment({
      train: 110, // 88 for training: batches of 8 fill it, of 24 leave 16, of 32 leave 24
      epochs: 2,
      batchSize,
      optimizer: {
        kind: 'adamW',
        learningRate,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-4,
        weightDecay: 0.01,
      },
      settings: { gradientAccumulation, gradientClipping: { by: 'norm', limit: 0.5 } },
      terms: [term('kd', { weight: 0.9, parameters: { temperature: 4 } })],
    });
    return (await train(made, { executor })).writer;
  };

  const falling = { kind: 'cosine', from: 0.01, to: 0.001, over: { unit: 'epochs', value: 2 } } as const;
  it.each<[number, number, number, ScheduledNumber]>([
    [32, 8, 4, 0.01],
    [24, 8, 3, 0.01],
    // Four batches make two groups of an epoch, so a schedule in epochs meets both at the same moments.
    [48, 24, 2, falling],
  ])(
    'batches of %i are those of %i, %i together, also at the end of an epoch',
    async (large, small, k, rate) => {
      const want = (await learned(large, 1, rate)).models;
      const got = (await learned(small, k, rate)).models;
      expect(want.size).toBe(3);
      for (const [model, tensors] of want) {
        for (const [name, { data }] of Object.entries(tensors)) {
          const values = got.get(model)?.[name]?.data ?? [];
          data.forEach((value, i) => {
            expect(Math.abs(value - (values[i] ?? NaN)), `${model} ${name}[${i}]`).toBeLessThan(1e-4);
          });
        }
      }
    },
  );
});
