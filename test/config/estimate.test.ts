import { describe, expect, it } from 'vitest';
import { bytesText, phaseMemory, runDisk, stepsOf } from '../../src/config/estimate.ts';
import type { ModelDescription } from '../../src/models/description.ts';
import type { Phase } from '../../src/schemes/phase.ts';

/** 100 parameters; maps of 20 and 5 numbers. */
const small: ModelDescription = {
  layers: [
    { path: 'a', kind: 'input', shape: [2, 5, 2], parameters: 0, multiplyAdds: 0 },
    { path: 'b', kind: 'dense', shape: [5], parameters: 100, multiplyAdds: 100 },
  ],
  parameters: 100,
  multiplyAdds: 100,
  classes: 5,
  inputShape: [2, 5, 2],
};
const models = new Map([
  ['teacher', { description: { ...small, parameters: 1000 } }],
  ['student', { description: small }],
]);
const phase: Phase = {
  name: 'student',
  train: [{ instance: 'student', model: 'student' }],
  freeze: ['teacher'],
  loss: 'distill',
  epochs: 1,
  settingsOf: { experiment: true },
  perSeed: true,
};
const settings = { batchSize: 3, optimizer: { adam: {} }, ema: 'none' } as unknown as Parameters<
  typeof phaseMemory
>[1];

describe('the estimate of what a run takes', () => {
  it('counts weights, gradient and two slots of the learner, weights of the teacher, and maps of one batch', () => {
    const fixed = 100 * (2 + 2) + 1000;
    const perSample = 2 * (20 + 5) + 2 * 20;
    expect(phaseMemory(phase, settings, models)).toEqual({
      phase: 'student',
      memory: 4 * (fixed + 3 * perSample),
      memoryPerSample: 4 * perSample,
      terms: 0,
    });
    const own = { trainable: 10, kept: 500 };
    expect(phaseMemory(phase, settings, models, own)).toMatchObject({
      memory: 4 * (fixed + 3 * perSample + 10 * 4 + 500),
      terms: 4 * (10 * 4 + 500),
    });
  });

  it('counts kept weights of every seed, and as many checkpoints with slots as stay', () => {
    expect(runDisk([phase], 5, settings, models, 2)).toBe(4 * (5 * 100 + 2 * 100 * (1 + 2) + 3 * 100));
    expect(runDisk([phase], 5, settings, models, 7)).toBe(4 * (5 * 100 + 7 * 100 * (1 + 2) + 3 * 100));
  });

  it('counts the steps that validation leaves', () => {
    const data = { trainCount: 100, trainPerClass: [50, 30, 20] };
    expect(stepsOf(data, 0.1, 32)).toEqual({ samples: 90, perEpoch: 3 });
    expect(stepsOf({ trainCount: null, trainPerClass: null }, 0.1, 32)).toBeNull();
    expect(stepsOf(null, 0.1, 32)).toBeNull();
  });

  it('counts the steps of a model of some classes by the samples of these', () => {
    const data = { trainCount: 100, trainPerClass: [50, 30, 20] };
    expect(stepsOf(data, 0.1, 32, [2, 0])).toEqual({ samples: 45 + 18, perEpoch: 2 });
    expect(stepsOf({ ...data, trainPerClass: null }, 0.1, 32, [2, 0])).toBeNull();
  });

  it('reads as people write sizes', () => {
    expect([1, 5e6, 2.34e9].map(bytesText)).toEqual(['1 kB', '5 MB', '2.3 GB']);
  });
});
