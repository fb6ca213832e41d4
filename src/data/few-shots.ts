import { permutation, randomStream } from '../random/random.ts';
import type { Dataset } from './dataset.ts';

/**
 * The same data with at most so many training samples of each class, drawn by the seed; validation and test stay whole. A larger
 * number of shots keeps the samples of a smaller one.
 */
export function withShots(dataset: Dataset, shots: number, seed: number): Dataset {
  const { train } = dataset.splits;
  const taken = new Map<number, number>();
  const kept: number[] = [];
  for (const sample of permutation(randomStream(seed, 'split/shots'), 0, train.count)) {
    const label = train.labels[sample] ?? 0;
    const before = taken.get(label) ?? 0;
    if (before >= shots) continue;
    taken.set(label, before + 1);
    kept.push(sample);
  }
  const samples = Int32Array.from(kept).sort();
  return {
    ...dataset,
    splits: {
      ...dataset.splits,
      train: {
        ...train,
        count: samples.length,
        positions: samples.map((sample) => train.positions[sample] ?? 0),
        labels: samples.map((sample) => train.labels[sample] ?? 0),
      },
    },
  };
}
