import { integer, object } from '../../schema/field.ts';
import { modelError } from '../problems.ts';
import { defineFamily } from './family.ts';
import { GraphBuilder } from './graph-builder.ts';

const DEFAULT_WIDTH = 16;

/**
 * CIFAR-style residual network of depth 6n + 2: a 3x3 stem, three stages of n basic blocks with 1, 2 and 4 times `width`
 * filters, the second and third halving the image; global average pooling; a dense classifier.
 * Block: `conv1 -> bn1 -> relu1 -> conv2 -> bn2 -> add(shortcut) -> relu2`. Where shapes change, the shortcut is a 1x1
 * convolution with batch normalisation (option B of the paper, as distillation code uses it).
 * Every 3x3 convolution is padded by one pixel on each side, as PyTorch does.
 */
export const resnet = defineFamily({
  name: 'resnet',
  summary: 'Residual network for small images (CIFAR style): three stages of basic blocks, depth 6n + 2.',
  paper: {
    title: 'Deep residual learning for image recognition',
    authors: 'He, Zhang, Ren, Sun',
    where: 'CVPR 2016, section 4.2',
    arxiv: '1512.03385',
  },
  settings: object(
    {
      depth: integer({
        doc: 'Weighted layers: 6n + 2 (8, 14, 20, 32, 44, 56, 110).',
        minimum: 8,
        maximum: 1202,
        default: 20,
      }),
      width: integer({
        doc: 'Filters of the first stage; the second has twice, the third four times as many.',
        minimum: 1,
        maximum: 1024,
        default: DEFAULT_WIDTH,
        unit: 'filters',
      }),
    },
    { doc: 'A CIFAR-style residual network.' },
  ),
  presets: [8, 14, 20, 32, 56].map((depth) => ({
    name: `resnet${depth}`,
    summary: `Residual network of ${depth} layers, ${(depth - 2) / 6} blocks a stage.`,
    settings: { depth },
  })),
  build(inputShape, classes, { depth, width }) {
    const blocks = (depth - 2) / 6;
    if (!Number.isInteger(blocks) || blocks < 1) {
      const lower = 6 * Math.max(1, Math.floor(blocks)) + 2;
      throw modelError(
        'architectureSetting',
        `resnet cannot have depth ${depth}: depths are 6n + 2`,
        `Use ${lower} or ${lower + 6}.`,
      );
    }
    const graph = new GraphBuilder(inputShape);
    const stem = graph.conv('stem.conv', graph.input, width, 3);
    let x = graph.relu('stem.relu', graph.batchNorm('stem.bn', stem));
    graph.alias('stem', x);
    let channels = width;
    for (const stage of [1, 2, 3]) {
      const filters = width * 2 ** (stage - 1);
      for (let index = 0; index < blocks; index++) {
        const stride = stage > 1 && index === 0 ? 2 : 1;
        x = basicBlock(graph, `stage${stage}.block${index}`, x, { channels, filters, stride });
        channels = filters;
      }
      graph.alias(`stage${stage}`, x);
    }
    const embedding = graph.add('head.pool', { kind: 'globalAveragePool' }, x);
    const name = width === DEFAULT_WIDTH ? `resnet${depth}` : `resnet${depth}(width ${width})`;
    return graph.classifier(name, embedding, classes);
  },
});

function basicBlock(
  graph: GraphBuilder,
  path: string,
  input: string,
  { channels, filters, stride }: { channels: number; filters: number; stride: number },
): string {
  const conv1 = graph.conv(`${path}.conv1`, input, filters, 3, { stride });
  const relu1 = graph.relu(`${path}.relu1`, graph.batchNorm(`${path}.bn1`, conv1));
  const conv2 = graph.conv(`${path}.conv2`, relu1, filters, 3);
  const bn2 = graph.batchNorm(`${path}.bn2`, conv2);
  let shortcut = input;
  if (stride !== 1 || channels !== filters) {
    const projected = graph.conv(`${path}.shortcut.conv`, input, filters, 1, { stride });
    shortcut = graph.batchNorm(`${path}.shortcut.bn`, projected);
  }
  const sum = graph.add(`${path}.add`, { kind: 'add' }, bn2, shortcut);
  const output = graph.relu(`${path}.relu2`, sum);
  graph.alias(path, output);
  return output;
}
