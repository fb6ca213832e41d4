import type { GraphNode, StepGraph, Value } from '../../graph.ts';
import { numberOf } from '../../attributes.ts';
import { reductionAxes } from '../../kernels/reductions.ts';
import { optionalInput } from '../../node-access.ts';
import type { Pass } from '../../passes/pass.ts';
import { Editor, elements, nextId } from '../../passes/rewrite.ts';
import { axisSize } from '../../shape.ts';

/** Relative: the same number, rounded more than once. */
const SAME_NUMBER = 1e-6;

/** A batch norm that was written as one operation, found again by its centred input. */
interface Norm {
  readonly x: Value;
  readonly scale: Value;
  readonly epsilon: number;
  readonly variance: Value;
  /** What the forward operation keeps for the gradient. */
  readonly reserved: readonly [Value, Value, Value];
}

/**
 * Batch normalisation with the statistics of the batch as TensorFlow's one operation, and its closed-form gradient as another.
 * The forms that are recognised are those of `models/batch-norm.ts`, on maps with channels last:
 *
 *     c = x − mean(x)   v = mean(c²)   y = norm(c; 0, v, γ, β, ε)
 *     i = (v + ε)^-½   dβ = Σ dy   p = Σ dy·c   dγ = p·i   dx = dy·(γ i) + norm(c; 0, 1, slope, shift, 0)
 *     slope = γ i · i² · p · (−1/M)   shift = γ i · dβ · (−1/M)
 */
export const batchNorm: Pass = {
  name: 'batch-norm',
  apply: (graph) => new Fusion(graph).run(),
};

class Fusion {
  readonly #graph: StepGraph;
  readonly #editor: Editor;
  readonly #replaced = new Map<number, Value>();
  readonly #norms = new Map<number, Norm>();
  /** dγ by the sum of products that it is made of. */
  readonly #scaleGradients = new Map<number, Value>();
  /** dy by the dβ that an operation yields: two norms of one sum share it. */
  readonly #summed = new Map<number, Value>();
  #nextId: number;

  constructor(graph: StepGraph) {
    this.#graph = graph;
    this.#editor = new Editor(graph);
    // Above what the editor itself counts from, which is used for two nodes a norm at most.
    this.#nextId = nextId(graph) + 2 * graph.nodes.length;
  }

  run(): StepGraph {
    for (const original of this.#graph.nodes) {
      const node = { ...original, inputs: original.inputs.map((value) => this.#current(value)) };
      if (!this.#forward(node) && !this.#gradient(node) && !this.#scaleGradient(node))
        this.#editor.append(node);
    }
    return {
      ...this.#graph,
      nodes: this.#editor.nodes,
      constants: this.#editor.constants,
      outputs: this.#graph.outputs.map(({ name, value }) => ({ name, value: this.#current(value) })),
    };
  }

  #current(value: Value): Value {
    return this.#replaced.get(value.id) ?? value;
  }

  #value(shape: readonly number[]): Value {
    return { id: this.#nextId++, shape, dtype: 'float32' };
  }

  /** Writes y, μ and σ² as one operation; later readers of any of them read it. */
  #forward(node: GraphNode): boolean {
    const [centred, mean, variance, scale, offset] = ['x', 'mean', 'variance', 'scale', 'offset'].map(
      (name) => optionalInput(node, name),
    );
    const [output] = node.outputs;
    if (node.kernel !== 'FusedBatchNorm' || !centred || !mean || !variance || !scale || !offset || !output)
      return false;
    const source = this.#centredSource(centred);
    if (source === null || this.#editor.scalar(mean) !== 0 || !this.#isVariance(variance, centred))
      return false;
    const channels = axisSize(source.x.shape, -1);
    const count = elements(source.x) / channels;
    const epsilon = numberOf(node.attributes, 'varianceEpsilon', 0.001);
    if (count < 2 || epsilon <= 0 || [scale, offset].some(({ shape }) => shape.join() !== String(channels)))
      return false;
    const vector = (): Value => this.#value([channels]);
    const [batchMean, batchVariance] = [vector(), vector()];
    const reserved = [vector(), vector(), vector()] as const;
    this.#editor.append({
      kernel: 'FusedBatchNormV3',
      inputs: [source.x, scale, offset],
      inputNames: ['x', 'scale', 'offset'],
      attributes: { epsilon },
      outputs: [output, batchMean, batchVariance, ...reserved],
      site: node.site,
    });
    // TensorFlow divides by the count less one.
    const bessel = this.#editor.constant(
      { shape: [], dtype: 'float32' },
      Float32Array.of((count - 1) / count),
    );
    const ownVariance = this.#editor.emit(node, 'Multiply', [batchVariance, bessel], ['a', 'b'], {});
    this.#replaced.set(source.mean.id, batchMean);
    this.#replaced.set(variance.id, ownVariance);
    this.#norms.set(centred.id, { x: source.x, scale, epsilon, variance: ownVariance, reserved });
    return true;
  }

  /** x and μ of `x − μ` with μ the mean of each channel. */
  #centredSource(centred: Value): { readonly x: Value; readonly mean: Value } | null {
    const [x, mean] = this.#operands(centred, 'Sub');
    if (x === undefined || mean === undefined || x.shape.length !== 4) return null;
    return this.#channelwise(mean, 'Mean')?.id === x.id ? { x, mean } : null;
  }

  #isVariance(variance: Value, centred: Value): boolean {
    const squares = this.#channelwise(variance, 'Mean');
    return squares !== null && this.#operands(squares, 'Square')[0]?.id === centred.id;
  }

  /** Writes dx and dβ as one operation at the place of dx; dγ follows. */
  #gradient(node: GraphNode): boolean {
    const [output] = node.outputs;
    if (node.kernel !== 'Add' || output === undefined) return false;
    for (const [product, affine] of bothOrders(node.inputs)) {
      const parts = this.#affine(affine);
      if (parts === null) continue;
      const [dy, factor] = this.#operands(product, 'Multiply');
      for (const [gradient, a] of bothOrders([dy, factor])) {
        const found = this.#closedForm(parts, gradient, a);
        if (found === null) continue;
        const { norm, dOffset, products } = found;
        const channels = norm.scale.shape;
        const [dScale, ownOffset] = [this.#value(channels), this.#value(channels)];
        this.#editor.append({
          kernel: 'FusedBatchNormGradV3',
          inputs: [gradient, norm.x, norm.scale, ...norm.reserved],
          inputNames: ['dy', 'x', 'scale', 'reserve1', 'reserve2', 'reserve3'],
          attributes: { epsilon: norm.epsilon },
          outputs: [output, dScale, ownOffset],
          site: node.site,
        });
        this.#replaced.set(dOffset.id, ownOffset);
        this.#summed.set(ownOffset.id, gradient);
        this.#scaleGradients.set(products.id, dScale);
        return true;
      }
    }
    return false;
  }

  /** c, slope and shift of `norm(c; 0, 1, slope, shift, 0)`. */
  #affine(value: Value): { readonly centred: Value; readonly slope: Value; readonly shift: Value } | null {
    const node = this.#editor.producer(value);
    if (node?.kernel !== 'FusedBatchNorm' || node.attributes.varianceEpsilon !== 0) return null;
    const [centred, mean, variance, slope, shift] = ['x', 'mean', 'variance', 'scale', 'offset'].map((name) =>
      optionalInput(node, name),
    );
    if (!centred || !mean || !variance || !slope || !shift) return null;
    const plain = this.#editor.scalar(mean) === 0 && this.#editor.scalar(variance) === 1;
    return plain ? { centred, slope, shift } : null;
  }

  /** Checks every factor of the closed form, in whichever order they were multiplied; null where one is another. */
  #closedForm(
    { centred, slope, shift }: { readonly centred: Value; readonly slope: Value; readonly shift: Value },
    dy: Value,
    a: Value,
  ): { readonly norm: Norm; readonly dOffset: Value; readonly products: Value } | null {
    const norm = this.#norms.get(centred.id);
    if (norm === undefined) return null;
    const [inverse, ...more] = without(this.#factors(a, norm).leaves, [norm.scale]) ?? [];
    if (inverse === undefined || more.length > 0 || !this.#isInverse(inverse, norm)) return null;
    const dOffset = this.#onlyOther(shift, norm, [norm.scale, inverse]);
    const products = this.#onlyOther(slope, norm, [norm.scale, inverse, inverse, inverse]);
    if (dOffset === null || products === null || this.#channelwise(dOffset, 'Sum')?.id !== dy.id) return null;
    const summed = this.#channelwise(products, 'Sum');
    return summed !== null && this.#otherFactor(summed, dy)?.id === centred.id
      ? { norm, dOffset, products }
      : null;
  }

  /** x where a value is x · −1/M and the product of exactly the known factors. */
  #onlyOther(value: Value, norm: Norm, known: readonly Value[]): Value | null {
    const { number, leaves } = this.#factors(value, norm);
    const share = -axisSize(norm.x.shape, -1) / elements(norm.x);
    const [other, ...more] = without(leaves, known) ?? [];
    return other !== undefined && more.length === 0 && Math.abs(number / share - 1) < SAME_NUMBER
      ? other
      : null;
  }

  /** A product as a number and the values that it multiplies. */
  #factors(value: Value, norm: Norm): { readonly number: number; readonly leaves: readonly Value[] } {
    const number = this.#editor.scalar(value);
    if (number !== null) return { number, leaves: [] };
    const node = value.id === norm.scale.id ? null : this.#editor.producer(value);
    const operands =
      node?.kernel === 'Multiply'
        ? node.inputs
        : node?.kernel === 'Square'
          ? [...node.inputs, ...node.inputs]
          : null;
    if (operands === null) return { number: 1, leaves: [value] };
    const parts = operands.map((operand) => this.#factors(operand, norm));
    return {
      number: parts.reduce((product, part) => product * part.number, 1),
      leaves: parts.flatMap(({ leaves }) => leaves),
    };
  }

  #isInverse(value: Value, { variance, epsilon }: Norm): boolean {
    const [sum] = this.#operands(value, 'Rsqrt');
    return bothOrders(sum === undefined ? [] : this.#operands(sum, 'Add')).some(
      ([first, second]) => first.id === variance.id && this.#editor.scalar(second) === Math.fround(epsilon),
    );
  }

  /** dγ, known since dx was written. */
  #scaleGradient(node: GraphNode): boolean {
    const [output] = node.outputs;
    if (node.kernel !== 'Multiply' || output === undefined) return false;
    for (const [products, inverse] of bothOrders(node.inputs)) {
      const gradient = this.#scaleGradients.get(products.id);
      if (gradient === undefined || ![...this.#norms.values()].some((norm) => this.#isInverse(inverse, norm)))
        continue;
      this.#replaced.set(output.id, gradient);
      return true;
    }
    return false;
  }

  #operands(value: Value, kernel: string): readonly Value[] {
    const node = this.#editor.producer(value);
    return node?.kernel === kernel ? node.inputs : [];
  }

  /** What a value of each channel was reduced from. */
  #channelwise(value: Value, kernel: 'Mean' | 'Sum'): Value | null {
    const known = kernel === 'Sum' ? this.#summed.get(value.id) : undefined;
    if (known !== undefined) return known;
    const node = this.#editor.producer(value);
    const [input] = node?.inputs ?? [];
    if (node?.kernel !== kernel || input === undefined || value.shape.length !== 1) return null;
    return reductionAxes(node).join() ===
      input.shape
        .slice(0, -1)
        .map((_, axis) => axis)
        .join()
      ? input
      : null;
  }

  /** b of `a · b`. */
  #otherFactor(product: Value, a: Value): Value | null {
    return bothOrders(this.#operands(product, 'Multiply')).find(([first]) => first.id === a.id)?.[1] ?? null;
  }
}

/** The values that remain when each of `taken` was taken out once; null where one was not there. */
function without(values: readonly Value[], taken: readonly Value[]): readonly Value[] | null {
  const rest = [...values];
  for (const { id } of taken) {
    const at = rest.findIndex((value) => value.id === id);
    if (at < 0) return null;
    rest.splice(at, 1);
  }
  return rest;
}

function bothOrders([a, b]: readonly (Value | undefined)[]): readonly (readonly [Value, Value])[] {
  return a === undefined || b === undefined
    ? []
    : [
        [a, b],
        [b, a],
      ];
}
