import type { GraphNode } from '../graph.ts';
import { poolingWindow, type Window } from '../kernels/spatial.ts';
import { inputAt, onlyInput, onlyOutput } from '../node-access.ts';
import { sizeOf, type Shape } from '../shape.ts';
import type { TensorFlowBuilder } from './builder.ts';
import type { Emitter } from './emit.ts';
import { ints, text, type, type TensorFlowAttribute } from './model.ts';
import { fittedPads, isDilated } from './window.ts';

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
  const paddings = [[0, 0], fittedPads(window, 0), fittedPads(window, 1), [0, 0]] as const;
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

function padded(
  graph: TensorFlowBuilder,
  name: string,
  { isPadded, paddings }: Pooling,
  value: number,
): string {
  return isPadded ? graph.pad(name, 'float32', paddings, value) : name;
}

function paddedShape(shape: Shape, { paddings }: Pooling): number[] {
  return shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
}

/** The part of a padded map that is the map. */
function inner(
  graph: TensorFlowBuilder,
  name: string,
  shape: Shape,
  { isPadded, paddings }: Pooling,
): string {
  return isPadded
    ? graph.slice(
        name,
        'float32',
        paddings.map(([before]) => before),
        shape,
      )
    : name;
}

const maxPool: Emitter = (graph, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  const pooling = poolingOf(node, input.shape);
  const x = padded(graph, graph.cast(graph.of(input), input.dtype, 'float32'), pooling, -Infinity);
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
  const x = padded(graph, graph.of(input), pooling, -Infinity);
  const gradient = graph.op('MaxPoolGrad', [x, graph.of(pooled), graph.of(dy)], pooling.attributes);
  graph.define(output, inner(graph, gradient, output.shape, pooling));
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
  const x = padded(graph, graph.cast(graph.of(input), input.dtype, 'float32'), pooling, 0);
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
  const sizes = graph.integers(paddedShape(output.shape, pooling));
  const gradient = graph.op('AvgPoolGrad', [sizes, graph.of(dy)], pooling.attributes);
  graph.define(output, inner(graph, gradient, output.shape, pooling));
};

export const poolingEmitters: Readonly<Record<string, Emitter>> = {
  MaxPool: maxPool,
  AvgPool: averagePool,
  MaxPoolGrad: maxPoolGradient,
  AvgPoolGrad: averagePoolGradient,
};
