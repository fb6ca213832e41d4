import { flagOf } from '../attributes.ts';
import { poolingWindow, windowsTile, type Window } from '../kernels/spatial.ts';
import { sizeOf } from '../shape.ts';
import type { OnnxBuilder } from './builder.ts';
import { poolAttributes, unpadded } from './pool-window.ts';
import { maxPoolGradientByTaps } from './pooling-by-taps.ts';
import { inputAt, onlyInput, onlyOutput, type Emitter } from './emit.ts';
import { ELEMENT_TYPE } from './model.ts';

const maxPool: Emitter = (onnx, node) => {
  const window = poolingWindow(onlyInput(node).shape, node.attributes);
  const dilations = window.dilations;
  onnx.defineChannelsFirst(
    onlyOutput(node),
    onnx.op('MaxPool', [onnx.channelsFirst(onlyInput(node))], { ...poolAttributes(window), dilations }),
  );
};

const averagePool: Emitter = (onnx, node) => {
  const window = poolingWindow(onlyInput(node).shape, node.attributes);
  const at = { ...poolAttributes(window), count_include_pad: 0 };
  onnx.defineChannelsFirst(
    onlyOutput(node),
    onnx.op('AveragePool', [onnx.channelsFirst(onlyInput(node))], at),
  );
};

/** The gradient of a window goes to its first greatest pixel, which the pooling itself names. */
const maxPoolGradient: Emitter = (onnx, node) => {
  const [dy, input, output] = [inputAt(node, 'dy'), inputAt(node, 'input'), onlyOutput(node)];
  const window = poolingWindow(input.shape, node.attributes);
  const image = onnx.channelsFirst(input);
  if (onnx.limits.noPoolIndices === true) {
    const gradient = maxPoolGradientByTaps(onnx, image, onnx.channelsFirst(dy), input.shape, window);
    onnx.defineChannelsFirst(output, gradient);
    return;
  }
  const [, places = ''] = onnx.many('MaxPool', [image], 2, {
    ...poolAttributes(window),
    dilations: window.dilations,
  });
  const gradient = onnx.channelsFirst(dy);
  if (windowsTile(window)) {
    onnx.defineChannelsFirst(output, spread(onnx, node.outputs[0]?.shape ?? [], window, gradient, places));
    return;
  }
  const size = sizeOf(output.shape);
  const zeros = onnx.op('Expand', [onnx.scalar(0), onnx.integers([size])]);
  const flat = (name: string): string => onnx.reshape(name, [-1]);
  const sum = onnx.op('ScatterElements', [zeros, flat(places), flat(gradient)], {
    axis: 0,
    reduction: 'add',
  });
  const [batch = 1, height = 1, width = 1, channels = 1] = output.shape;
  onnx.defineChannelsFirst(output, onnx.reshape(sum, [batch, channels, height, width]));
};

/** Without overlap every pixel asks its own window whether it is the one: no scattered writes. */
function spread(
  onnx: OnnxBuilder,
  shape: readonly number[],
  window: Window,
  gradient: string,
  places: string,
): string {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const [rows, columns] = window.output;
  const [down, across] = window.kernel;
  const pixels = Array.from({ length: height * width }, (_, at) => BigInt(at));
  const positions = onnx.initializer([1, rows, down, columns, across], BigInt64Array.from(pixels), 'int64');
  const starts = Array.from({ length: batch * channels }, (_, at) => BigInt(at * height * width));
  const offsets = onnx.initializer([batch * channels, 1, 1, 1, 1], BigInt64Array.from(starts), 'int64');
  const windows = [batch * channels, rows, 1, columns, 1];
  const local = onnx.op('Sub', [onnx.reshape(places, windows), offsets]);
  const chosen = onnx.op('Where', [
    onnx.op('Equal', [local, positions]),
    onnx.reshape(gradient, windows),
    onnx.scalar(0),
  ]);
  return onnx.reshape(chosen, [batch, channels, height, width]);
}

/** Positions are counted as TensorFlow.js does: row by row, channels last, from the image's or the batch's first number. */
const maxPoolWithPositions: Emitter = (onnx, node) => {
  const input = onlyInput(node);
  const [batch = 1, height = 1, width = 1, channels = 1] = input.shape;
  if (onnx.limits.noPoolIndices === true) throw new Error('it cannot name the pixels that a pooling chose');
  const window = poolingWindow(input.shape, node.attributes);
  const [values = '', places = ''] = onnx.many('MaxPool', [onnx.channelsFirst(input)], 2, {
    ...poolAttributes(window),
    dilations: window.dilations,
  });
  const [pooled, positions] = node.outputs;
  if (pooled !== undefined) onnx.defineChannelsFirst(pooled, values);
  if (positions === undefined) return;
  const pixels = height * width;
  // The runtime counts [batch, channel, pixel]; the remainder by the pixels is the place within one map.
  const pixel = onnx.op('Mod', [places, onnx.integer(pixels)]);
  const ofImage = onnx.op('Mul', [pixel, onnx.integer(channels)]);
  const offsets = Array.from({ length: batch * channels }, (_, at) => {
    const image = flagOf(node.attributes, 'includeBatchInIndex') ? Math.floor(at / channels) : 0;
    return BigInt(image * pixels * channels + (at % channels));
  });
  const starts = onnx.initializer([batch, channels, 1, 1], BigInt64Array.from(offsets), 'int64');
  const found = onnx.op('Cast', [onnx.op('Add', [ofImage, starts])], { to: ELEMENT_TYPE.int32 });
  onnx.defineChannelsFirst(positions, found);
};

/** Every pixel of a window gets the same share. */
const averagePoolGradient: Emitter = (onnx, node) => {
  const [dy, output] = [inputAt(node, 'dy'), onlyOutput(node)];
  const window = poolingWindow(output.shape, node.attributes);
  const [batch = 1, height = 1, width = 1, channels = 1] = output.shape;
  const share = onnx.op('Mul', [onnx.channelsFirst(dy), onnx.scalar(1 / sizeOf(window.kernel))]);
  if (windowsTile(window)) {
    const [rows, columns] = window.output;
    const [down, across] = window.kernel;
    const spreadOut = onnx.op('Expand', [
      onnx.reshape(share, [batch * channels, rows, 1, columns, 1]),
      onnx.integers([batch * channels, rows, down, columns, across]),
    ]);
    onnx.defineChannelsFirst(output, onnx.reshape(spreadOut, [batch, channels, height, width]));
    return;
  }
  // Each channel as an image of its own: one transposed convolution with a filter of ones, cut to the input.
  const filter = onnx.initializer(
    [1, 1, ...window.kernel],
    new Float32Array(sizeOf(window.kernel)).fill(1),
    'float32',
  );
  const single = onnx.reshape(share, [batch * channels, 1, ...window.output]);
  const full = onnx.op('ConvTranspose', [single, filter], {
    kernel_shape: window.kernel,
    strides: window.strides,
  });
  onnx.defineChannelsFirst(
    output,
    onnx.reshape(unpadded(onnx, full, window), [batch, channels, height, width]),
  );
};

export const poolingEmitters: Readonly<Record<string, Emitter>> = {
  MaxPool: maxPool,
  MaxPoolWithArgmax: maxPoolWithPositions,
  AvgPool: averagePool,
  MaxPoolGrad: maxPoolGradient,
  AvgPoolGrad: averagePoolGradient,
};
