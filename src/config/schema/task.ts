import { choice, integer, number, object, variant } from '../../schema/field.ts';
import type { ImageLoss } from '../experiment.ts';

/** An image from a poor one. */
export const reconstructionTask = object(
  {
    degradation: variant(
      {
        undersampling: object(
          {
            acceleration: number({
              doc: 'Columns of the spectrum for each one that is measured: 4 keeps a quarter of them.',
              default: 4,
              minimum: 1,
              maximum: 1024,
              source: 'Matcha et al. 2023: 4 and 5',
            }),
            centre: number({
              doc: 'Share of all columns, about frequency 0, that is measured in any case; frequency 0 itself always is.',
              default: 0.08,
              minimum: 0,
              maximum: 1,
              source: 'Zbontar et al. 2018 (fastMRI), fourfold acceleration',
            }),
            seed: integer({
              doc: 'Of the columns that are drawn. One set for all images.',
              default: 0,
              minimum: 0,
              maximum: 2_147_483_647,
            }),
          },
          {
            doc: 'As a magnetic resonance scanner that skips lines: only some columns of the spectrum of each image are kept (Cartesian undersampling), the rest is zero.',
          },
        ),
      },
      {
        doc: 'How the image that a model reads is made of the one that it is to answer with, alike in training, validation and test.',
        default: 'undersampling',
      },
    ),
    loss: choice<ImageLoss, { doc: string; default: ImageLoss; source: string }>(
      {
        l1: 'Mean absolute difference.',
        l2: 'Mean squared difference.',
      },
      {
        doc: 'What a model learns from the images themselves, in place of the cross-entropy: `loss/image`. `distill.hardLabelWeight` weighs it.',
        default: 'l1',
        source: 'Matcha et al. 2023',
      },
    ),
  },
  {
    doc: 'The images of the data, from poor ones. Labels only keep the shares of the classes alike in the splits. Models are judged by PSNR, unless `selectBy` says otherwise.',
  },
);
