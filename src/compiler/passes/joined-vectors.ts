import type { GraphNode, Value } from '../graph.ts';
import { axisSize } from '../shape.ts';
import type { Pass } from './pass.ts';
import { elements, rewrite, useCounts, type Editor } from './rewrite.ts';

/** Works on each number by itself, on two vectors or on a vector and one number. */
const ARITHMETIC = new Set(['Add', 'Sub', 'Multiply', 'RealDiv']);

/**
 * Does the same arithmetic on the pieces of a vector once, on the whole: `concat(f(a1, b1), f(a2, b2))` becomes
 * `f(concat(a1, a2), concat(b1, b2))`, and the concatenation of all pieces of a vector is that vector.
 */
export const joinedVectors: Pass = {
  name: 'joinedVectors',
  apply(graph) {
    const uses = useCounts(graph);
    return rewrite(graph, (node, editor) => {
      const vectors = node.inputs.every(({ shape, dtype }) => shape.length === 1 && dtype === 'float32');
      if (node.kernel !== 'Concat' || !vectors) return null;
      const joiner = new Joiner(node, editor, uses);
      return joiner.arithmeticOf(node.inputs) === null ? null : [joiner.join(node.inputs)];
    });
  },
};

/** One operand of all pieces: a number for all, known numbers, or a vector for each. */
type Operands = { readonly kind: 'whole'; readonly value: Value } | { readonly kind: 'pieces'; readonly values: readonly Value[] }; // prettier-ignore

interface Arithmetic {
  readonly node: GraphNode;
  readonly operands: readonly Operands[];
}

class Joiner {
  readonly #origin: GraphNode;
  readonly #editor: Editor;
  readonly #uses: ReadonlyMap<number, number>;

  constructor(origin: GraphNode, editor: Editor, uses: ReadonlyMap<number, number>) {
    this.#origin = origin;
    this.#editor = editor;
    this.#uses = uses;
  }

  /** The concatenation of values, with what can be done on the whole done there. */
  join(values: readonly Value[]): Value {
    const whole = this.#whole(values);
    if (whole !== null) return whole;
    const arithmetic = this.arithmeticOf(values);
    if (arithmetic === null) {
      const names = values.map((_, at) => String(at));
      return this.#editor.emit(this.#origin, 'Concat', values, names, { axis: 0 });
    }
    const { node, operands } = arithmetic;
    const inputs = operands.map((one) => (one.kind === 'whole' ? one.value : this.join(one.values)));
    return this.#editor.emit(node, node.kernel, inputs, node.inputNames, node.attributes);
  }

  /** The arithmetic that makes all of these values, if it is the same and nothing else reads its results. */
  arithmeticOf(values: readonly Value[]): Arithmetic | null {
    const nodes = values.flatMap((value) => this.#editor.producer(value) ?? []);
    const [node] = nodes;
    const same =
      node !== undefined &&
      nodes.length === values.length &&
      ARITHMETIC.has(node.kernel) &&
      nodes.every(({ kernel }) => kernel === node.kernel) &&
      values.every(({ id }) => this.#uses.get(id) === 1);
    if (!same) return null;
    const operands = [0, 1].map((at) =>
      this.#operands(
        nodes.flatMap(({ inputs }) => inputs[at] ?? []),
        values,
      ),
    );
    const known = operands.flatMap((one) => one ?? []);
    return known.length === 2 && known.some(({ kind }) => kind === 'pieces')
      ? { node, operands: known }
      : null;
  }

  #operands(operands: readonly Value[], values: readonly Value[]): Operands | null {
    const [first] = operands;
    if (first === undefined) return null;
    const sizes = values.map(elements);
    if (operands.every(({ shape }, at) => shape.length === 1 && axisSize(shape, 0) === sizes[at]))
      return { kind: 'pieces', values: operands };
    if (operands.some((operand) => elements(operand) !== 1)) return null;
    if (operands.every(({ id }) => id === first.id)) return { kind: 'whole', value: first };
    const numbers = operands.flatMap((operand) => this.#editor.scalar(operand) ?? []);
    if (numbers.length < operands.length) return null;
    const repeated = Float32Array.from(
      sizes.flatMap((size, at) => Array.from({ length: size }, () => numbers[at] ?? 0)),
    );
    return {
      kind: 'whole',
      value: this.#editor.constant({ shape: [repeated.length], dtype: 'float32' }, repeated),
    };
  }

  /** The vector that the values are all pieces of, in order. */
  #whole(values: readonly Value[]): Value | null {
    const [first] = values;
    const split = first === undefined ? null : this.#editor.producer(first);
    const [whole] = split?.inputs ?? [];
    if (split?.kernel !== 'SplitV' || whole?.shape.length !== 1) return null;
    const all =
      split.outputs.length === values.length && split.outputs.every(({ id }, at) => id === values[at]?.id);
    return all ? whole : null;
  }
}
