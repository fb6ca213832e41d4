import { flagOf, numberOf } from '../attributes.ts';
import { inputAt, onlyOutput } from '../node-access.ts';
import { axisSize } from '../shape.ts';
import type { Emitter } from './emit.ts';
import { flag, float, type } from './model.ts';

const T = { T: type('float32') };

/** One product of two matrices where there is one; a stack of them else. */
const matMul: Emitter = (graph, node) => {
  const [a, b, output] = [inputAt(node, 'a'), inputAt(node, 'b'), onlyOutput(node)];
  const [first, second] = [flagOf(node.attributes, 'transposeA'), flagOf(node.attributes, 'transposeB')];
  const own = { T: type(output.dtype) };
  const single = [a, b, output].every(({ shape }) => shape.slice(0, -2).every((size) => size === 1));
  const operands = [a, b].map((value) => graph.cast(graph.of(value), value.dtype, output.dtype));
  if (!single) {
    graph.define(
      output,
      graph.op('BatchMatMulV2', operands, { ...own, adj_x: flag(first), adj_y: flag(second) }),
    );
    return;
  }
  const [left = '', right = ''] = operands.map((name, at) => {
    const { shape } = at === 0 ? a : b;
    return shape.length === 2 ? name : graph.reshape(name, output.dtype, shape.slice(-2));
  });
  const product = graph.op('MatMul', [left, right], {
    ...own,
    transpose_a: flag(first),
    transpose_b: flag(second),
  });
  graph.define(
    output,
    output.shape.length === 2 ? product : graph.reshape(product, output.dtype, output.shape),
  );
};

/** y = γ (x − μ) / √(σ² + ε) + β with given μ and σ²; in one operation for maps. */
const normalization: Emitter = (graph, node) => {
  const [x, mean, variance, output] = [
    inputAt(node, 'x'),
    inputAt(node, 'mean'),
    inputAt(node, 'variance'),
    onlyOutput(node),
  ];
  const epsilon = numberOf(node.attributes, 'varianceEpsilon', 1e-3);
  const channels = axisSize(x.shape, -1);
  const named = (name: string): string | null =>
    node.inputNames.includes(name) ? graph.of(inputAt(node, name)) : null;
  const vectors = node.inputs.slice(1).every(({ shape }) => shape.length === 1 && shape[0] === channels);
  const repeated = (value: number): string =>
    graph.op('Fill', [graph.integers([channels]), graph.scalar(value)], { ...T, index_type: type('int32') });
  if (x.shape.length === 4 && vectors && epsilon > 0) {
    const operands = [
      graph.of(x),
      named('scale') ?? repeated(1),
      named('offset') ?? repeated(0),
      graph.of(mean),
      graph.of(variance),
    ];
    graph.define(
      output,
      graph.op('FusedBatchNormV3', operands, {
        ...T,
        U: type('float32'),
        epsilon: float(epsilon),
        is_training: flag(false),
      }),
    );
    return;
  }
  const inverse = graph.op('Rsqrt', [graph.op('AddV2', [graph.of(variance), graph.scalar(epsilon)], T)], T);
  const [scale, offset] = [named('scale'), named('offset')];
  const factor = scale === null ? inverse : graph.op('Mul', [inverse, scale], T);
  const scaled = graph.op('Mul', [graph.op('Sub', [graph.of(x), graph.of(mean)], T), factor], T);
  graph.define(output, offset === null ? scaled : graph.op('AddV2', [scaled, offset], T));
};

export const linearEmitters: Readonly<Record<string, Emitter>> = {
  BatchMatMul: matMul,
  FusedBatchNorm: normalization,
};
