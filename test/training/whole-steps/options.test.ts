import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/compiler/tfjs.ts';
import { onnxCpu } from '../../../src/executors/onnx-cpu.ts';
import { buildArchitecture } from '../../../src/models/zoo/zoo.ts';
import { expectAgreement } from './agreement.ts';
import { compiledTrajectory } from './compiled.ts';
import { eagerTrajectory } from './eager.ts';
import { OPTIONS } from './options.ts';
import { CLEAR_OF_ZERO } from './zoo.ts';
import { makeWork, type Trajectory } from './work.ts';

beforeAll(() => tf.setBackend('cpu'));

const executor = onnxCpu({ threads: 1, spinning: false });
const ends = new Map<string, Trajectory['tensors']>();
const graph = buildArchitecture('resnet', [8, 8, 3], 4, { depth: 8, width: 2 });

describe('two epochs of a tiny residual net, the last batch of each half as large, are those of eager TensorFlow.js', () => {
  it.each(Object.entries(OPTIONS))('with %s', async (name, settings) => {
    const work = makeWork({ graph, batch: 4, steps: 6, stepsPerEpoch: 3, settings, seed: 2 });
    const want = eagerTrajectory(work);
    expect(want.nearestToZero).toBeGreaterThan(CLEAR_OF_ZERO);
    expectAgreement(await compiledTrajectory(work, executor), want, work, { loss: 1e-5, move: 3e-4 });
    ends.set(name, want.tensors);
  });

  it('and each option leads elsewhere', () => {
    const weights = [...ends].map(([name, tensors]) => [name, JSON.stringify(Object.values(tensors))]);
    const { 'a bound that is never reached': unreached, ...others } = Object.fromEntries(weights) as Record<
      string,
      string
    >;
    expect(ends.size).toBe(Object.keys(OPTIONS).length);
    expect(unreached).toBe(others['momentum']);
    expect(new Set(Object.values(others)).size).toBe(ends.size - 1);
  });
});
