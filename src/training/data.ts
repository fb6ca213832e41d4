import { MIX_SHARE, MIXED_LABELS } from './hard-labels.ts';
import { Batches, type Batch, type BatchOptions } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { TrainSettings } from '../config/experiment.ts';
import type { AugmentSettings } from '../data/settings.ts';
import type { Feeds } from '../executors/executor.ts';
import type { Split } from '../protocol/records.ts';

/** The batches of training: order and views are functions of seed, epoch and index. */
export function trainingBatches(
  dataset: Dataset,
  batchSize: number,
  seed: number,
  augment: readonly AugmentSettings[],
  { mixing = [] }: Pick<TrainSettings, 'mixing'>,
  drawn: StoredDrawings & Pick<BatchOptions, 'view'> = {},
): Batches {
  return new Batches(dataset, 'train', { batchSize, seed, shuffle: true, augment, mixing, ...drawn });
}

/** The drawings that a book holds, in place of one of its own for each epoch. */
export type StoredDrawings = Pick<BatchOptions, 'drawings' | 'augmentSeed'>;

/** Sets the stronger augmentation apart. */
export const STRONG_VIEW = 'augment/strong';

/** Sets what teachers see apart, where they see another view. */
export const TEACHER_VIEW = 'augment/teacher';

/** The same batches through another augmentation. */
export function strongBatches(
  dataset: Dataset,
  batchSize: number,
  seed: number,
  augment: readonly AugmentSettings[],
  { mixing = [] }: Pick<TrainSettings, 'mixing'>,
  drawn: StoredDrawings = {},
): Batches {
  const options = { batchSize, seed, shuffle: true, augment, view: STRONG_VIEW, mixing, ...drawn };
  return new Batches(dataset, 'train', options);
}

/** What a search sees: the validation split as it is, shuffled anew each time that it has been through. */
export function searchBatches(dataset: Dataset, batchSize: number, seed: number): Batches {
  return new Batches(dataset, 'validation', { batchSize, seed, shuffle: true, augment: [] });
}

/** A split in its own order, as it is, the last batch padded. Each batch is overwritten by the next. */
export function* inOrder(dataset: Dataset, split: Split, batchSize: number): Generator<Batch> {
  const batches = new Batches(dataset, split, { batchSize, seed: 0, shuffle: false, augment: [] });
  for (let index = 0; index < batches.count; index++) yield batches.batch(0, index);
}

/** `[batch, height, width, channels]`: the images that are to be answered. */
export const TARGETS = 'targets';

/** A batch without its padding, by the names the graphs take it under. */
export function realSamples({ inputs, targets, labels, indices, count, mixture }: Batch): Feeds {
  const own = labels.subarray(0, count);
  const values = (inputs.length / labels.length) * count;
  return {
    images: inputs.subarray(0, values),
    ...(targets === null ? {} : { [TARGETS]: targets.subarray(0, values) }),
    labels: own,
    indices: indices.subarray(0, count),
    [MIXED_LABELS]: mixture === null ? own : mixture.partners.map((partner) => labels[partner] ?? 0),
    [MIX_SHARE]: Float32Array.of(mixture?.share ?? 1),
  };
}

/** At most so many positions of a split, evenly spaced, so that data in the order of their classes keep every class. */
export function probeSamples(count: number, most: number): Int32Array {
  const size = Math.min(count, most);
  return Int32Array.from({ length: size }, (_, at) => Math.floor((at * count) / size));
}
