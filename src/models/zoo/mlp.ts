import { integer, list, object } from '../../schema/field.ts';
import { defineFamily } from './family.ts';
import { GraphBuilder } from './graph-builder.ts';

/** `flatten -> (dense -> relu) x n -> dense`. `hidden1` means the first hidden layer's activation. */
export const mlp = defineFamily({
  name: 'mlp',
  summary: 'Multilayer perceptron: dense layers with ReLU on the flattened image.',
  paper: {
    title: 'Learning representations by back-propagating errors',
    authors: 'Rumelhart, Hinton, Williams',
    where: 'Nature 323, 1986',
  },
  settings: object(
    {
      hidden: list(
        integer({ doc: 'Units of one hidden layer.', minimum: 1, maximum: 16_384, unit: 'units' }),
        {
          doc: 'Units of each hidden layer, first to last.',
          default: [256, 128],
          minimumLength: 1,
          maximumLength: 16,
        },
      ),
    },
    { doc: 'A multilayer perceptron.' },
  ),
  presets: [],
  build(inputShape, classes, { hidden }) {
    const graph = new GraphBuilder(inputShape);
    let x = graph.add('flatten', { kind: 'flatten' }, graph.input);
    hidden.forEach((units, index) => {
      const name = `hidden${index + 1}`;
      x = graph.relu(`${name}.relu`, graph.dense(`${name}.fc`, x, units));
      graph.alias(name, x);
    });
    return graph.classifier(`mlp(${hidden.join(', ')})`, x, classes);
  },
});
