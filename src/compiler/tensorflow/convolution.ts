import { numbersOf } from '../attributes.ts';
import type { GraphNode } from '../graph.ts';
import { convolutionWindow, type Window } from '../kernels/spatial.ts';
import { inputAt, onlyOutput } from '../node-access.ts';
import type { Shape } from '../shape.ts';
import type { TensorFlowBuilder } from './builder.ts';
import type { Emitter } from './emit.ts';
import { type, type TensorFlowAttribute } from './model.ts';
import { isDilated, mapPads, namedPadding, paddedShape, paddingName, windowAttributes } from './window.ts';

const T = { T: type('float32') };

/** A window without dilation that has the same reach: its filter has zeros in the gaps. */
function filled(window: Window): Window {
  const [height, width] = window.kernel;
  const [down, across] = window.dilations;
  return { ...window, kernel: [(height - 1) * down + 1, (width - 1) * across + 1], dilations: [1, 1] };
}

/** The filter of `filled(window)`: zeros after every row and column, the last ones cut off. */
function fillGaps(graph: TensorFlowBuilder, name: string, shape: Shape, window: Window): string {
  const [height, width, ...channels] = shape;
  const [down, across] = window.dilations;
  const apart = graph.reshape(name, 'float32', [height ?? 1, 1, width ?? 1, 1, ...channels]);
  const gaps = [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    ...channels.map((): [number, number] => [0, 0]),
  ] as const;
  const spread = graph.pad(apart, 'float32', gaps, 0);
  const whole = graph.reshape(spread, 'float32', [(height ?? 1) * down, (width ?? 1) * across, ...channels]);
  return graph.slice(
    whole,
    'float32',
    shape.map(() => 0),
    filledShape(shape, window),
  );
}

function filledShape(shape: Shape, window: Window): number[] {
  return [...filled(window).kernel, ...shape.slice(2)];
}

/** The entries of a filled filter that the dilated one has. */
function dropGaps(graph: TensorFlowBuilder, name: string, shape: Shape, window: Window): string {
  const [down, across] = window.dilations;
  const begin = graph.integers(shape.map(() => 0));
  const end = graph.integers(filledShape(shape, window));
  const strides = graph.integers([down, across, ...shape.slice(2).map(() => 1)]);
  return graph.op('StridedSlice', [name, begin, end, strides], { ...T, Index: type('int32') });
}

interface Kind {
  readonly depthwise: boolean;
  readonly forward: string;
  readonly filterGradient: string;
  readonly inputGradient: string;
}
const ORDINARY: Kind = {
  depthwise: false,
  forward: 'Conv2D',
  filterGradient: 'Conv2DBackpropFilter',
  inputGradient: 'Conv2DBackpropInput',
};
const DEPTHWISE: Kind = {
  depthwise: true,
  forward: 'DepthwiseConv2dNative',
  filterGradient: 'DepthwiseConv2dNativeBackpropFilter',
  inputGradient: 'DepthwiseConv2dNativeBackpropInput',
};

/** TensorFlow's depthwise kernels know one stride for both axes. */
function windowOf({ depthwise }: Kind, node: GraphNode, x: Shape, filter: Shape): Window {
  const window = convolutionWindow(x, filter, node.attributes, depthwise);
  if (depthwise && window.strides[0] !== window.strides[1])
    throw new Error(`its strides ${window.strides.join(' and ')} differ, which TensorFlow does not compute`);
  return window;
}

const forward =
  (kind: Kind): Emitter =>
  (graph, node) => {
    const [x, filter] = [inputAt(node, 'x'), inputAt(node, 'filter')];
    const window = windowOf(kind, node, x.shape, filter.shape);
    // Only ordinary convolutions know dilations.
    const fill = kind.depthwise && isDilated(window);
    const weights = fill ? fillGaps(graph, graph.of(filter), filter.shape, window) : graph.of(filter);
    const attributes = { ...T, ...windowAttributes(fill ? filled(window) : window) };
    graph.define(onlyOutput(node), graph.op(kind.forward, [graph.of(x), weights], attributes));
  };

/**
 * Gradients know neither dilations nor, in their faster form, paddings of any size on a CPU: the gaps of a dilated filter are
 * filled with zeros, and maps are padded before.
 */
interface Backward {
  readonly pads: readonly (readonly [number, number])[];
  readonly attributes: Readonly<Record<string, TensorFlowAttribute>>;
}

function backward(window: Window): Backward {
  const whole = filled(window);
  const name = paddingName(whole);
  return {
    pads: name === null ? mapPads(whole) : [],
    attributes: { ...T, ...namedPadding(whole, name ?? 'VALID') },
  };
}

const filterGradient =
  (kind: Kind): Emitter =>
  (graph, node) => {
    const [x, dy] = [inputAt(node, 'x'), inputAt(node, 'dy')];
    const shape = numbersOf(node.attributes, 'filterShape');
    const window = windowOf(kind, node, x.shape, shape);
    const { pads, attributes } = backward(window);
    const operands = [
      graph.pad(graph.of(x), 'float32', pads, 0),
      graph.integers(filledShape(shape, window)),
      graph.of(dy),
    ];
    const gradient = graph.op(kind.filterGradient, operands, attributes);
    graph.define(onlyOutput(node), isDilated(window) ? dropGaps(graph, gradient, shape, window) : gradient);
  };

const inputGradient =
  (kind: Kind): Emitter =>
  (graph, node) => {
    const [dy, filter, output] = [inputAt(node, 'dy'), inputAt(node, 'filter'), onlyOutput(node)];
    const window = windowOf(kind, node, output.shape, filter.shape);
    const { pads, attributes } = backward(window);
    const weights = isDilated(window)
      ? fillGaps(graph, graph.of(filter), filter.shape, window)
      : graph.of(filter);
    const operands = [graph.integers(paddedShape(output.shape, pads)), weights, graph.of(dy)];
    const gradient = graph.op(kind.inputGradient, operands, attributes);
    graph.define(output, graph.unpad(gradient, 'float32', pads, output.shape));
  };

export const convolutionEmitters: Readonly<Record<string, Emitter>> = {
  Conv2D: forward(ORDINARY),
  Conv2DBackpropFilter: filterGradient(ORDINARY),
  Conv2DBackpropInput: inputGradient(ORDINARY),
  DepthwiseConv2dNative: forward(DEPTHWISE),
  DepthwiseConv2dNativeBackpropFilter: filterGradient(DEPTHWISE),
  DepthwiseConv2dNativeBackpropInput: inputGradient(DEPTHWISE),
};
