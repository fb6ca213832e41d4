import { flagOf } from '../attributes.ts';
import type { GraphNode } from '../graph.ts';
import { poolingWindow, type Window } from '../kernels/spatial.ts';
import { inputAt, onlyInput, onlyOutput } from '../node-access.ts';
import { sizeOf, type Shape } from '../shape.ts';
import type { Emitter } from './emit.ts';
import { ints, text, type, type TensorFlowAttribute } from './model.ts';
import { fittedPads, isDilated, mapPads, paddedShape } from './window.ts';

const T = { T: type('float32') };

/** A pooling of maps that were padded before it, so that the runtime sees whole windows only. */
interface Pooling {
  readonly window: Window;
  readonly paddings: readonly (readonly [number, number])[];
  readonly isPadded: boolean;
  readonly attributes: Readonly<Record<string, TensorFlowAttribute>>;
}

function poolingOf(node: GraphNode, shape: Shape): Pooling {
  const window = poolingWindow(shape, node.attributes);
  if (isDilated(window)) throw new Error('its window is dilated, which TensorFlow does not pool');
  const paddings = mapPads(window);
  return {
    window,
    paddings,
    isPadded: paddings.flat().some((size) => size > 0),
    attributes: {
      ...T,
      ksize: ints([1, ...window.kernel, 1]),
      strides: ints([1, ...window.strides, 1]),
      padding: text('VALID'),
    },
  };
}

const maxPool: Emitter = (graph, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  const pooling = poolingOf(node, input.shape);
  const x = graph.pad(
    graph.cast(graph.of(input), input.dtype, 'float32'),
    'float32',
    pooling.paddings,
    -Infinity,
  );
  graph.define(output, graph.cast(graph.op('MaxPool', [x], pooling.attributes), 'float32', output.dtype));
};

/**
 * The greatest number of each window, and where on the map it stands, counted over `[height, width, channels]`. Positions on a padded
 * map are looked up in a table.
 */
const maxPoolWithPositions: Emitter = (graph, node) => {
  const input = onlyInput(node);
  const [pooled, positions] = node.outputs;
  const pooling = poolingOf(node, input.shape);
  const { paddings } = pooling;
  const x = graph.pad(graph.cast(graph.of(input), input.dtype, 'float32'), 'float32', paddings, -Infinity);
  const found = graph.op('MaxPoolWithArgmax', [x], { ...pooling.attributes, Targmax: type('int64') });
  if (pooled !== undefined) graph.define(pooled, graph.cast(found, 'float32', pooled.dtype));
  if (positions === undefined) return;
  const place = graph.cast(`${found}:1`, 'int64', 'int32');
  const table = graph.integers(placesOnMap(input.shape, paddings));
  const onMap = pooling.isPadded
    ? graph.op('GatherV2', [table, place, graph.integer(0)], {
        Tparams: type('int32'),
        Tindices: type('int32'),
        Taxis: type('int32'),
      })
    : place;
  const [batch = 1, ...map] = input.shape;
  const starts = Int32Array.from({ length: batch }, (_, image) => image * sizeOf(map));
  graph.define(
    positions,
    flagOf(node.attributes, 'includeBatchInIndex')
      ? graph.op('AddV2', [onMap, graph.constant([batch, 1, 1, 1], starts)], { T: type('int32') })
      : onMap,
  );
};

/** The place on the map of every place on the padded map; 0 for the padding, which no window with a pixel chooses. */
function placesOnMap(shape: Shape, paddings: Pooling['paddings']): number[] {
  const [, height = 1, width = 1, channels = 1] = shape;
  const [, rows = 1, columns = 1] = paddedShape(shape, paddings);
  return Array.from({ length: rows * columns * channels }, (_, at) => {
    const pixel = Math.floor(at / channels);
    const row = Math.floor(pixel / columns) - (paddings[1]?.[0] ?? 0);
    const column = (pixel % columns) - (paddings[2]?.[0] ?? 0);
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? (row * width + column) * channels + (at % channels) : 0;
  });
}

/** The gradient of a window goes to its first greatest pixel. */
const maxPoolGradient: Emitter = (graph, node) => {
  const [dy, input, pooled, output] = [
    inputAt(node, 'dy'),
    inputAt(node, 'input'),
    inputAt(node, 'output'),
    onlyOutput(node),
  ];
  const pooling = poolingOf(node, input.shape);
  const x = graph.pad(graph.of(input), 'float32', pooling.paddings, -Infinity);
  const gradient = graph.op('MaxPoolGrad', [x, graph.of(pooled), graph.of(dy)], pooling.attributes);
  graph.define(output, graph.unpad(gradient, 'float32', pooling.paddings, output.shape));
};

/** Of how many pixels of the map each window is the mean, as a share of the window. */
function shares({ window }: Pooling): Float32Array {
  const along = (axis: 0 | 1): number[] =>
    Array.from({ length: window.output[axis] }, (_, at) => {
      const start = at * window.strides[axis] - fittedPads(window, axis)[0];
      return Math.min(start + window.kernel[axis], window.input[axis]) - Math.max(start, 0);
    });
  const columns = along(1);
  return Float32Array.from(
    along(0).flatMap((height) => columns.map((width) => (height * width) / sizeOf(window.kernel))),
  );
}

/** The mean of those pixels of a window that lie on the map. */
const averagePool: Emitter = (graph, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  const pooling = poolingOf(node, input.shape);
  const x = graph.pad(graph.cast(graph.of(input), input.dtype, 'float32'), 'float32', pooling.paddings, 0);
  const mean = graph.op('AvgPool', [x], pooling.attributes);
  const [rows, columns] = pooling.window.output;
  const counted = pooling.isPadded
    ? graph.op('RealDiv', [mean, graph.constant([1, rows, columns, 1], shares(pooling))], T)
    : mean;
  graph.define(output, graph.cast(counted, 'float32', output.dtype));
};

/** Every pixel of a window, padding included, gets the same share: what the step says is already scaled for it. */
const averagePoolGradient: Emitter = (graph, node) => {
  const [dy, output] = [inputAt(node, 'dy'), onlyOutput(node)];
  const pooling = poolingOf(node, output.shape);
  const sizes = graph.integers(paddedShape(output.shape, pooling.paddings));
  const gradient = graph.op('AvgPoolGrad', [sizes, graph.of(dy)], pooling.attributes);
  graph.define(output, graph.unpad(gradient, 'float32', pooling.paddings, output.shape));
};

export const poolingEmitters: Readonly<Record<string, Emitter>> = {
  MaxPool: maxPool,
  MaxPoolWithArgmax: maxPoolWithPositions,
  AvgPool: averagePool,
  MaxPoolGrad: maxPoolGradient,
  AvgPoolGrad: averagePoolGradient,
};
