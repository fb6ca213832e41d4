import { boolean, choice, integer, number, object, union, variant } from '../../schema/field.ts';
import { classWeights, cutmix, labelSmoothing, mixup } from './labels.ts';
import { optimizers } from './optimizers.ts';
import { metricChoice, patienceFields } from './patience.ts';

const epochs = {
  doc: 'Times the training split is gone through.',
  unit: 'epochs',
  minimum: 1,
  maximum: 100_000,
  usual: [10, 30, 100],
};
const batchSize = {
  doc: 'Samples a step. The last batch of an epoch may be smaller.',
  unit: 'samples',
  minimum: 1,
  maximum: 65_536,
};
const gradientAccumulation = {
  doc: 'Batches whose gradients are averaged, sample by sample, before the weights move: as a batch that many times larger, but for batch statistics and relations within a batch. The last group of an epoch may be smaller. Steps, also those of schedules, are batches; a group takes the values of its first.',
  unit: 'batches',
  minimum: 1,
  maximum: 65_536,
};
const seed = {
  doc: 'Of initialisation, data order, augmentation and every draw.',
  minimum: 0,
  maximum: 2_147_483_647,
};

const gradientClipping = <O extends { optional?: boolean; default?: 'none' }>(options: O) =>
  union(
    [
      choice({ none: 'The gradient is taken as it is.' }, { doc: 'The gradient is taken as it is.' }),
      object(
        {
          norm: number({
            doc: 'Longest gradient of all trained tensors together (Euclidean norm); a longer one is shortened to it.',
            exclusiveMinimum: 0,
            maximum: 1e9,
            optional: true,
          }),
          value: number({
            doc: 'Largest entry of the gradient, up or down; a larger one is set to it.',
            exclusiveMinimum: 0,
            maximum: 1e9,
            optional: true,
          }),
        },
        { doc: 'The bound.', exactlyOne: [['norm', 'value']] },
      ),
    ],
    { doc: 'Bounds the gradient before the optimizer sees it (Pascanu et al. 2013).', ...options },
  );

const ema = <O extends { optional?: boolean; default?: 'none' }>(options: O) =>
  union(
    [
      choice({ none: 'The weights themselves count.' }, { doc: 'The weights themselves count.' }),
      object(
        {
          decay: number({
            doc: 'Share of the mean that each update keeps.',
            default: 0.999,
            minimum: 0,
            exclusiveMaximum: 1,
            source: 'TensorFlow, ExponentialMovingAverage: 0.999 and 0.9999 are usual',
          }),
          warmUp: boolean({
            doc: 'Keep less in the first updates, so that the first weights do not linger: `min(decay, (1 + t) / (10 + t))` in update t.',
            default: true,
          }),
        },
        { doc: 'How fast the mean forgets.' },
      ),
    ],
    {
      doc: 'A running mean of the weights (and of the batch statistics), which is validated, tested, kept and exported in their place (Polyak and Juditsky 1992).',
      ...options,
    },
  );

const SELECT_DOC =
  'By which metric of the validation split the best weights are chosen. The test split is read with these, once, and student and baseline are judged by the same metric there; where it is `loss`, by accuracy, or of images by PSNR.';

const earlyStopping = <O extends { optional?: boolean; default?: 'none' }>(options: O) =>
  union(
    [
      choice({ none: 'All epochs are trained.' }, { doc: 'All epochs are trained.' }),
      object(patienceFields(10, 'inferred: twice the patience that is usual for a reduction of the rate'), {
        doc: 'What is watched, and for how long.',
      }),
    ],
    {
      doc: 'Ends a phase when a metric of the validation split no longer improves. Which weights are kept, `selectBy` says.',
      ...options,
    },
  );

export const trainField = object(
  {
    epochs: integer(epochs),
    batchSize: integer({
      ...batchSize,
      default: 64,
      source: 'RepDistiller and mdistiller, CIFAR-100 recipes',
    }),
    optimizer: variant(optimizers, { doc: 'How weights follow their gradients.', default: 'sgd' }),
    gradientClipping: gradientClipping({ default: 'none' }),
    gradientAccumulation: integer({ ...gradientAccumulation, default: 1 }),
    ema: ema({ default: 'none' }),
    seed: integer({ ...seed, default: 1 }),
    selectBy: metricChoice({ doc: SELECT_DOC, default: 'accuracy' }),
    earlyStopping: earlyStopping({ default: 'none' }),
    classWeights: classWeights({ default: 'none' }),
    labelSmoothing: labelSmoothing({ default: 0 }),
    mixup: mixup({ default: 'none' }),
    cutmix: cutmix({ default: 'none' }),
  },
  { doc: 'How student and baseline are trained, and the teacher where it says nothing of its own.' },
);

/** A model's own training: what is left out comes from the experiment's `train`. */
export const ownTrainField = object(
  {
    epochs: integer({ ...epochs, optional: true }),
    batchSize: integer({ ...batchSize, optional: true }),
    optimizer: variant(optimizers, { doc: 'How weights follow their gradients.', optional: true }),
    gradientClipping: gradientClipping({ optional: true }),
    gradientAccumulation: integer({ ...gradientAccumulation, optional: true }),
    ema: ema({ optional: true }),
    seed: integer({ ...seed, optional: true }),
    selectBy: metricChoice({ doc: SELECT_DOC, optional: true }),
    earlyStopping: earlyStopping({ optional: true }),
    classWeights: classWeights({ optional: true }),
    labelSmoothing: labelSmoothing({ optional: true }),
    mixup: mixup({ optional: true }),
    cutmix: cutmix({ optional: true }),
  },
  {
    doc: "Settings of this model's own training, where it is trained first. What is left out comes from `train`.",
    optional: true,
  },
);
