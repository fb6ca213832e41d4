import { integer, list, object } from '../../schema/field.ts';
import { defineFamily, requireSize } from './family.ts';
import { GraphBuilder } from './graph-builder.ts';

/**
 * `(conv 5x5 -> relu -> max pool) x n -> flatten -> (dense -> relu) x m -> dense`.
 * Differs from LeNet-5 in max pooling, ReLU, and padded convolutions, so that it takes any image size.
 * `stage1` means the activation before the pooling, `hidden1` the first dense activation.
 */
export const convnet = defineFamily({
  name: 'convnet',
  summary:
    'Small convolutional network in the manner of LeNet-5: two 5x5 convolutions with pooling, then dense layers.',
  paper: {
    title: 'Gradient-based learning applied to document recognition',
    authors: 'LeCun, Bottou, Bengio, Haffner',
    where: 'Proceedings of the IEEE 86(11), 1998',
  },
  settings: object(
    {
      filters: list(
        integer({ doc: 'Filters of one convolution.', minimum: 1, maximum: 2048, unit: 'filters' }),
        {
          doc: 'Filters of each convolution, first to last. Each is followed by a pooling that halves the image.',
          default: [6, 16],
          source: 'LeNet-5: C1 and C3',
          minimumLength: 1,
          maximumLength: 8,
        },
      ),
      hidden: list(
        integer({ doc: 'Units of one dense layer.', minimum: 1, maximum: 16_384, unit: 'units' }),
        {
          doc: 'Units of each dense layer before the classifier.',
          default: [120, 84],
          source: 'LeNet-5: C5 and F6',
          maximumLength: 8,
        },
      ),
    },
    { doc: 'A small convolutional network.' },
  ),
  presets: [],
  build(inputShape, classes, { filters, hidden }) {
    const architecture = `convnet(${filters.join(', ')}; ${hidden.join(', ')})`;
    requireSize(architecture, inputShape, 2 ** filters.length);
    const graph = new GraphBuilder(inputShape);
    let x = graph.input;
    filters.forEach((count, index) => {
      const stage = `stage${index + 1}`;
      const conv = graph.conv(`${stage}.conv`, x, count, 5, { bias: true });
      const relu = graph.relu(`${stage}.relu`, conv);
      graph.alias(stage, relu);
      x = graph.maxPool(`${stage}.pool`, relu);
    });
    x = graph.add('flatten', { kind: 'flatten' }, x);
    hidden.forEach((units, index) => {
      const name = `hidden${index + 1}`;
      x = graph.relu(`${name}.relu`, graph.dense(`${name}.fc`, x, units));
      graph.alias(name, x);
    });
    return graph.classifier(architecture, x, classes);
  },
});
