import { createHash } from 'node:crypto';
import type { Split } from '../protocol/records.ts';
import { chooseSplits, limited, type ChosenSplits, type Read } from './choose-splits.ts';
import { checkLabels, classNames } from './classes.ts';
import { readIdxSamples } from './idx-samples.ts';
import { readImageSamples, type ImageReading } from './image-samples.ts';
import type { DegradationSettings } from './degradation.ts';
import { measureNormalization, noNormalization, type Normalization } from './normalization.ts';
import { idxPlaces, folderPlace } from './places.ts';
import { dataError } from './problems.ts';
import type { SplitReport } from '../protocol/records.ts';
import type { Samples } from './samples.ts';
import type { DataSettings, ImageFolder } from './settings.ts';

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
  /** How the images that models read are made of those that they are to answer with; absent: they answer with classes. */
  readonly degradation?: DegradationSettings;
  /** SHA-256 over the content of all files and everything that decides about the splits. */
  readonly hash: string;
  /** SHA-256 over the positions of the validation samples. */
  readonly validationHash: string;
  /** What was found about groups and copies; absent where they were not looked for. */
  readonly report?: SplitReport;
}

export interface LoadOptions extends ImageReading {
  /** Folder that no path may leave. */
  readonly root: string;
  /** Of the choice of validation samples and of limited subsets. One seed for all seeds of a comparison. */
  readonly seed: number;
}

/**
 * Reads the data and splits it: the training files into `train` and `validation`, each class with its share; the test files,
 * or a share of the training files, into `test`. Groups and copies of one picture stay together. Limits count before the
 * split. The normalisation is measured on `train` alone.
 * @throws UserError KD3001 to KD3033, each with file, fact and next step; the signal's reason when it is aborted
 */
export async function loadDataset(settings: DataSettings, options: LoadOptions): Promise<Dataset> {
  const { train, test, classes } = await readSamples(settings, options);
  if (test !== null) requireOneShape(settings, train, test);
  const { seed } = options;
  const chosen = chooseSplits(settings, options, { train, test, classes });
  const testUsed =
    test === null ? chosen.test : limited(test, settings.limit.test, { seed, name: 'split/limit/test' });
  const channels = train.shape[2];
  return {
    classes,
    shape: train.shape,
    splits: {
      train: split('train', train, chosen.train),
      validation: split('validation', train, chosen.validation),
      test: split('test', test ?? train, testUsed),
    },
    normalization:
      settings.normalize === 'none' ? noNormalization(channels) : measureNormalization(train, chosen.train),
    ...(settings.degradation === undefined ? {} : { degradation: settings.degradation }),
    hash: hashOf(settings, seed, [train.digest, ...(test === null ? [] : [test.digest])], chosen),
    validationHash: createHash('sha256').update(chosen.validation).digest('hex'),
    ...(chosen.report === null ? {} : { report: chosen.report }),
  };
}

function requireOneShape(settings: DataSettings, train: Samples, test: Samples): void {
  const [trainShape, testShape] = [train.shape.join('x'), test.shape.join('x')];
  if (trainShape === testShape) return;
  throw dataError(
    'shapeMismatch',
    settings.format === 'idx' ? 'data.test.inputs' : 'data.test.folder',
    `training images are ${trainShape}, but test images are ${testShape}`,
    'Use test images of the same size and number of channels, or set data.size.',
  );
}

async function readSamples(settings: DataSettings, options: LoadOptions): Promise<Read> {
  if (settings.format === 'image-folder') {
    const given = settings.classes ?? null;
    const read = (files: ImageFolder, name: 'train' | 'test', classes: readonly string[] | null) =>
      readImageSamples(folderPlace(files, name, options.root), settings, classes, options);
    const train = await read(settings.train, 'train', given);
    const test = 'fraction' in settings.test ? null : await read(settings.test, 'test', train.classes);
    return { train, test, classes: train.classes };
  }
  const trainPlaces = idxPlaces(settings.train, 'train', options.root);
  const train = readIdxSamples(trainPlaces);
  const classes = classNames(trainPlaces.labels, train.labels, settings.classes);
  if ('fraction' in settings.test) return { train, test: null, classes };
  const testPlaces = idxPlaces(settings.test, 'test', options.root);
  const test = readIdxSamples(testPlaces);
  checkLabels(testPlaces.labels, test.labels, classes.length);
  return { train, test, classes };
}

function split(name: Split, samples: Samples, positions: Int32Array): DataSplit {
  const labels = positions.map((position) => samples.labels[position] ?? 0);
  return { name, count: positions.length, samples, positions, labels };
}

function hashOf(
  settings: DataSettings,
  seed: number,
  digests: readonly string[],
  { report, train, validation: chosen, test }: ChosenSplits,
): string {
  const { validation, normalize, limit, classes = null, degradation } = settings;
  const images =
    settings.format === 'image-folder' ? { size: settings.size, channels: settings.channels } : null;
  const facts = {
    format: settings.format,
    digests,
    validation,
    normalize,
    limit,
    classes,
    images,
    seed,
    degradation,
  };
  // Which samples were chosen, where more than the seed decides.
  const positions = createHash('sha256').update(train).update(chosen).update(test).digest('hex');
  const splits = report === null ? {} : { positions };
  return createHash('sha256')
    .update(JSON.stringify({ ...facts, ...splits }))
    .digest('hex');
}
