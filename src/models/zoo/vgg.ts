import { integer, object } from '../../schema/field.ts';
import { modelError } from '../problems.ts';
import { defineFamily, requireSize } from './family.ts';
import { GraphBuilder } from './graph-builder.ts';

/** Filters of each stage over the base width of 64, and how many convolutions each stage has. */
const STAGE_WIDTHS = [1, 2, 4, 8, 8];
const CONVOLUTIONS: Readonly<Record<number, readonly number[]>> = {
  8: [1, 1, 1, 1, 1],
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};
const DEFAULT_WIDTH = 64;
/** Images this high are pooled once more, after the fourth stage. */
const LARGE_IMAGE = 64;

/**
 * VGG for small images as distillation code uses it: five stages of `conv 3x3 -> bn -> relu`, max pooling after the first
 * three (and the fourth for images from 64x64), then global average pooling and one dense layer.
 * `stage1` means the last activation of that stage, before the pooling. The depth counts convolutions and the dense layers
 * of the original, of which one remains.
 */
export const vgg = defineFamily({
  name: 'vgg',
  summary:
    'VGG with batch normalisation for small images: five stages of 3x3 convolutions and one dense layer.',
  paper: {
    title: 'Very deep convolutional networks for large-scale image recognition',
    authors: 'Simonyan, Zisserman',
    where:
      'ICLR 2015; the small-image form after Tian et al., Contrastive representation distillation, ICLR 2020',
    arxiv: '1409.1556',
  },
  settings: object(
    {
      depth: integer({ doc: 'One of 8, 11, 13, 16, 19.', minimum: 8, maximum: 19, default: 8 }),
      width: integer({
        doc: 'Filters of the first stage; later stages have 2, 4, 8 and 8 times as many.',
        minimum: 1,
        maximum: 512,
        default: DEFAULT_WIDTH,
        unit: 'filters',
      }),
    },
    { doc: 'A VGG network for small images.' },
  ),
  presets: [{ name: 'vgg8', summary: 'VGG with one convolution a stage.', settings: { depth: 8 } }],
  build(inputShape, classes, { depth, width }) {
    const convolutions = CONVOLUTIONS[depth];
    if (convolutions === undefined) {
      const depths = Object.keys(CONVOLUTIONS).join(', ');
      throw modelError('architectureSetting', `vgg cannot have depth ${depth}`, `Use one of ${depths}.`);
    }
    const architecture = width === DEFAULT_WIDTH ? `vgg${depth}` : `vgg${depth}(width ${width})`;
    requireSize(architecture, inputShape, 8);
    const pooled = (inputShape[0] ?? 0) >= LARGE_IMAGE ? 4 : 3;
    const graph = new GraphBuilder(inputShape);
    let x = graph.input;
    convolutions.forEach((count, index) => {
      const stage = `stage${index + 1}`;
      for (let n = 1; n <= count; n++) {
        const conv = graph.conv(`${stage}.conv${n}`, x, width * (STAGE_WIDTHS[index] ?? 1), 3, {
          bias: true,
        });
        x = graph.relu(`${stage}.relu${n}`, graph.batchNorm(`${stage}.bn${n}`, conv));
      }
      graph.alias(stage, x);
      if (index < pooled) x = graph.maxPool(`${stage}.pool`, x);
    });
    const embedding = graph.add('head.pool', { kind: 'globalAveragePool' }, x);
    return graph.classifier(architecture, embedding, classes);
  },
});
