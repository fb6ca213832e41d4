import { poolingWindow, windowsTile, type Window } from '../../kernels/spatial.ts';
import { axisSize, sizeOf } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { inputAt, onlyInput, onlyOutput } from '../emit.ts';
import { BLOCKED } from '../model.ts';
import type { BlockedEmitter } from './emit.ts';
import { convolve, interleaved, type BlockedMaps } from './maps.ts';
import { isZero } from './steep.ts';

const maxPool: BlockedEmitter = (onnx, maps, node) => {
  const input = onlyInput(node);
  if (!maps.has(input) || !maps.allows('maxPools')) return false;
  const { kernel, strides, pads, dilations } = poolingWindow(input.shape, node.attributes);
  const attributes = { kernel_shape: kernel, strides, pads, dilations };
  maps.define(onlyOutput(node), onnx.op('MaxPool', [maps.get(input)], attributes, BLOCKED));
  if (maps.isRectified(input)) maps.rectify(onlyOutput(node));
  return true;
};

/**
 * The gradient of a window goes to its first greatest pixel. Where windows tile the map, each of their places is a map of
 * its own: what is left of the gradient goes there where the pixel equals the window's maximum, and the rest goes on.
 */
const maxPoolGradient: BlockedEmitter = (onnx, maps, node) => {
  const [dy, input, pooled] = [inputAt(node, 'dy'), inputAt(node, 'input'), inputAt(node, 'output')];
  const window = poolingWindow(input.shape, node.attributes);
  if (!maps.has(input) || !windowsTile(window) || !maps.allows('maxPoolGradients')) return false;
  const channels = maps.width(axisSize(input.shape, 3));
  const taps = sizeOf(window.kernel);
  let rest = maps.get(dy);
  const places: string[] = [];
  for (let tap = 0; tap < taps - 1; tap++) {
    const filter = negatedPlace(onnx, channels, window, tap);
    const below = maps.write({
      ...convolve(maps.get(input), filter, {
        kernel_shape: window.kernel,
        strides: window.strides,
        group: channels,
      }),
      sum: maps.get(pooled),
    });
    const isGreatest = isZero(onnx, below);
    const share = onnx.op('Mul', [rest, isGreatest]);
    places.push(share);
    rest = onnx.op('Sub', [rest, share]);
  }
  places.push(rest);
  maps.define(onlyOutput(node), woven(onnx, maps, places, input.shape, window));
  return true;
};

/** Picks the pixel at one place of each window, negated. */
export function negatedPlace(
  onnx: OnnxBuilder,
  channels: number,
  { kernel }: Pick<Window, 'kernel'>,
  tap: number,
): string {
  const taps = sizeOf(kernel);
  return onnx.memo(`place${channels}:${kernel.join()}:${tap}`, () => {
    const size = channels * taps;
    const block = onnx.maps?.size ?? channels;
    // [channels / B, taps, B]
    const chosen = Float32Array.from({ length: size }, (_, at) =>
      Math.floor(at / block) % taps === tap ? -1 : 0,
    );
    return onnx.initializer([channels, 1, ...kernel], chosen, 'float32');
  });
}

/** One map of the maps of all places in a window. */
export function woven(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  places: readonly string[],
  shape: readonly number[],
  { kernel, output }: Pick<Window, 'kernel' | 'output'>,
): string {
  const [batch = 1, height = 1, width = 1, real = 1] = shape;
  const channels = maps.width(real);
  const [down, across] = kernel;
  const [rows, columns] = output;
  const groups = batch * (channels / maps.size);
  const plane = rows * columns * maps.size;
  const lines = Array.from({ length: down }, (_, row) => {
    const beside = places
      .slice(row * across, (row + 1) * across)
      .map((place) => onnx.reshape(place, [groups, 1, plane]));
    const line = [groups * rows, 1, width * maps.size];
    if (across === 1) return onnx.reshape(beside[0] ?? '', line);
    const stacked = onnx.op('Concat', beside, { axis: 1 });
    return onnx.reshape(interleaved(onnx, stacked, [groups, 1, across, plane]), line);
  });
  return onnx.reshape(onnx.op('Concat', lines, { axis: 1 }), [batch, channels, height, width]);
}

export const poolingEmitters: Readonly<Record<string, BlockedEmitter>> = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
};
