import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { forward } from '../../src/models/build.ts';
import type { GateSettings } from '../../src/models/description.ts';
import { gateLevels, gateShares, gateSharesOf } from '../../src/models/gates.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { normal, randomStream } from '../../src/random/random.ts';
import { entropyOf, overlapOf } from '../../src/training/gates.ts';

const SOFT: GateSettings = { experts: 3, temperature: 1, annealingSteps: null, tree: false };
const scores = tf.tensor1d([0.3, 0.9, 0.1]);
const shares = (settings: Partial<GateSettings>, steps: number | null = null) =>
  Array.from(
    gateShares(tf, scores, { ...SOFT, ...settings }, steps === null ? null : tf.tensor1d([steps])).dataSync(),
  );
const close = (got: readonly number[], want: readonly number[]) =>
  got.forEach((one, i) => expect(one).toBeCloseTo(want[i] ?? NaN, 5));

describe('the shares of a gate', () => {
  it('are softmax(log softmax(g / ½) / t) = softmax(g / (½ t)), and add up to 1', () => {
    const inner = tf.softmax(tf.div(scores, 0.5));
    for (const temperature of [0.5, 1, 4]) {
      close(shares({ temperature }), Array.from(tf.softmax(tf.div(tf.log(inner), temperature)).dataSync()));
      expect(shares({ temperature }).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
  });

  it('tend to one expert as the temperature goes to 0, and to all alike as it grows', () => {
    close(shares({ temperature: 1e-3 }), [0, 1, 0]);
    close(shares({ temperature: 1e6 }), [1 / 3, 1 / 3, 1 / 3]);
    close(shares({ tree: true }), [0, 1, 0]);
  });

  it('sharpen with the steps of training: t = temperature / (1 + steps / annealingSteps)', () => {
    close(shares({ temperature: 10, annealingSteps: 100 }, 400), shares({ temperature: 2 }));
    close(shares({ temperature: 10, annealingSteps: 100 }, 0), shares({ temperature: 10 }));
  });

  it('are the same numbers in the records', () => {
    for (const settings of [{ temperature: 3 }, { temperature: 10, annealingSteps: 7 }, { tree: true }])
      close(gateSharesOf(scores.dataSync(), { ...SOFT, ...settings }, 5), shares(settings, 5));
  });
});

describe('a mixture of experts', () => {
  const settings = { experts: [2, 3], filters: [3, 2], hidden: [4], dropout: 0 };
  const graph = buildArchitecture('experts', [8, 8, 1], 5, settings);
  const weights = (of: typeof graph) => {
    const values = initialParameters(of, 2, 'student');
    return Object.fromEntries(
      parameterSpecs(of).map(({ name, shape }) => [name, tf.tensor(values[name] ?? [], [...shape])]),
    );
  };
  const images = tf.tensor4d(normal(randomStream(3, 'images'), 0, new Float32Array(2 * 64)), [2, 8, 8, 1]);

  it('has a gate for each expert of the next level, and at last for each class', () => {
    const levels = gateLevels(graph);
    expect(levels.map((gates) => gates.length)).toEqual([3, 5]);
    expect(levels.map((gates) => gates[0]?.settings.experts)).toEqual([2, 3]);
    const gates = parameterSpecs(graph).filter(({ role }) => role === 'gate');
    expect(gates.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0)).toBe(3 * 2 + 5 * 3);
    const first = initialParameters(graph, 2, 'student')[gates[0]?.name ?? ''] ?? [];
    expect(Array.from(first).every((value) => value >= 0 && value < 1)).toBe(true);
  });

  it('gives each receiver the mixture of experts by its own row', () => {
    const own = weights(graph);
    const wanted = ['level1.expert1.pool', 'level1.expert2.pool', 'gate1.to2'];
    const { outputs } = forward(tf, graph, own, images, { training: false, wanted });
    const [a, b] = Array.from(
      gateShares(
        tf,
        own['gate1.to2/gates'] as tf.Tensor1D,
        { ...SOFT, experts: 2, temperature: 10 },
        null,
      ).dataSync(),
    );
    const mixed = tf.add(
      tf.mul(outputs[wanted[0] ?? ''] as tf.Tensor, a ?? NaN),
      tf.mul(outputs[wanted[1] ?? ''] as tf.Tensor, b ?? NaN),
    );
    const got = outputs['gate1.to2']?.dataSync() ?? [];
    mixed.dataSync().forEach((one, i) => expect(got[i]).toBeCloseTo(one, 5));
  });

  it('answers alike, soft or as a tree, where every gate has one expert', () => {
    const tree = buildArchitecture('experts', [8, 8, 1], 5, { ...settings, gates: 'tree' });
    const own = weights(graph);
    const sure = Object.fromEntries(
      Object.entries(own).map(([name, tensor]) => [
        name,
        name.endsWith('/gates') ? tf.mul(tensor, 1e5) : tensor,
      ]),
    );
    const answer = (of: typeof graph) =>
      forward(tf, of, sure, images, { training: false, wanted: [] }).logits.dataSync();
    const [soft, hard] = [answer(graph), answer(tree)];
    soft.forEach((one, i) => expect(one).toBeCloseTo(hard[i] ?? NaN, 5));
    expect(
      parameterSpecs(tree)
        .filter(({ role }) => role === 'gate')
        .every(({ trainable }) => !trainable),
    ).toBe(true);
  });

  it('counts its steps in training alone', () => {
    const own = weights(graph);
    const { updates } = forward(tf, graph, own, images, { training: true, wanted: [] });
    expect(updates['gate1.to1/steps']?.dataSync()[0]).toBe(1);
    expect(forward(tf, graph, own, images, { training: false, wanted: [] }).updates).toEqual({});
  });
});

describe('what gates explain', () => {
  it('is the entropy of their rows: log n where all experts are alike, 0 where there is one', () => {
    expect(entropyOf([[0.25, 0.25, 0.25, 0.25]])).toBeCloseTo(Math.log(4), 10);
    expect(entropyOf([[0, 1], [1, 0]])).toBe(0); // prettier-ignore
  });

  it('is how much receivers share: 1 where rows are equal, 0 where no expert serves two', () => {
    expect(overlapOf([[0.7, 0.3], [0.7, 0.3], [0.7, 0.3]])).toBeCloseTo(1, 10); // prettier-ignore
    expect(overlapOf([[0, 1], [1, 0]])).toBe(0); // prettier-ignore
  });
});
