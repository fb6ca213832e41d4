import { boolean, object, variant } from '../schema/field.ts';

/** Which adapter brings the student's map to the teacher's shape, where a pair says so itself. */
export interface AdapterChoice {
  readonly kind: 'regressor' | 'conv1x1' | 'conv3x3';
  /** Of the two plain convolutions; the regressor has always one. */
  readonly batchNorm: boolean;
}

const convolution = (size: string) =>
  object(
    { batchNorm: boolean({ doc: 'Whether a batch norm follows the convolution.', default: true }) },
    {
      doc: `The student’s map in the teacher’s height and width (averaged where it is larger, enlarged bilinearly where it is smaller), then a ${size} convolution.`,
    },
  );

/** The key `adapter` of a pair, of methods with `adapters`. */
export const adapterField = variant(
  {
    regressor: object(
      {},
      {
        doc: 'The regressor of FitNets: convolution and batch norm; 3×3 with stride 2 from twice the size, transposed 4×4 from half of it, else without padding.',
      },
    ),
    conv1x1: convolution('1×1'),
    conv3x3: convolution('3×3'),
  } satisfies Record<AdapterChoice['kind'], unknown>,
  {
    doc: 'Which adapter brings the student’s map to the teacher’s shape, also where the shapes are equal. Left out: as the method does.',
    optional: true,
  },
);
