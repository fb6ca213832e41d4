import { describe, expect, it } from 'vitest';
import { withShots } from '../../src/data/few-shots.ts';
import { smallExperiment } from '../training/small-run.ts';

describe('few samples a class', () => {
  it('are so many of each class, the same for the same seed, of the training split alone', async () => {
    const { dataset } = await smallExperiment({ train: 300 });
    const few = withShots(dataset, 4, 7);
    const counts = new Map<number, number>();
    for (const label of few.splits.train.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array.from({ length: 10 }, () => 4));
    expect(few.splits.train.count).toBe(40);
    expect(few.splits.validation).toBe(dataset.splits.validation);
    expect(few.splits.test).toBe(dataset.splits.test);
    expect(withShots(dataset, 4, 7).splits.train.positions).toEqual(few.splits.train.positions);
    expect(withShots(dataset, 4, 8).splits.train.positions).not.toEqual(few.splits.train.positions);
    const more = new Set(withShots(dataset, 6, 7).splits.train.positions);
    expect([...few.splits.train.positions].every((position) => more.has(position))).toBe(true);
    const all = new Set(dataset.splits.train.positions);
    expect([...few.splits.train.positions].every((position) => all.has(position))).toBe(true);
  });

  it('are all where a class has fewer', async () => {
    const { dataset } = await smallExperiment({ train: 100 });
    expect(withShots(dataset, 1000, 1).splits.train.positions).toEqual(dataset.splits.train.positions);
  });
});
