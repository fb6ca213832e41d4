import type { Dataset, DataSplit } from '../../src/data/dataset.ts';
import { measureNormalization } from '../../src/data/normalization.ts';
import type { AugmentSettings } from '../../src/data/settings.ts';
import { CLASSES, SHAPE } from './experiment.ts';

export const AUGMENT: readonly AugmentSettings[] = [
  { kind: 'randomCrop', padding: 4 },
  { kind: 'randomFlip', probability: 0.5 },
];

/** Images in memory as the data readers give them, all of them for training. */
export function datasetOf(pixels: Uint8Array, labels: Int32Array): Dataset {
  const samples = { count: labels.length, shape: SHAPE, pixels, labels, digest: '' };
  const positions = Int32Array.from(labels.keys());
  const none = new Int32Array();
  const split = (name: DataSplit['name'], used: Int32Array): DataSplit => ({
    ...{ name, samples, count: used.length, positions: used },
    labels: labels.slice(0, used.length),
  });
  return {
    classes: Array.from({ length: CLASSES }, (_, index) => String(index)),
    shape: SHAPE,
    splits: {
      train: split('train', positions),
      validation: split('validation', none),
      test: split('test', none),
    },
    normalization: measureNormalization(samples, positions),
    hash: '',
    validationHash: '',
  };
}
