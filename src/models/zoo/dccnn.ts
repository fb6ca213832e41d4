import { boolean, integer, object } from '../../schema/field.ts';
import { keptColumns } from '../../random/undersampling.ts';
import { modelError } from '../problems.ts';
import { defineFamily } from './family.ts';
import { GraphBuilder } from './graph-builder.ts';

/**
 * Cascades of `(conv 3x3 -> relu) x (depth − 1) -> conv 3x3 -> data consistency`. `cascade2` means the image after the second one,
 * `cascade2.relu1` the map after its first convolution.
 */
export const dccnn = defineFamily({
  name: 'dccnn',
  summary:
    'Deep cascade of convolutional networks for magnetic resonance images: each cascade repairs the image and puts back what was measured.',
  paper: {
    title: 'A Deep Cascade of Convolutional Neural Networks for Dynamic MR Image Reconstruction',
    authors: 'Schlemper, Caballero, Hajnal, Price, Rueckert',
    where: 'IEEE Transactions on Medical Imaging 37(2), 2018',
    arxiv: '1704.02956',
  },
  answers: 'images',
  formula: [
    'x_c = DF(B_c(x_{c−1}))           c = 1 ... cascades,  x₀: the poor image',
    'B(x) = [x +] conv(relu(... conv(x)))      depth convolutions 3x3, `filters` wide, the last to the channels of the image',
    'DF(x̂) = Re F⁻¹(m ⊙ y + (1 − m) ⊙ F x̂) = x₀ + x̂ − Re F⁻¹(m ⊙ F x̂)',
  ].join('\n'),
  figure: [
    'x₀ ─┬─► conv, relu, ... conv ─► DF ─┬─► conv, relu, ... conv ─► DF ─► ... ─► image',
    '    └───────── x₀ ──────────────►─┘  └── x₀ ───────────────────►─┘',
  ].join('\n'),
  notes: [
    'Parameters with 5 cascades and 32 filters on grey images, as the code of Matcha et al. 2023 has them: 141,765 at depth 5 (their teacher), 49,285 at depth 3 (their student).',
    'Inferred: every convolution pads its map by one pixel of zeros, where that code pads the image by five before each cascade and crops it after.',
    'Images are real, and only the real part is kept after the inverse transform, as in that code. Of a column whose mirror image was not measured, half is therefore the network’s word; no share is left for noise.',
    'A student’s blocks may go on after each cascade of a teacher (`scheme: studentAware`): what lies between cascades is an image of one shape in both, so no layer comes between.',
  ],
  settings: object(
    {
      cascades: integer({
        doc: 'Blocks, each followed by data consistency.',
        default: 5,
        minimum: 1,
        maximum: 64,
        source: 'Schlemper et al. 2018 (D5-C5); Matcha et al. 2023',
      }),
      depth: integer({
        doc: 'Convolutions of a block.',
        default: 5,
        minimum: 1,
        maximum: 64,
        source: 'Schlemper et al. 2018 (D5-C5)',
      }),
      filters: integer({
        doc: 'Filters of every convolution but the last of a block.',
        unit: 'filters',
        default: 32,
        minimum: 1,
        maximum: 2048,
        source: 'Matcha et al. 2023, code',
      }),
      residual: boolean({
        doc: 'A block says what is to be added to the image that it reads.',
        default: true,
        source: 'Schlemper et al. 2018, figure 1',
      }),
    },
    { doc: 'How many blocks, how deep and how wide.' },
  ),
  presets: [
    {
      name: 'dccnn-d5c5',
      summary: 'DC-CNN with 5 cascades of 5 convolutions, the teacher of Matcha et al. 2023.',
      settings: { depth: 5 },
    },
    {
      name: 'dccnn-d3c5',
      summary: 'DC-CNN with 5 cascades of 3 convolutions, the student of Matcha et al. 2023.',
      settings: { depth: 3 },
    },
  ],
  build(inputShape, _classes, { cascades, depth, filters, residual }, undersampling) {
    const [, width = 0, channels = 0] = inputShape;
    const name = `dccnn-d${depth}c${cascades}`;
    if (undersampling === null)
      throw modelError('task', `${name} needs to know what was measured`, 'Use `task: reconstruction`.');
    const columns = keptColumns(width, undersampling);
    const graph = new GraphBuilder(inputShape);
    let image = graph.input;
    for (let c = 1; c <= cascades; c++) {
      const cascade = `cascade${c}`;
      let x = image;
      for (let layer = 1; layer <= depth; layer++) {
        const last = layer === depth;
        x = graph.conv(`${cascade}.conv${layer}`, x, last ? channels : filters, 3, { bias: true });
        if (!last) x = graph.relu(`${cascade}.relu${layer}`, x);
      }
      if (residual) x = graph.add(`${cascade}.sum`, { kind: 'add' }, image, x);
      image = graph.add(`${cascade}.consistent`, { kind: 'dataConsistency', columns }, x, graph.input);
      graph.alias(cascade, image);
    }
    const architecture = filters === 32 ? name : `${name}(filters ${filters})`;
    return graph.reconstruction(architecture, image, inputShape);
  },
});
