import { createHash } from 'node:crypto';
import type { Split } from '../protocol/records.ts';
import { chooseStratified } from './choose.ts';
import { checkLabels, classNames } from './classes.ts';
import { readIdxSamples } from './idx-samples.ts';
import { readImageSamples, type ImageReading } from './image-samples.ts';
import { measureNormalization, noNormalization, type Normalization } from './normalization.ts';
import { idxPlaces, folderPlace } from './places.ts';
import { dataError } from './problems.ts';
import type { Samples } from './samples.ts';
import type { DataSettings } from './settings.ts';
import { validationCount } from './validation-count.ts';

/** One split: which of the samples belong to it. */
export interface DataSplit {
  readonly name: Split;
  readonly count: number;
  readonly samples: Samples;
  /** Position of each sample among `samples`, ascending. */
  readonly positions: Int32Array;
  /** `[count]` */
  readonly labels: Int32Array;
}

export interface Dataset {
  readonly classes: readonly string[];
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
  readonly splits: Readonly<Record<Split, DataSplit>>;
  readonly normalization: Normalization;
  /** SHA-256 over the content of all files and everything that decides about the splits. */
  readonly hash: string;
  /** SHA-256 over the positions of the validation samples. */
  readonly validationHash: string;
}

export interface LoadOptions extends ImageReading {
  /** Folder that no path may leave. */
  readonly root: string;
  /** Of the choice of validation samples and of limited subsets. One seed for all seeds of a comparison. */
  readonly seed: number;
}

/**
 * Reads the data and splits it: the training files into `train` and `validation`, each class with its share; the test files
 * into `test`. Limits count before the validation split. The normalisation is measured on `train` alone.
 * @throws UserError KD3001 to KD3030, each with file, fact and next step; the signal's reason when it is aborted
 */
export async function loadDataset(settings: DataSettings, options: LoadOptions): Promise<Dataset> {
  const { train, test, classes } = await readSamples(settings, options);
  const [trainShape, testShape] = [train.shape.join('x'), test.shape.join('x')];
  if (trainShape !== testShape) {
    throw dataError(
      'shapeMismatch',
      settings.format === 'idx' ? 'data.test.inputs' : 'data.test.folder',
      `training images are ${trainShape}, but test images are ${testShape}`,
      'Use test images of the same size and number of channels, or set data.size.',
    );
  }
  const used = limited(train, settings.limit.train, { seed: options.seed, name: 'split/limit/train' });
  const count = validationCount(settings, train.count);
  const validation = chooseStratified(train.labels, used, count, {
    seed: options.seed,
    name: 'split/validation',
  });
  const inValidation = new Set(validation);
  const rest = used.filter((position) => !inValidation.has(position));
  const testUsed = limited(test, settings.limit.test, { seed: options.seed, name: 'split/limit/test' });
  const channels = train.shape[2];
  return {
    classes,
    shape: train.shape,
    splits: {
      train: split('train', train, rest),
      validation: split('validation', train, validation),
      test: split('test', test, testUsed),
    },
    normalization:
      settings.normalize === 'none' ? noNormalization(channels) : measureNormalization(train, rest),
    hash: hashOf(settings, options.seed, [train.digest, test.digest]),
    validationHash: createHash('sha256').update(validation).digest('hex'),
  };
}

async function readSamples(
  settings: DataSettings,
  options: LoadOptions,
): Promise<{ train: Samples; test: Samples; classes: readonly string[] }> {
  if (settings.format === 'image-folder') {
    const given = settings.classes ?? null;
    const train = await readImageSamples(
      folderPlace(settings, 'train', options.root),
      settings,
      given,
      options,
    );
    const test = await readImageSamples(
      folderPlace(settings, 'test', options.root),
      settings,
      train.classes,
      options,
    );
    return { train, test, classes: train.classes };
  }
  const trainPlaces = idxPlaces(settings, 'train', options.root);
  const testPlaces = idxPlaces(settings, 'test', options.root);
  const train = readIdxSamples(trainPlaces);
  const classes = classNames(trainPlaces.labels, train.labels, settings.classes);
  const test = readIdxSamples(testPlaces);
  checkLabels(testPlaces.labels, test.labels, classes.length);
  return { train, test, classes };
}

function limited(samples: Samples, limit: number | null, draw: { seed: number; name: string }): Int32Array {
  const all = Int32Array.from({ length: samples.count }, (_, i) => i);
  return limit === null || limit >= samples.count ? all : chooseStratified(samples.labels, all, limit, draw);
}

function split(name: Split, samples: Samples, positions: Int32Array): DataSplit {
  const labels = positions.map((position) => samples.labels[position] ?? 0);
  return { name, count: positions.length, samples, positions, labels };
}

function hashOf(settings: DataSettings, seed: number, digests: readonly string[]): string {
  const { validation, normalize, limit, classes = null } = settings;
  const images =
    settings.format === 'image-folder' ? { size: settings.size, channels: settings.channels } : null;
  const facts = { format: settings.format, digests, validation, normalize, limit, classes, images, seed };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
