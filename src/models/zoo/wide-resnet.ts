import { integer, number, object } from '../../schema/field.ts';
import { modelError } from '../problems.ts';
import { defineFamily } from './family.ts';
import { GraphBuilder } from './graph-builder.ts';

const DEFAULT_BASE = 16;

/**
 * Wide residual network of depth 6n + 4: a 3x3 stem of `base` (16) filters, three stages of n blocks with k, 2k and 4k times
 * as many, then batch normalisation, ReLU, global average pooling and a dense classifier.
 * Block, activations first: `bn1 -> relu1 -> conv1 -> bn2 -> relu2 -> dropout -> conv2 -> add(shortcut)`; where the number
 * of filters changes, the shortcut is a 1x1 convolution of `relu1`.
 * `stage1` means the sum at the end of that stage, before the next stage's activation.
 */
export const wideResnet = defineFamily({
  name: 'wrn',
  summary: 'Wide residual network (WRN-depth-width): three stages of pre-activation blocks, depth 6n + 4.',
  paper: {
    title: 'Wide residual networks',
    authors: 'Zagoruyko, Komodakis',
    where: 'BMVC 2016, table 1',
    arxiv: '1605.07146',
  },
  settings: object(
    {
      depth: integer({
        doc: 'Layers: 6n + 4 (10, 16, 22, 28, 40).',
        minimum: 10,
        maximum: 1000,
        default: 16,
      }),
      width: integer({
        doc: 'Widening factor k: stages have k, 2k and 4k times `base` filters.',
        minimum: 1,
        maximum: 64,
        default: 1,
      }),
      base: integer({
        doc: 'Filters of the stem.',
        minimum: 1,
        maximum: 1024,
        default: DEFAULT_BASE,
        unit: 'filters',
        source: 'table 1',
      }),
      dropout: number({
        doc: 'Share of activations dropped between the convolutions of a block while training.',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0,
        source: 'section 2.4; 0.3 for CIFAR',
      }),
    },
    { doc: 'A wide residual network.' },
  ),
  presets: (
    [
      [16, 1],
      [16, 2],
      [40, 2],
    ] as const
  ).map(([depth, width]) => ({
    name: `wrn-${depth}-${width}`,
    summary: `Wide residual network of ${depth} layers, ${width === 1 ? 'not widened' : `${width} times as wide`}.`,
    settings: { depth, width },
  })),
  build(inputShape, classes, { depth, width, base, dropout }) {
    const blocks = (depth - 4) / 6;
    if (!Number.isInteger(blocks) || blocks < 1) {
      const lower = 6 * Math.max(1, Math.floor(blocks)) + 4;
      throw modelError(
        'architectureSetting',
        `wrn cannot have depth ${depth}: depths are 6n + 4`,
        `Use ${lower} or ${lower + 6}.`,
      );
    }
    const graph = new GraphBuilder(inputShape);
    let channels = base;
    let x = graph.conv('stem.conv', graph.input, channels, 3);
    graph.alias('stem', x);
    for (const stage of [1, 2, 3]) {
      const filters = base * width * 2 ** (stage - 1);
      for (let index = 0; index < blocks; index++) {
        const stride = stage > 1 && index === 0 ? 2 : 1;
        x = wideBlock(graph, `stage${stage}.block${index}`, x, { channels, filters, stride, dropout });
        channels = filters;
      }
      graph.alias(`stage${stage}`, x);
    }
    x = graph.relu('head.relu', graph.batchNorm('head.bn', x));
    const embedding = graph.add('head.pool', { kind: 'globalAveragePool' }, x);
    const unusual = [
      ...(base === DEFAULT_BASE ? [] : [`base ${base}`]),
      ...(dropout === 0 ? [] : [`dropout ${dropout}`]),
    ].join(', ');
    const name = `wrn-${depth}-${width}`;
    return graph.classifier(unusual === '' ? name : `${name}(${unusual})`, embedding, classes);
  },
});

function wideBlock(
  graph: GraphBuilder,
  path: string,
  input: string,
  options: { channels: number; filters: number; stride: number; dropout: number },
): string {
  const { channels, filters, stride, dropout } = options;
  const relu1 = graph.relu(`${path}.relu1`, graph.batchNorm(`${path}.bn1`, input));
  const conv1 = graph.conv(`${path}.conv1`, relu1, filters, 3, { stride });
  let x = graph.relu(`${path}.relu2`, graph.batchNorm(`${path}.bn2`, conv1));
  if (dropout > 0) x = graph.add(`${path}.dropout`, { kind: 'dropout', rate: dropout }, x);
  const conv2 = graph.conv(`${path}.conv2`, x, filters, 3);
  const shortcut =
    channels === filters && stride === 1
      ? input
      : graph.conv(`${path}.shortcut.conv`, relu1, filters, 1, { stride });
  const output = graph.add(`${path}.add`, { kind: 'add' }, conv2, shortcut);
  graph.alias(path, output);
  return output;
}
