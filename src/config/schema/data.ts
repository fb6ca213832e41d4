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
import { LIKENESS } from '../../data/likeness.ts';
import { COPY_MARKS } from '../../data/copy-marks.ts';
import type { Stratify } from '../../data/split-groups.ts';

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
    { doc: 'Where the validation split comes from. There always is one: models are selected on it.' },
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
  teacherView: choice(
    {
      joint: 'The view that the student sees.',
      separate: 'A view of its own, drawn by the same augmentation.',
      plain: 'The image as it is.',
    },
    {
      doc: 'What finished teachers see of a training image that is augmented.',
      default: 'joint',
      source: 'Li et al. 2024: augmentation of both together does best',
    },
  ),
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
  groupBy: variant(
    {
      stem: object(
        {
          marks: list(text({ doc: 'An end of a file name: `*` is any text, `#` digits.', filled: true }), {
            doc: 'Ends of a file name that tell a copy from its original; they are taken off until none is left.',
            default: [...COPY_MARKS],
            maximumLength: 100,
          }),
        },
        {
          doc: "The file's name without folder, ending and marks of copies, in small letters. Only where samples have files of their own.",
        },
      ),
      table: object(
        {
          file: text({
            doc: 'A table with a head, columns set apart by commas, with a row for each training sample.',
            refersTo: 'file',
            filled: true,
          }),
          name: text({
            doc: 'Column with the name of the image file. Of no use for IDX files: there, rows follow the order of the samples.',
            default: 'file',
            filled: true,
          }),
          group: text({
            doc: 'Column with the name of the group: a patient, an examination.',
            default: 'group',
            filled: true,
          }),
        },
        { doc: 'A column of a table.' },
      ),
    },
    {
      doc: 'Keeps training samples of one group (a patient, an examination, an image and its copies) in one split. A group with samples of two classes is an error.',
      optional: true,
    },
  ),
  stratify: choice<Stratify, { doc: string; default: Stratify; source: string }>(
    {
      samples:
        'Each class has the same share of its samples in every split; the largest groups are placed first.',
      groups:
        'Each class has the same share of its groups in every split; a further copy never moves a group.',
      none: 'Shares of the classes are left to chance where groups are kept together.',
    },
    {
      doc: 'How validation (and test, where it is a share of the training files) keeps the shares of the classes.',
      default: 'samples',
      source: 'customary',
    },
  ),
  duplicates: union(
    [
      choice(
        {
          report:
            'Copies among the training files stay in one split; those among the test files are told aloud.',
          drop: 'The same, and training samples that are copies of test samples are left out.',
          refuse: 'The same, and a run whose test samples are among its training samples does not start.',
          ignore: 'Nothing is looked for.',
        },
        { doc: 'What becomes of copies.' },
      ),
      object(
        {
          across: choice(
            {
              report: 'They are told aloud.',
              drop: 'They are left out of training.',
              refuse: 'The run does not start.',
            },
            { doc: 'What becomes of training samples that are copies of test samples.', default: 'report' },
          ),
          likeness: number({
            doc: 'Least correlation of two pictures (grey, at most 32 x 32) that count as the same. Of mirrored and shifted ones more is asked: 0.998 at 0.995.',
            minimum: 0.98,
            maximum: 1,
            default: LIKENESS,
            source: 'inferred: below it, different handwritten digits begin to count as the same',
          }),
        },
        { doc: 'What becomes of copies, and what counts as one.' },
      ),
    ],
    {
      doc: 'Looks for pictures that stand in the data more than once: the same bytes, or the same but for size, encoding, brightness and contrast, or within one class mirrored left to right or shifted by up to 1/16 of a side. Turned and cut ones are not found.',
      default: 'report',
    },
  ),
};

const testShare = number({
  doc: 'In place of files: share of the training files that becomes the test split.',
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  optional: true,
});

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

const testFiles = object(
  {
    inputs: text({
      doc: 'IDX file (plain or .gz) with the test images.',
      refersTo: 'file',
      filled: true,
      optional: true,
    }),
    labels: text({
      doc: 'IDX file (plain or .gz) with the test labels.',
      refersTo: 'file',
      filled: true,
      optional: true,
    }),
    fraction: testShare,
  },
  {
    doc: 'The test files, or a share of the training files.',
    exactlyOne: [
      ['inputs', 'fraction'],
      ['labels', 'fraction'],
    ],
  },
);

const testFolder = object(
  {
    folder: text({
      doc: 'Folder of the test images: one folder a class, PNG or JPEG files in it.',
      refersTo: 'folder',
      filled: true,
      optional: true,
    }),
    fraction: testShare,
  },
  { doc: 'The test images, or a share of the training images.', exactlyOne: [['folder', 'fraction']] },
);

const side = (doc: string) => integer({ doc, unit: 'pixels', minimum: 1, maximum: 4096 });

export const dataField = tagged(
  'format',
  {
    idx: object(
      { train: idxFiles('training'), test: testFiles, ...common },
      {
        doc: 'IDX files as MNIST uses them, plain or compressed by gzip.',
      },
    ),
    'image-folder': object(
      {
        train: classFolders('training'),
        test: testFolder,
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
