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
  AvgPool: averagePool,
  MaxPoolGrad: maxPoolGradient,
  AvgPoolGrad: averagePoolGradient,
};
