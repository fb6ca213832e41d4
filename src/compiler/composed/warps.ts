import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { numberOf, numbersOf, textOf } from '../attributes.ts';
import type { Attribute } from '../graph.ts';
import { axisSize } from '../shape.ts';
import { tensor, type Composition } from './composition.ts';

/** Where each output pixel looks in its image: `[batch, pixels]`, in pixels, not yet rounded. */
interface Looks {
  readonly rows: Tensor;
  readonly columns: Tensor;
  /** Which image each entry of the batch looks at; null for its own. */
  readonly images: Tensor | null;
}

/** `[batch, height, width, channels]` as rows of channels, and the row of each image's first pixel. */
function pixelRows(images: Tensor, looks: Looks): { readonly table: Tensor; readonly starts: Tensor } {
  const [batch = 1, height = 1, width = 1, channels = 1] = images.shape;
  const own = looks.images ?? tf.range(0, batch, 1, 'int32');
  return {
    table: tf.reshape(images, [batch * height * width, channels]),
    starts: tf.reshape(tf.mul(own, tf.scalar(height * width, 'int32')), [-1, 1]),
  };
}

/** The pixels at whole positions, and `fill` where those lie outside. */
function picked(images: Tensor, looks: Looks, fill: number): Tensor {
  const [, height = 1, width = 1] = images.shape;
  const { table, starts } = pixelRows(images, looks);
  const clipped = (at: Tensor, size: number): Tensor => tf.cast(tf.clipByValue(at, 0, size - 1), 'int32');
  const inside = (at: Tensor, size: number): Tensor =>
    tf.logicalAnd(tf.greaterEqual(at, 0), tf.less(at, size));
  const flat = tf.add(
    tf.mul(clipped(looks.rows, height), tf.scalar(width, 'int32')),
    clipped(looks.columns, width),
  );
  const found = tf.gather(table, tf.add(flat, starts));
  const known = tf.logicalAnd(inside(looks.rows, height), inside(looks.columns, width));
  return tf.where(tf.expandDims(known, -1), found, tf.scalar(fill));
}

/** Four neighbours, weighted by how near they are. */
function interpolated(images: Tensor, looks: Looks, fill: number): Tensor {
  const [top, left] = [tf.floor(looks.rows), tf.floor(looks.columns)];
  const [down, across] = [tf.sub(looks.rows, top), tf.sub(looks.columns, left)];
  const corner = (row: 0 | 1, column: 0 | 1): Tensor => {
    const at = { images: looks.images, rows: tf.add(top, row), columns: tf.add(left, column) };
    const share = tf.mul(row === 1 ? down : tf.sub(1, down), column === 1 ? across : tf.sub(1, across));
    return tf.mul(picked(images, at, fill), tf.expandDims(share, -1));
  };
  return tf.addN([corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)]);
}

/** Positions of all output pixels, row by row. */
function grid(height: number, width: number): { readonly y: Tensor; readonly x: Tensor } {
  const y = Float32Array.from({ length: height * width }, (_, at) => Math.floor(at / width));
  const x = Float32Array.from({ length: height * width }, (_, at) => at % width);
  return { y: tf.tensor(y, [1, height * width]), x: tf.tensor(x, [1, height * width]) };
}

/** Brings positions outside the image inside, as the fill mode says. */
function mapped(at: Tensor, size: number, mode: string): Tensor {
  if (mode === 'constant') return at;
  if (mode === 'nearest') return tf.clipByValue(at, 0, size - 1);
  throw new Error(`the fill mode "${mode}" is not compiled; use "constant" or "nearest"`);
}

/** A projective warp, eight numbers an image; differentiable in the images. */
export function warped(
  images: Tensor,
  transforms: Tensor,
  attributes: Readonly<Record<string, Attribute>>,
): Tensor {
  const [batch = 1, height = 1, width = 1, channels = 1] = images.shape;
  const [outHeight = height, outWidth = width] = numbersOf(attributes, 'outputShape', [height, width]);
  const { x, y } = grid(outHeight, outWidth);
  const parts = tf.split(tf.broadcastTo(transforms, [batch, 8]), 8, 1);
  const part = (at: number): Tensor => parts[at] ?? tf.scalar(0);
  const linear = (a: number, b: number): Tensor => tf.add(tf.mul(part(a), x), tf.mul(part(b), y));
  const depth = tf.add(linear(6, 7), 1);
  const mode = textOf(attributes, 'fillMode', 'constant');
  const looks = {
    images: null,
    columns: mapped(tf.div(tf.add(linear(0, 1), part(2)), depth), width, mode),
    rows: mapped(tf.div(tf.add(linear(3, 4), part(5)), depth), height, mode),
  };
  const fill = numberOf(attributes, 'fillValue', 0);
  const result =
    textOf(attributes, 'interpolation', 'nearest') === 'bilinear'
      ? interpolated(images, looks, fill)
      : picked(images, { ...looks, rows: nearest(looks.rows), columns: nearest(looks.columns) }, fill);
  return tf.reshape(result, [batch, outHeight, outWidth, channels]);
}

/** Halves go up, as JavaScript rounds. */
function nearest(at: Tensor): Tensor {
  return tf.floor(tf.add(at, 0.5));
}

/** Boxes `[y1, x1, y2, x2]` in shares of the image, each sampled on a grid; differentiable in the images. */
export function cropped(
  images: Tensor,
  boxes: Tensor,
  boxImages: Tensor,
  attributes: Readonly<Record<string, Attribute>>,
): Tensor {
  const [, height = 1, width = 1, channels = 1] = images.shape;
  const [cropHeight = 1, cropWidth = 1] = numbersOf(attributes, 'cropSize');
  const parts = tf.split(boxes, 4, 1);
  const part = (at: number): Tensor => parts[at] ?? tf.scalar(0);
  const { x, y } = grid(cropHeight, cropWidth);
  const positions = (from: Tensor, to: Tensor, step: Tensor, count: number, size: number): Tensor =>
    count > 1
      ? tf.add(tf.mul(from, size - 1), tf.mul(step, tf.mul(tf.sub(to, from), (size - 1) / (count - 1))))
      : tf.add(tf.mul(tf.add(from, to), 0.5 * (size - 1)), tf.mul(step, 0));
  const rows = positions(part(0), part(2), y, cropHeight, height);
  const columns = positions(part(1), part(3), x, cropWidth, width);
  const fill = numberOf(attributes, 'extrapolationValue', 0);
  const within = (at: Tensor, size: number): Tensor =>
    tf.logicalAnd(tf.greaterEqual(at, 0), tf.lessEqual(at, size - 1));
  const inside = tf.logicalAnd(within(rows, height), within(columns, width));
  const at = { images: tf.cast(tf.reshape(boxImages, [-1]), 'int32') };
  const sampled =
    textOf(attributes, 'method', 'bilinear') === 'bilinear'
      ? interpolated(images, { ...at, rows, columns }, 0)
      : picked(images, { ...at, rows: nearest(rows), columns: nearest(columns) }, 0);
  const result = tf.where(tf.expandDims(inside, -1), sampled, tf.scalar(fill));
  return tf.reshape(result, [axisSize(boxes.shape, 0), cropHeight, cropWidth, channels]);
}

/** A rotation by an angle that is known while tracing: each pixel is fetched from a known place. */
const rotated: Composition = (inputs, attributes) => {
  const image = tensor(inputs, 'image');
  const [, height = 1, width = 1, channels = 1] = image.shape;
  const radians = numberOf(attributes, 'radians');
  const given = attributes.center;
  const center =
    typeof given === 'number'
      ? given
      : ([...numbersOf(attributes, 'center', [0.5, 0.5])] as [number, number]);
  const [centerX, centerY] = tf.backend_util.getImageCenter(center, height, width);
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const places = Array.from({ length: height * width }, (_, at) => {
    const [x, y] = [(at % width) - centerX, Math.floor(at / width) - centerY];
    return {
      row: Math.round(x * sine + y * cosine + centerY),
      column: Math.round(x * cosine - y * sine + centerX),
    };
  });
  const outside = ({ row, column }: (typeof places)[number]): boolean =>
    row < 0 || row >= height || column < 0 || column >= width;
  const flat = Int32Array.from(places, (place) => (outside(place) ? 0 : place.row * width + place.column));
  const known = Uint8Array.from(places, (place) => (outside(place) ? 0 : 1));
  const fill = numbersOf(attributes, 'fillValue', [0]);
  // The alpha channel of a fill colour is opaque.
  const colour = Float32Array.from({ length: channels }, (_, at) =>
    fill.length === 1 ? (fill[0] ?? 0) : at === 3 ? OPAQUE : (fill[at] ?? 0),
  );
  const found = tf.gather(
    tf.reshape(image, [-1, height * width, channels]),
    tf.tensor(flat, [flat.length], 'int32'),
    1,
  );
  const result = tf.where(
    tf.tensor(known, [1, known.length, 1], 'bool'),
    found,
    tf.tensor(colour, [1, 1, channels]),
  );
  return tf.reshape(result, image.shape);
};

const OPAQUE = 255;

export const warps: Readonly<Record<string, Composition>> = {
  Transform: (inputs, attributes) =>
    warped(tensor(inputs, 'image'), tensor(inputs, 'transforms'), attributes),
  CropAndResize: (inputs, attributes) =>
    cropped(tensor(inputs, 'image'), tensor(inputs, 'boxes'), tensor(inputs, 'boxInd'), attributes),
  RotateWithOffset: rotated,
};
