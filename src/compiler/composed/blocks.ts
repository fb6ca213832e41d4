import * as tf from '@tensorflow/tfjs-core';
import { numberOf, numbersOf, pairsOf } from '../attributes.ts';
import { sizeOf } from '../shape.ts';
import { tensor, type Composition } from './composition.ts';

const depthToSpace: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const block = numberOf(attributes, 'blockSize');
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const depth = channels / (block * block);
  const split = tf.reshape(x, [batch, height, width, block, block, depth]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [batch, height * block, width * block, depth]);
};

const spaceToBatch: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const blocks = [...numbersOf(attributes, 'blockShape')];
  const paddings: [number, number][] = [
    [0, 0],
    ...pairsOf(attributes, 'paddings').map(([a, b]): [number, number] => [a, b]),
  ];
  while (paddings.length < x.rank) paddings.push([0, 0]);
  const padded = tf.pad(x, paddings);
  const util = tf.backend_util;
  const product = sizeOf(blocks);
  const split = util.getReshaped(padded.shape, blocks, product, false);
  const turned = tf.transpose(
    tf.reshape(padded, split),
    util.getPermuted(split.length, blocks.length, false),
  );
  return tf.reshape(turned, util.getReshapedPermuted(padded.shape, blocks, product, false));
};

const batchToSpace: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const blocks = [...numbersOf(attributes, 'blockShape')];
  const crops = pairsOf(attributes, 'crops').map(([a, b]) => [a, b]);
  const util = tf.backend_util;
  const product = sizeOf(blocks);
  const split = util.getReshaped(x.shape, blocks, product);
  const joined = util.getReshapedPermuted(x.shape, blocks, product);
  const turned = tf.reshape(
    tf.transpose(tf.reshape(x, split), util.getPermuted(split.length, blocks.length)),
    joined,
  );
  return tf.slice(
    turned,
    util.getSliceBeginCoords(crops, blocks.length),
    util.getSliceSize(joined, crops, blocks.length),
  );
};

/** Blocks of pixels moved to channels or to the batch, and back. */
export const blocks: Readonly<Record<string, Composition>> = {
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
};
