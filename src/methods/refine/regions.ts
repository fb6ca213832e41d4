import type * as tf from '@tensorflow/tfjs-core';
import { detached } from '../math.ts';
import type { Ops } from '../method.ts';

/** What a detector says of a map: every tensor `[batch, height, width, ...]`. */
export interface Detected {
  /** `[..., kinds]`, 0..1: how surely the centre of a region of each kind is here. */
  readonly heat: tf.Tensor4D;
  /** `[..., 2]`: height and width of the region around here, in pixels of the map. */
  readonly size: tf.Tensor4D;
  /** `[..., 2]`: from here to the centre, down and to the right, in pixels. */
  readonly offset: tf.Tensor4D;
}

/** Boxes in pixels of the map, both ends within: `[batch, regions, 4]` top, left, bottom, right; and their heat `[batch, regions]`. */
export interface Boxes {
  readonly places: tf.Tensor3D;
  readonly scores: tf.Tensor2D;
}

/**
 * The boxes around the hottest peaks of a map (Zhou, Wang, Krähenbühl 2019, as the code tree of SoKD has it).
 *
 *     peak: heat = max of its 3x3 neighbours of the same kind;  the `count` hottest over kinds and places
 *     box = peak + offset ± size/2, kept within the map, cut to whole pixels
 *
 * Nothing flows back: what is whole has no slope. A map with fewer peaks has boxes of heat 0; one with fewer cells, fewer boxes.
 */
export function findBoxes(ops: Ops, { heat, size, offset }: Detected, count: number): Boxes {
  const found = detached(ops, [heat, size, offset], (...maps) => {
    const [hot, sizes, offsets] = maps as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const [batch, height, width, kinds] = hot.shape;
    const highest = ops.maxPool(hot, 3, 1, 'same');
    const peaks = ops.mul(hot, ops.cast(ops.greaterEqual(hot, highest), 'float32'));
    const cells = ops.reshape<tf.Rank.R2>(peaks, [batch, height * width * kinds]);
    const { values, indices } = ops.topk(cells, Math.min(count, height * width * kinds));
    // Exact: a float has 24 bits for whole numbers.
    const cell = ops.floor(ops.div(ops.add(ops.cast(indices, 'float32'), 0.5), kinds));
    const y = ops.floor(ops.div(ops.add(cell, 0.5), width));
    const x = ops.sub(cell, ops.mul(y, width));
    const hits = ops.oneHot(ops.cast(cell, 'int32'), height * width, 1, 0, 'float32');
    const picked = (map: tf.Tensor4D) =>
      ops.unstack(ops.matMul(hits, ops.reshape<tf.Rank.R3>(map, [batch, height * width, 2])), 2);
    const [tall = y, wide = x] = picked(sizes);
    const [down = y, right = x] = picked(offsets);
    const edge = (at: tf.Tensor, length: tf.Tensor, sign: number, limit: number) =>
      ops.floor(ops.clipByValue(ops.add(at, ops.mul(sign / 2, length)), 0, limit - 1));
    const [cy, cx] = [ops.add(y, down), ops.add(x, right)];
    return ops.stack(
      [
        edge(cy, tall, -1, height),
        edge(cx, wide, -1, width),
        edge(cy, tall, 1, height),
        edge(cx, wide, 1, width),
        values,
      ],
      2,
    );
  });
  const [batch = 1, regions = count] = found.shape;
  return {
    places: ops.slice(found as tf.Tensor3D, [0, 0, 0], [batch, regions, 4]),
    scores: ops.reshape(ops.slice(found as tf.Tensor3D, [0, 0, 4], [batch, regions, 1]), [batch, regions]),
  };
}

/**
 * What boxes cover, `[batch, height, width, 1]`: how many of them (`sum`), or whether any (`union`). The box of a map that is
 * all one colour covers a pixel like any other.
 */
export function maskOf(
  ops: Ops,
  { places }: Boxes,
  height: number,
  width: number,
  kind: 'sum' | 'union',
): tf.Tensor4D {
  const mask = detached(ops, [places], (boxes) => {
    const [batch = 1, regions = 1] = boxes.shape;
    const [top, left, bottom, right] = ops
      .unstack(boxes, 2)
      .map((edge) => ops.reshape(edge, [batch, regions, 1]));
    const within = (from: tf.Tensor | undefined, to: tf.Tensor | undefined, size: number) => {
      const pixels = ops.reshape(ops.range(0, size, 1, 'float32'), [1, 1, size]);
      const [after, before] = [
        ops.greaterEqual(pixels, from as tf.Tensor),
        ops.lessEqual(pixels, to as tf.Tensor),
      ];
      return ops.cast(ops.logicalAnd(after, before), 'float32');
    };
    const rows = ops.reshape(within(top, bottom, height), [batch, regions, height, 1]);
    const columns = ops.reshape(within(left, right, width), [batch, regions, 1, width]);
    const covered = ops.sum(ops.mul(rows, columns), 1);
    return ops.reshape(kind === 'union' ? ops.minimum(covered, 1) : covered, [batch, height, width, 1]);
  });
  return mask as tf.Tensor4D;
}
