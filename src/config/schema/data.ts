import {
  choice,
  integer,
  later,
  list,
  number,
  object,
  tagged,
  text,
  union,
  variant,
} from '../../schema/field.ts';

const samples = (doc: string) => integer({ doc, unit: 'samples', minimum: 1, optional: true });

const augmentation = variant(
  {
    randomCrop: object(
      {
        padding: integer({
          doc: 'Zeros added on every side before the image is cropped back to its size at a random place.',
          unit: 'pixels',
          default: 4,
          minimum: 1,
          maximum: 256,
          source: 'He et al. 2016, section 4.2 (CIFAR-10)',
        }),
      },
      { doc: 'Shift the image by a random number of pixels.' },
    ),
    randomFlip: object(
      {
        probability: number({
          doc: 'How often an image is mirrored.',
          default: 0.5,
          minimum: 0,
          maximum: 1,
          source: 'He et al. 2016, section 4.2 (CIFAR-10)',
        }),
      },
      { doc: 'Mirror the image from left to right. Not for digits and letters.' },
    ),
    randomRotation: later('Turn the image by a random angle.'),
    randomErasing: later('Blank out a random rectangle.'),
    colorJitter: later('Change brightness, contrast and saturation at random.'),
  },
  { doc: 'One change, drawn anew for every image and epoch.' },
);

/** What every format has. */
const common = {
  validation: object(
    {
      fraction: number({
        doc: 'Share of the training files that is set aside. Models are selected on it; the test split is read once, at the end.',
        default: 0.1,
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        source: 'one tenth, as customary where a set has no validation split of its own',
      }),
    },
    { doc: 'Where the validation split comes from.' },
  ),
  normalize: choice(
    {
      trainingSplit:
        'Subtract the mean and divide by the standard deviation of the training split, channel by channel.',
      none: 'Values stay between 0 and 1.',
    },
    { doc: 'How pixel values are scaled.', default: 'trainingSplit' },
  ),
  augment: list(augmentation, {
    doc: 'Random changes of the training images, in order.',
    default: [],
    maximumLength: 16,
  }),
  strongAugment: list(augmentation, {
    doc: 'Random changes of a second view of each training image, for methods that compare two (mlkd). Left out: there is none.',
    optional: true,
    maximumLength: 16,
  }),
  limit: object(
    {
      train: samples('At most this many samples of the training files, validation included.'),
      test: samples('At most this many samples of the test files.'),
    },
    { doc: 'Use only the first samples of each split after a seeded shuffle, for a quick look.' },
  ),
  classes: list(text({ doc: 'Name of one class.', filled: true }), {
    doc: 'Names of the classes, label 0 first. Left out: numbers, or the names of the class folders.',
    optional: true,
    minimumLength: 2,
    maximumLength: 100_000,
  }),
  groupBy: later('Keep samples of one group (a patient, a speaker) in one split.'),
  stratify: later('Keep the shares of the classes equal in all splits.'),
};

const idxFiles = (which: string) =>
  object(
    {
      inputs: text({
        doc: `IDX file (plain or .gz) with the ${which} images.`,
        refersTo: 'file',
        filled: true,
      }),
      labels: text({
        doc: `IDX file (plain or .gz) with the ${which} labels.`,
        refersTo: 'file',
        filled: true,
      }),
    },
    { doc: `The ${which} files.` },
  );

const classFolders = (which: string) =>
  object(
    {
      folder: text({
        doc: `Folder of the ${which} images: one folder a class, PNG or JPEG files in it.`,
        refersTo: 'folder',
        filled: true,
      }),
    },
    { doc: `The ${which} images.` },
  );

const side = (doc: string) => integer({ doc, unit: 'pixels', minimum: 1, maximum: 4096 });

export const dataField = tagged(
  'format',
  {
    idx: object(
      { train: idxFiles('training'), test: idxFiles('test'), ...common },
      {
        doc: 'IDX files as MNIST uses them, plain or compressed by gzip.',
      },
    ),
    'image-folder': object(
      {
        train: classFolders('training'),
        test: classFolders('test'),
        size: union(
          [
            side('Height and width.'),
            list(side('Height, then width.'), {
              doc: 'Height and width.',
              minimumLength: 2,
              maximumLength: 2,
            }),
          ],
          {
            doc: 'Size that every image is brought to. Left out: all images must have one size.',
            optional: true,
          },
        ),
        channels: choice(
          {
            rgb: 'Three channels; grey images are repeated.',
            grey: 'One channel; colours are weighted to brightness.',
          },
          { doc: 'Colour or grey.', default: 'rgb' },
        ),
        ...common,
      },
      { doc: 'PNG and JPEG images, a folder a class. Decoded once into a cache.' },
    ),
    cifar: later('The binary files of CIFAR-10 and CIFAR-100.'),
    csv: later('Tables of numbers with a label column.'),
    npz: later('Arrays of NumPy.'),
    tfrecord: later('Records of TensorFlow.'),
    audio: later('Sound files with transcripts.'),
    text: later('Lines of text.'),
    nifti: later('Volumes of medical imaging.'),
  },
  {
    doc: 'Where the samples come from and how they are split and prepared.',
    tagDoc: 'How the files are read.',
  },
);
