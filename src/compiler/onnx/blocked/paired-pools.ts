import { pairOf } from '../../attributes.ts';
import type { GraphNode, StepGraph, Value } from '../../graph.ts';
import { convolutionWindow, poolingWindow, windowsTile, type Window } from '../../kernels/spatial.ts';
import { readersOf, rewrite, type Editor } from '../../passes/rewrite.ts';
import { axisSize, sameShape } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { inputAt, onlyInput, onlyOutput } from '../emit.ts';
import { BLOCKED } from '../model.ts';
import type { BlockedEmitter } from './emit.ts';
import type { Blocks } from './forms.ts';
import { convolve, type BlockedMaps } from './maps.ts';
import { negatedPlace, woven } from './pooling.ts';
import { isZero } from './steep.ts';

/** The pool of a map of pairs, and its gradient: kernels of this lowering alone. */
const [POOL, POOL_GRADIENT] = ['PairedMaxPool', 'PairedMaxPoolGrad'];

/** What is known of a map that may be made in pairs. */
interface Narrow {
  readonly convolution: GraphNode;
  readonly bias: GraphNode | null;
  readonly relu: GraphNode | null;
  readonly pool: GraphNode;
  readonly gradients: readonly GraphNode[];
}

/**
 * A convolution whose filters fill half of a block at most, and which nothing but a maximum pool of windows two wide reads, with
 * two pixels of a row in a block: its windows are one wider and two apart, and hold each filter twice, for the left and for the right
 * pixel. Both pixels of a row of a pool's window lie in one block then.
 *
 *     conv   [n, h, w, c]  ->  pairs [n, h, w / 2, B],  B / 2 channels of the left pixel, B / 2 of the right
 *     filter [a, b, i, c]  ->  [a, b + 1, i, B]
 */
export function pairedPools(graph: StepGraph, { size, forms }: Blocks): StepGraph {
  if (!forms.has('pairedPools')) return graph;
  const narrow = narrowMaps(graph, size / 2);
  if (narrow.length === 0) return graph;
  const writers = new Map(narrow.flatMap((one) => writersOf(one, size / 2)));
  return rewrite(graph, (node, editor) => {
    // What a node reads may have been replaced, what it yields is known by its first name.
    const written = writers.get(onlyOutput(node).id)?.(node, editor);
    return written === undefined ? null : [written];
  });
}

function narrowMaps(graph: StepGraph, half: number): readonly Narrow[] {
  const around = new Around(graph);
  return graph.nodes.flatMap((pool) => {
    const gradients = isNarrowPool(pool, half) ? around.gradientsOf(pool) : null;
    const made = gradients === null ? null : around.convolutionOf(onlyInput(pool));
    if (gradients === null || made === null) return [];
    const { convolution } = made;
    const ofFilter = gradients.flatMap((gradient) => around.nodesReading(onlyOutput(gradient)));
    const own = ofFilter.every((node) => isGradientOf(node, convolution));
    return own ? [{ ...made, pool, gradients: [...gradients, ...ofFilter] }] : [];
  });
}

/** A maximum pool of windows two wide that neither overlap nor leave a rest, over channels that fill half of a block at most. */
function isNarrowPool(pool: GraphNode, half: number): boolean {
  if (pool.kernel !== 'MaxPool') return false;
  const { shape } = onlyInput(pool);
  const window = poolingWindow(shape, pool.attributes);
  return axisSize(shape, 3) <= half && window.kernel[1] === 2 && windowsTile(window);
}

/** The gradient of the convolution's own filter: by what it read, over the windows that it had. */
function isGradientOf(node: GraphNode, convolution: GraphNode): boolean {
  if (node.kernel !== 'Conv2DBackpropFilter' || inputAt(node, 'x') !== inputAt(convolution, 'x')) return false;
  const [own, back] = [windowOf(convolution), convolutionWindow(inputAt(node, 'x').shape, onlyOutput(node).shape, node.attributes)];
  return isPlain(back) && sameShape(own.kernel, back.kernel) && sameShape(own.pads, back.pads);
} // prettier-ignore

/** What stands before and behind the values of a graph. */
class Around {
  readonly #readers: ReturnType<typeof readersOf>;
  readonly #makers: ReadonlyMap<number, GraphNode>;

  constructor(graph: StepGraph) {
    this.#readers = readersOf(graph);
    this.#makers = new Map(graph.nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
  }

  /** Nodes that read a value. */
  nodesReading({ id }: Value): readonly GraphNode[] {
    return (this.#readers.get(id) ?? []).filter((reader) => reader !== null);
  }

  /** The gradients of a pool; null where anything else reads its map, or one of them is a result of the step. */
  gradientsOf(pool: GraphNode): readonly GraphNode[] | null {
    const map = onlyInput(pool);
    const others = (this.#readers.get(map.id) ?? []).filter((reader) => reader !== pool);
    const isOwn = (reader: GraphNode | null): reader is GraphNode =>
      reader?.kernel === 'MaxPoolGrad' &&
      inputAt(reader, 'input') === map &&
      inputAt(reader, 'output') === onlyOutput(pool) &&
      !(this.#readers.get(onlyOutput(reader).id) ?? []).includes(null);
    return others.every(isOwn) ? others : null;
  }

  /** The convolution that made a map, by a bias and a rectification at most that nothing else reads. */
  convolutionOf(map: Value): Pick<Narrow, 'convolution' | 'bias' | 'relu'> | null {
    const last = this.#maker(map);
    const relu = last?.kernel === 'Relu' ? last : null;
    const inner = relu === null ? last : this.#soleMaker(onlyInput(relu));
    const isBias = inner?.kernel === 'Add' && sameShape(inner.inputs[1]?.shape ?? [], [axisSize(map.shape, 3)]);
    const bias = isBias ? inner : null;
    const convolution = bias === null ? inner : this.#soleMaker(bias.inputs[0] ?? map);
    return convolution?.kernel === 'Conv2D' && isPlain(windowOf(convolution)) ? { convolution, bias, relu } : null;
  } // prettier-ignore

  #maker({ id }: Value): GraphNode | null {
    return this.#makers.get(id) ?? null;
  }

  #soleMaker(value: Value): GraphNode | null {
    return this.#readers.get(value.id)?.length === 1 ? this.#maker(value) : null;
  }
}

function windowOf(node: GraphNode): Window {
  return convolutionWindow(inputAt(node, 'x').shape, inputAt(node, 'filter').shape, node.attributes);
}

function isPlain({ strides, dilations }: Window): boolean {
  return [...strides, ...dilations].every((step) => step === 1);
}

type Writer = (node: GraphNode, editor: Editor) => Value;

/** What stands in the place of each node around a narrow map, by the value that it yields. */
function writersOf(
  { convolution, bias, relu, pool, gradients }: Narrow,
  half: number,
): (readonly [number, Writer])[] {
  const window = windowOf(convolution);
  const [top, left, bottom, right] = window.pads;
  const attributes = {
    ...convolution.attributes,
    strides: [1, 2],
    pad: [[0, 0], [top, bottom], [left, right], [0, 0]],
  }; // prettier-ignore
  const { shape } = inputAt(convolution, 'filter');
  const [rows, columns, channels, filters] = shape as [number, number, number, number];
  const lack = half - filters;
  const writers: Record<string, Writer> = {
    Conv2D: (node, editor) => {
      const at = (before: number): Value =>
        padded(editor, node, inputAt(node, 'filter'), [[0, 0], [before, 1 - before], [0, 0], [0, lack]]); // prettier-ignore
      const twice = editor.emit(node, 'Concat', [at(0), at(1)], ['0', '1'], { axis: 3 });
      return editor.emit(node, 'Conv2D', [inputAt(node, 'x'), twice], ['x', 'filter'], attributes);
    },
    Add: (node, editor) => {
      const [pairs, vector] = node.inputs as [Value, Value];
      const one = padded(editor, node, vector, [[0, lack]]);
      const twice = editor.emit(node, 'Concat', [one, one], ['0', '1'], { axis: 0 });
      return editor.emit(node, 'Add', [pairs, twice], node.inputNames, {});
    },
    Relu: (node, editor) =>
      editor.emit(node, 'Relu', node.inputs, node.inputNames, node.attributes),
    MaxPool: (node, editor) => {
      const { inputs, inputNames, attributes: at } = node;
      return editor.emitAs(node, onlyOutput(node), { kernel: POOL, inputs, inputNames, attributes: at });
    },
    MaxPoolGrad: (node, editor) => {
      const { inputs, inputNames, attributes: at } = node;
      return editor.emitAs(node, inputAt(node, 'input'), { kernel: POOL_GRADIENT, inputs, inputNames, attributes: at });
    },
    Conv2DBackpropFilter: (node, editor) => {
      const at = { ...attributes, filterShape: [rows, columns + 1, channels, 2 * half] };
      const pair = editor.emit(node, 'Conv2DBackpropFilter', node.inputs, node.inputNames, at);
      const [a, b] = [0, 1].map((pixel) =>
        editor.emit(node, 'Slice', [pair], ['x'], { begin: [0, pixel, 0, pixel * half], size: [...shape] }),
      ) as [Value, Value];
      return editor.emit(node, 'Add', [a, b], ['a', 'b'], {});
    },
  }; // prettier-ignore
  return [convolution, bias, relu, pool, ...gradients].flatMap((node) => {
    const writer = writers[node?.kernel ?? ''];
    return node === null || writer === undefined ? [] : [[onlyOutput(node).id, writer] as const];
  });
}

function padded(editor: Editor, origin: GraphNode, value: Value, paddings: readonly (readonly number[])[]): Value {
  if (paddings.flat().every((count) => count === 0)) return value;
  return editor.emit(origin, 'PadV2', [value], ['x'], { paddings, constantValue: 0 });
} // prettier-ignore

/** Copies channels within a block: those that `from` names, by their new place; null is a zero. */
function moved(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  name: string,
  from: (to: number) => number | null,
  weight = 1,
): ReturnType<typeof convolve> {
  const { size } = maps;
  const sources = Array.from({ length: size }, (_, to) => from(to));
  const filter = onnx.memo(`moved${weight}:${sources.join()}`, () => {
    const chosen = Float32Array.from({ length: size ** 2 }, (_, at) =>
      sources[at % size] === Math.floor(at / size) ? weight : 0,
    );
    return onnx.initializer([size, size, 1, 1], chosen, 'float32');
  });
  return convolve(name, filter, {});
}

/** The greatest of each window: first of both rows, in pairs, then of both pixels. */
const pool: BlockedEmitter = (onnx, maps, node) => {
  const input = onlyInput(node);
  const half = maps.size / 2;
  const rows = rowsOf(node);
  const at = { kernel_shape: [rows, 1], strides: [rows, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };
  const tall = onnx.op('MaxPool', [maps.get(input)], at, BLOCKED);
  const [left, right] = [0, half].map((first) =>
    maps.write(moved(onnx, maps, tall, (to) => (to < half ? first + to : null))),
  );
  maps.define(onlyOutput(node), onnx.op('Max', [left ?? '', right ?? '']));
  if (maps.isRectified(input)) maps.rectify(onlyOutput(node));
  return true;
};

function rowsOf({ attributes }: GraphNode): number {
  return pairOf(attributes, 'filterSize')[0];
}

/**
 * The gradient of a window goes to its first greatest pixel: row by row what is left of it, to the left pixel where that is the
 * greatest, else to the right one where that is.
 */
const poolGradient: BlockedEmitter = (onnx, maps, node) => {
  const [input, output] = [inputAt(node, 'input'), onlyOutput(node)];
  const { size } = maps;
  const half = size / 2;
  const rows = rowsOf(node);
  const [, height = 1, width = 1] = input.shape;
  const both = (value: Value): string => maps.write(moved(onnx, maps, maps.get(value), (to) => to % half));
  const greatest = both(inputAt(node, 'output'));
  let rest = both(inputAt(node, 'dy'));
  const places = Array.from({ length: rows }, (_, row) => {
    const filter = negatedPlace(onnx, size, { kernel: [rows, 1] }, row);
    const picked = convolve(maps.get(input), filter, { kernel_shape: [rows, 1], strides: [rows, 1], group: size });
    const equal = isZero(onnx, maps.write({ ...picked, sum: greatest }));
    const ofLeft = moved(onnx, maps, equal, (to) => (to < half ? null : to - half), -1);
    const wins = maps.write({ ...ofLeft, sum: equal, attributes: { ...ofLeft.attributes, activation: 'Relu' } });
    const share = onnx.op('Mul', [rest, wins]);
    if (row < rows - 1) {
      const inRow = moved(onnx, maps, wins, (to) => (to + half) % size);
      rest = onnx.op('Mul', [rest, isZero(onnx, maps.write({ ...inRow, sum: wins }))]);
    }
    return share;
  });
  const window = { kernel: [rows, 1], output: [height / rows, width] } as const;
  maps.define(output, woven(onnx, maps, places, output.shape, window));
  return true;
}; // prettier-ignore

export const pairedPoolEmitters: Readonly<Record<string, BlockedEmitter>> = {
  [POOL]: pool,
  [POOL_GRADIENT]: poolGradient,
};
