import { boolean, integer, later, number, object, variant } from '../../schema/field.ts';

const learningRate = (value: number, source: string) =>
  number({
    doc: 'Step size. A number or a schedule.',
    default: value,
    exclusiveMinimum: 0,
    maximum: 1000,
    schedulable: true,
    source,
  });

const weightDecay = (value: number, source: string, doc: string) =>
  number({ doc, default: value, minimum: 0, maximum: 1, source });

const optimizers = {
  sgd: object(
    {
      learningRate: learningRate(0.05, 'RepDistiller and mdistiller, CIFAR-100 recipes'),
      momentum: number({
        doc: 'Share of the previous step that is kept.',
        default: 0.9,
        minimum: 0,
        exclusiveMaximum: 1,
        source: 'RepDistiller and mdistiller, CIFAR-100 recipes',
      }),
      nesterov: boolean({ doc: "Nesterov's momentum: look ahead before the step.", default: false }),
      weightDecay: weightDecay(
        5e-4,
        'RepDistiller and mdistiller, CIFAR-100 recipes',
        'L2 penalty, added to the gradient of every trained tensor as PyTorch does.',
      ),
    },
    { doc: 'Stochastic gradient descent with momentum.' },
  ),
  adam: object(
    {
      learningRate: learningRate(1e-3, 'Kingma and Ba 2015, algorithm 1'),
      beta1: number({
        doc: 'Decay of the mean of gradients.',
        default: 0.9,
        minimum: 0,
        exclusiveMaximum: 1,
        source: 'Kingma and Ba 2015, algorithm 1',
      }),
      beta2: number({
        doc: 'Decay of the mean of squared gradients.',
        default: 0.999,
        minimum: 0,
        exclusiveMaximum: 1,
        source: 'Kingma and Ba 2015, algorithm 1',
      }),
      epsilon: number({
        doc: 'Keeps the division from zero.',
        default: 1e-8,
        exclusiveMinimum: 0,
        maximum: 1,
        source: 'Kingma and Ba 2015, algorithm 1',
      }),
      weightDecay: weightDecay(0, 'PyTorch', 'L2 penalty, added to the gradient (not decoupled).'),
    },
    { doc: 'Adaptive moments (Kingma and Ba 2015).' },
  ),
  adamw: later('Adam with decoupled weight decay.'),
  rmsprop: later('Division by a running mean of squared gradients.'),
  adagrad: later('Division by the sum of squared gradients.'),
  lamb: later('Layer-wise adaptive steps for large batches.'),
};

const epochs = {
  doc: 'Times the training split is gone through.',
  unit: 'epochs',
  minimum: 1,
  maximum: 100_000,
};
const batchSize = {
  doc: 'Samples a step. The last batch of an epoch may be smaller.',
  unit: 'samples',
  minimum: 1,
  maximum: 65_536,
};
const seed = {
  doc: 'Of initialisation, data order, augmentation and every draw.',
  minimum: 0,
  maximum: 2_147_483_647,
};

const laterKeys = {
  classWeights: later('Weigh rare classes more.'),
  labelSmoothing: later('Spread a little of each hard label over all classes.'),
  mixup: later('Train on mixtures of two images.'),
  cutmix: later('Paste a part of one image into another.'),
  earlyStopping: later('End when validation no longer improves.'),
  gradientClipping: later('Bound the length of the gradient.'),
  ema: later('Keep a running mean of the weights.'),
};

export const trainField = object(
  {
    epochs: integer(epochs),
    batchSize: integer({
      ...batchSize,
      default: 64,
      source: 'RepDistiller and mdistiller, CIFAR-100 recipes',
    }),
    optimizer: variant(optimizers, { doc: 'How weights follow their gradients.', default: 'sgd' }),
    seed: integer({ ...seed, default: 1 }),
    ...laterKeys,
  },
  { doc: 'How student and baseline are trained, and the teacher where it says nothing of its own.' },
);

/** A model's own training: what is left out comes from the experiment's `train`. */
export const ownTrainField = object(
  {
    epochs: integer({ ...epochs, optional: true }),
    batchSize: integer({ ...batchSize, optional: true }),
    optimizer: variant(optimizers, { doc: 'How weights follow their gradients.', optional: true }),
    seed: integer({ ...seed, optional: true }),
    ...laterKeys,
  },
  {
    doc: "Settings of this model's own training, where it is trained first. What is left out comes from `train`.",
    optional: true,
  },
);
