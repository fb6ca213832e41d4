import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/data/batches.ts';
import { Draws } from '../../src/training/draws.ts';
import type { PhasePlan } from '../../src/training/plan.ts';

const LABELS = Int32Array.from({ length: 40 }, (_, n) => (n * n) % 5);
const plan = (count: number) =>
  ({
    learners: [
      {
        lessons: [
          { id: 'crd', refiners: [], term: { draws: [{ name: 'negatives', count, kind: 'otherClass' }] } },
        ],
      },
    ],
  }) as unknown as PhasePlan;

function batchOf(labels: readonly number[], count = labels.length): Batch {
  const indices = Int32Array.from(labels.keys());
  return {
    inputs: new Float32Array(),
    targets: null,
    labels: Int32Array.from(labels),
    indices,
    mask: new Float32Array(),
    drawing: 0,
    count,
    mixture: null,
  };
}

const draw = (draws: Draws, batch: Batch, use: 'training' | 'validation', step: number) =>
  Array.from(draws.at(batch, use, step)['draws/crd/negatives'] as Int32Array);

describe('what terms draw at random', () => {
  it('is a sample of another class, each of them about as often', () => {
    const drawn = draw(new Draws(plan(4000), LABELS, 7), batchOf([1, 4]), 'training', 3);
    expect(drawn).toHaveLength(8000);
    for (const [n, own] of [1, 4].entries()) {
      const rows = drawn.slice(n * 4000, (n + 1) * 4000);
      const others = Array.from(LABELS.keys()).filter((position) => LABELS[position] !== own);
      expect(new Set(rows)).toEqual(new Set(others));
      for (const position of others) {
        const share = (rows.filter((one) => one === position).length * others.length) / 4000;
        expect(share).toBeGreaterThan(0.6);
        expect(share).toBeLessThan(1.4);
      }
    }
  });

  it('is a function of seed, use and step alone', () => {
    const [one, again] = [new Draws(plan(5), LABELS, 7), new Draws(plan(5), LABELS, 7)];
    draw(one, batchOf([0, 1, 2]), 'training', 1);
    const want = draw(one, batchOf([0, 1, 4]), 'training', 9);
    expect(draw(again, batchOf([0, 1, 4]), 'training', 9)).toEqual(want);
    expect(draw(again, batchOf([0, 1, 4]), 'training', 10)).not.toEqual(want);
    expect(draw(again, batchOf([0, 1, 4]), 'validation', 9)).not.toEqual(want);
    expect(draw(new Draws(plan(5), LABELS, 8), batchOf([0, 1, 4]), 'training', 9)).not.toEqual(want);
  });

  it('leaves padding out, and takes any sample where all are of one class', () => {
    expect(draw(new Draws(plan(5), LABELS, 7), batchOf([0, 1, 4], 2), 'training', 1)).toHaveLength(10);
    const alone = draw(new Draws(plan(200), new Int32Array(4), 7), batchOf([0]), 'training', 1);
    expect(new Set(alone)).toEqual(new Set([0, 1, 2, 3]));
  });
});
