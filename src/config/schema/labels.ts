import { choice, list, number, object, union } from '../../schema/field.ts';

/** How hard labels are weighed, smoothed and mixed in training; what is left out of a model's own comes from the experiment's. */
type Presence<D> = { readonly optional?: boolean; readonly default?: D };

export const classWeights = <O extends Presence<'none'>>(options: O) =>
  union(
    [
      choice(
        {
          none: 'All samples count alike.',
          balanced:
            'Classes count alike: a sample of class c weighs `N / (C · n_c)`, from the counts of the training split.',
        },
        { doc: 'How classes are weighed.' },
      ),
      list(number({ doc: 'Weight of one class.', minimum: 0, maximum: 1e6 }), {
        doc: 'A weight for each class, label 0 first.',
        minimumLength: 2,
        maximumLength: 100_000,
      }),
    ],
    {
      doc: 'How much samples of each class count in the cross-entropy, which is divided by the sum of the weights of the batch.',
      ...options,
    },
  );

const amount = {
  doc: 'Share of each hard label that is spread over all classes. It flattens what a teacher says: 0 for teachers is worth a try.',
  minimum: 0,
  exclusiveMaximum: 1,
};

export const labelSmoothing = <O extends Presence<0>>(options: O) =>
  union(
    [
      number(amount),
      object(
        {
          amount: number({ ...amount, default: 0.1, source: 'Szegedy et al. 2016, section 7' }),
          weights: choice(
            {
              sample: 'A sample weighs as its class does.',
              pytorch:
                'Each entry of the smoothed label weighs as its own class, as in `torch.nn.CrossEntropyLoss`.',
            },
            { doc: 'How smoothed labels meet class weights.', default: 'sample' },
          ),
        },
        { doc: 'The share, and how it meets class weights.' },
      ),
    ],
    {
      doc: 'Smooths the hard labels of training. Validation and test are measured with the labels as they are.',
      ...options,
    },
  );

const mixing = (alpha: number, source: string) => ({
  alpha: number({
    doc: 'Shares are drawn from Beta(alpha, alpha): small values mix little, 1 mixes evenly.',
    exclusiveMinimum: 0,
    maximum: 1000,
    default: alpha,
    source,
  }),
  probability: number({
    doc: 'How often a batch is mixed.',
    exclusiveMinimum: 0,
    maximum: 1,
    default: 1,
  }),
});

const none = () => choice({ none: 'Images stay as they are.' }, { doc: 'Images stay as they are.' });

export const mixup = <O extends Presence<'none'>>(options: O) =>
  union([none(), object(mixing(0.2, 'Zhang et al. 2018, ImageNet'), { doc: 'How much, and how often.' })], {
    doc: 'Trains on weighted means of two images and their labels (Zhang et al. 2018). Teacher and student see the same mixtures; terms that read labels are told that of the larger part.',
    ...options,
  });

export const cutmix = <O extends Presence<'none'>>(options: O) =>
  union([none(), object(mixing(1, 'Yun et al. 2019, CIFAR'), { doc: 'How large, and how often.' })], {
    doc: 'Trains on images with a box of another image pasted in, labels mixed by area (Yun et al. 2019). With `mixup`, at most one of the two acts on a batch.',
    ...options,
  });
