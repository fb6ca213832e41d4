import { flagOf } from '../attributes.ts';
import type { GraphNode, StepGraph, Value } from '../graph.ts';
import { inputAt } from '../node-access.ts';
import { useCounts } from '../passes/rewrite.ts';
import { sameShape, sizeOf } from '../shape.ts';
import type { OnnxBuilder } from './builder.ts';
import { onlyOutput } from './emit.ts';
import { float } from './model.ts';

/** A matrix product that is added to a multiple of a tensor: `sum = factor · memory + a · b`. */
export interface Accumulation {
  readonly product: GraphNode;
  readonly memory: Value;
  readonly factor: number;
}

/** Fewer numbers are summed in a few microseconds anyway. */
const SMALLEST = 1 << 14;

/**
 * Sums that a matrix product can be added to while it is made, by their nodes: the momentum or the decay of large dense layers, whose
 * gradient is such a product. It is then never in memory by itself.
 */
export function accumulations(graph: StepGraph): ReadonlyMap<GraphNode, Accumulation> {
  const finder = new Finder(graph);
  return new Map(
    graph.nodes.flatMap((node) => {
      const found = node.kernel === 'Add' ? finder.find(node) : null;
      return found === null ? [] : [[node, found] as const];
    }),
  );
}

/** Writes the sum as one `Gemm`. */
export function accumulate(onnx: OnnxBuilder, sum: GraphNode, { product, memory, factor }: Accumulation): void {
  const [transA, transB] = ['transposeA', 'transposeB'].map((name) => (flagOf(product.attributes, name) ? 1 : 0));
  const { shape } = onlyOutput(product);
  const operands = [inputAt(product, 'a'), inputAt(product, 'b')].map((operand) => onnx.plain(operand));
  const before = onnx.reshape(onnx.plain(memory), shape);
  const attributes = { transA: transA ?? 0, transB: transB ?? 0, beta: float(factor) };
  const output = onlyOutput(sum);
  const made = onnx.shaped(onnx.op('Gemm', [...operands, before], attributes), shape);
  onnx.define(output, onnx.reshape(made, output.shape));
} // prettier-ignore

class Finder {
  readonly #producers = new Map<number, GraphNode>();
  readonly #numbers = new Map<number, number>();
  readonly #uses: ReadonlyMap<number, number>;

  constructor(graph: StepGraph) {
    const { nodes, constants } = graph;
    this.#uses = useCounts(graph);
    for (const node of nodes) for (const { id } of node.outputs) this.#producers.set(id, node);
    for (const { value, data } of constants) {
      const [number] = data;
      if (data.length === 1 && number !== undefined) this.#numbers.set(value.id, number);
    }
  }

  find(sum: GraphNode): Accumulation | null {
    const [a, b] = sum.inputs;
    const output = onlyOutput(sum);
    if (a === undefined || b === undefined || sizeOf(output.shape) < SMALLEST) return null;
    if (output.dtype !== 'float32' || !sameShape(a.shape, b.shape)) return null;
    return this.#of(a, b) ?? this.#of(b, a);
  }

  #of(multiple: Value, product: Value): Accumulation | null {
    const [scaled, matrices] = [this.#onlyFor(multiple), this.#matricesOf(product)];
    if (scaled?.kernel !== 'Multiply' || matrices === null) return null;
    const [left, right] = scaled.inputs;
    if (left === undefined || right === undefined) return null;
    for (const [memory, number] of [[left, right], [right, left]] as const) {
      const factor = this.#numbers.get(number.id);
      if (factor !== undefined && sameShape(memory.shape, multiple.shape)) return { product: matrices, memory, factor };
    }
    return null;
  } // prettier-ignore

  /** The product of two matrices that a value is, in whatever shape. */
  #matricesOf(value: Value): GraphNode | null {
    const node = this.#onlyFor(value);
    if (node?.kernel === 'Reshape' && node.inputs[0] !== undefined) return this.#matricesOf(node.inputs[0]);
    return node?.kernel === 'BatchMatMul' && onlyOutput(node).shape.length === 2 ? node : null;
  }

  /** What makes a value that is read once. */
  #onlyFor(value: Value): GraphNode | null {
    return this.#uses.get(value.id) === 1 ? (this.#producers.get(value.id) ?? null) : null;
  }
}
