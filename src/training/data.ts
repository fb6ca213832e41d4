import { Batches, type Batch } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { AugmentSettings } from '../data/settings.ts';
import type { Feeds } from '../executors/executor.ts';
import type { Split } from '../protocol/records.ts';

/** The batches of training: order and views are functions of seed, epoch and index. */
export function trainingBatches(
  dataset: Dataset,
  batchSize: number,
  seed: number,
  augment: readonly AugmentSettings[],
): Batches {
  return new Batches(dataset, 'train', { batchSize, seed, shuffle: true, augment });
}

/** The same batches through another augmentation. */
export function strongBatches(
  dataset: Dataset,
  batchSize: number,
  seed: number,
  augment: readonly AugmentSettings[],
): Batches {
  return new Batches(dataset, 'train', { batchSize, seed, shuffle: true, augment, view: 'augment/strong' });
}

/** A split in its own order, as it is, the last batch padded. Each batch is overwritten by the next. */
export function* inOrder(dataset: Dataset, split: Split, batchSize: number): Generator<Batch> {
  const batches = new Batches(dataset, split, { batchSize, seed: 0, shuffle: false, augment: [] });
  for (let index = 0; index < batches.count; index++) yield batches.batch(0, index);
}

/** A batch without its padding, by the names the graphs take it under. */
export function realSamples({ inputs, labels, indices, count }: Batch): Feeds {
  return {
    images: inputs.subarray(0, (inputs.length / labels.length) * count),
    labels: labels.subarray(0, count),
    indices: indices.subarray(0, count),
  };
}
