import { numbersOf } from '../attributes.ts';
import type { GraphNode, Value } from '../graph.ts';
import { sliceRange } from '../kernels/arrays.ts';
import { reductionAxes } from '../kernels/reductions.ts';
import { axisSize, sameShape } from '../shape.ts';
import type { Pass } from './pass.ts';
import { rewrite, type Editor } from './rewrite.ts';

type Rule = (node: GraphNode, editor: Editor) => Value | null;

/** The other operand, where one is `neutral` and the other already has the result's shape. */
function withoutNeutral(neutral: number, side: 'either' | 'right'): Rule {
  return (node, editor) => {
    const [a, b] = node.inputs;
    const [output] = node.outputs;
    if (a === undefined || b === undefined || output === undefined) return null;
    const fits = (value: Value): boolean =>
      sameShape(value.shape, output.shape) && value.dtype === output.dtype;
    if (editor.scalar(b) === neutral && fits(a)) return a;
    if (side === 'either' && editor.scalar(a) === neutral && fits(b)) return b;
    return null;
  };
}

const unchanged: Rule = (node) => {
  const [input] = node.inputs;
  const [output] = node.outputs;
  if (input === undefined || output === undefined) return null;
  return sameShape(input.shape, output.shape) && input.dtype === output.dtype ? input : null;
};

/** One reshape is enough; two that end where they began are none. */
const reshape: Rule = (node, editor) => {
  const same = unchanged(node, editor);
  const [input] = node.inputs;
  const [output] = node.outputs;
  if (same !== null || input === undefined || output === undefined) return same;
  const before = editor.producer(input);
  const source = before?.kernel === 'Reshape' ? before.inputs[0] : undefined;
  if (source !== undefined)
    return sameShape(source.shape, output.shape) ? source : editor.reshape(node, source, output.shape);
  return node.kernel === 'Reshape' ? null : editor.reshape(node, input, output.shape);
};

const transpose: Rule = (node, editor) => {
  const [input] = node.inputs;
  if (input === undefined) return null;
  const perm = numbersOf(node.attributes, 'perm');
  if (perm.every((from, to) => from === to)) return input;
  const before = editor.producer(input);
  const source = before?.kernel === 'Transpose' ? before.inputs[0] : undefined;
  if (before === null || source === undefined) return null;
  const first = numbersOf(before.attributes, 'perm');
  return editor.emit(node, 'Transpose', [source], ['x'], { perm: perm.map((axis) => axisSize(first, axis)) });
};

const cast: Rule = (node, editor) => {
  const same = unchanged(node, editor);
  const [input] = node.inputs;
  if (same !== null || input === undefined) return same;
  const before = editor.producer(input);
  const source = before?.kernel === 'Cast' ? before.inputs[0] : undefined;
  // Only from booleans does a type in between lose nothing.
  return source?.dtype === 'bool' ? editor.emit(node, 'Cast', [source], ['x'], node.attributes) : null;
};

/** Reducing axes of size one is a reshape. */
const reduction: Rule = (node, editor) => {
  const [input] = node.inputs;
  const [output] = node.outputs;
  if (input === undefined || output === undefined || input.dtype !== output.dtype) return null;
  if (!reductionAxes(node).every((axis) => axisSize(input.shape, axis) === 1)) return null;
  return sameShape(input.shape, output.shape) ? input : editor.reshape(node, input, output.shape);
};

const twice: Rule = (node, editor) => {
  const [input] = node.inputs;
  const before = input === undefined ? null : editor.producer(input);
  return before?.kernel === node.kernel ? (before.inputs[0] ?? null) : null;
};

const slice: Rule = (node) => {
  const [input] = node.inputs;
  return input !== undefined && sameShape(sliceRange(node).size, input.shape) ? input : null;
};

const sumOfFew: Rule = (node, editor) => {
  const [a, b] = node.inputs;
  if (a === undefined || node.inputs.length > 2) return null;
  return b === undefined ? a : editor.emit(node, 'Add', [a, b], ['a', 'b'], {});
};

const RULES: Readonly<Record<string, Rule>> = {
  Multiply: withoutNeutral(1, 'either'),
  Add: withoutNeutral(0, 'either'),
  Sub: withoutNeutral(0, 'right'),
  RealDiv: withoutNeutral(1, 'right'),
  Pow: withoutNeutral(1, 'right'),
  Reshape: reshape,
  ExpandDims: reshape,
  Tile: unchanged,
  BroadcastTo: unchanged,
  Transpose: transpose,
  Cast: cast,
  Sum: reduction,
  Mean: reduction,
  Max: reduction,
  Min: reduction,
  Neg: twice,
  Slice: slice,
  Concat: unchanged,
  AddN: sumOfFew,
};

/** Drops arithmetic that changes nothing, and views of views. */
export const identities: Pass = {
  name: 'identities',
  apply: (graph) =>
    rewrite(graph, (node, editor) => {
      const substitute = RULES[node.kernel]?.(node, editor) ?? null;
      return substitute === null ? null : [substitute];
    }),
};
