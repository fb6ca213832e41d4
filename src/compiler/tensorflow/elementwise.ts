import { numberOf } from '../attributes.ts';
import type { DType, GraphNode, Value } from '../graph.ts';
import { widerType } from '../kernels/elementwise.ts';
import { onlyInput, onlyOutput } from '../node-access.ts';
import type { TensorFlowBuilder } from './builder.ts';
import type { Emitter } from './emit.ts';
import { float, type, type DataType } from './model.ts';

/** Names of the operands, already of the type that the operation works on. */
type Write = (graph: TensorFlowBuilder, operands: readonly string[], node: GraphNode) => string;

/** An operation on operands of type `work(node)`, whose result is cast to the type that the step says. */
function typed(work: (node: GraphNode) => DataType, write: Write, result?: DataType): Emitter {
  return (graph, node) => {
    const on = work(node);
    const operands = node.inputs.map((input) => graph.cast(graph.of(input), input.dtype, on));
    const output = onlyOutput(node);
    graph.define(output, graph.cast(write(graph, operands, node), result ?? on, output.dtype));
  };
}

const op =
  (name: string, on: (node: GraphNode) => DataType): Write =>
  (graph, operands, node) =>
    graph.op(name, operands, { T: type(on(node)) });

const float32 = (): DataType => 'float32';
const float64 = (): DataType => 'float64';
const bool = (): DataType => 'bool';
/** The common type of all operands, as TensorFlow.js widens. */
const common = ({ inputs }: GraphNode): DType =>
  inputs.map(({ dtype }) => dtype).reduce((wide, dtype) => widerType(wide, dtype));
/** Booleans count as integers. */
const numeric = (node: GraphNode): DType => (common(node) === 'bool' ? 'int32' : common(node));

/** On float32, whatever the operands are. */
const real = (name: string): Emitter => typed(float32, op(name, float32));
const arithmetic = (name: string): Emitter => typed(numeric, op(name, numeric));
const comparison = (name: string): Emitter => typed(numeric, op(name, numeric), 'bool');
const logical = (name: string): Emitter => typed(bool, (graph, operands) => graph.op(name, operands));
const predicate = (name: string): Emitter => typed(float32, op(name, float32), 'bool');

function select(
  graph: TensorFlowBuilder,
  test: string,
  chosen: string,
  other: string,
  dtype: DataType,
): string {
  return graph.op('SelectV2', [test, chosen, other], { T: type(dtype) });
}

/** 1 where x > 0, α elsewhere; NaN stays NaN. */
const step = typed(float32, (graph, [x = ''], node) => {
  const alpha = numberOf(node.attributes, 'alpha', 0);
  const sign = graph.op('Relu', [graph.op('Sign', [x], { T: type('float32') })], { T: type('float32') });
  if (alpha === 0) return sign;
  const positive = graph.op('Greater', [x, graph.scalar(0)], { T: type('float32') });
  return select(graph, positive, sign, graph.scalar(alpha), 'float32');
});

/** x, or α x below zero. */
const prelu = typed(float32, (graph, [x = '', alpha = '']) => {
  const T = { T: type('float32') };
  const below = graph.op('Less', [x, graph.scalar(0)], T);
  return select(graph, below, graph.op('Mul', [x, alpha], T), x, 'float32');
});

/** Integers are divided exactly; a division by zero, which TensorFlow.js lets pass as 0, is no error here either. */
const floorDiv: Emitter = (graph, node) => {
  const output = onlyOutput(node);
  const on = numeric(node);
  const [a = '', b = ''] = node.inputs.map((input) => graph.cast(graph.of(input), input.dtype, on));
  const T = { T: type(on) };
  const zero = graph.scalar(0, on);
  const nothing = graph.op('Equal', [b, zero], T);
  const divisor = select(graph, nothing, graph.scalar(1, on), b, on);
  const quotient = graph.op('FloorDiv', [a, divisor], T);
  graph.define(output, graph.cast(select(graph, nothing, zero, quotient, on), on, output.dtype));
};

/** Integer powers in double precision: exact as in TensorFlow.js, also for negative exponents. */
const power: Emitter = (graph, node) =>
  onlyOutput(node).dtype === 'float32'
    ? real('Pow')(graph, node)
    : typed(float64, op('Pow', float64))(graph, node);

const cast: Emitter = (graph, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  graph.define(output, graph.cast(graph.of(input), input.dtype, output.dtype));
};

/** A condition of rank 1 chooses whole rows. */
const where: Emitter = (graph, node) => {
  const [test, chosen, other] = node.inputs;
  const output = onlyOutput(node);
  if (test === undefined || chosen === undefined || other === undefined)
    throw new Error('Select takes three tensors');
  const operand = (value: Value): string => graph.cast(graph.of(value), value.dtype, output.dtype);
  const condition = graph.cast(graph.of(test), test.dtype, 'bool');
  const rows = test.shape.length === 1 && output.shape.length > 1;
  const aligned = rows
    ? graph.reshape(
        condition,
        'bool',
        output.shape.map((size, axis) => (axis === 0 ? size : 1)),
      )
    : condition;
  graph.define(output, select(graph, aligned, operand(chosen), operand(other), output.dtype));
};

const clip = typed(float32, (graph, [x = ''], node) =>
  graph.op(
    'ClipByValue',
    [
      x,
      graph.scalar(numberOf(node.attributes, 'clipValueMin')),
      graph.scalar(numberOf(node.attributes, 'clipValueMax')),
    ],
    { T: type('float32') },
  ),
);

const sumOfAll: Emitter = typed(numeric, (graph, operands, node) =>
  graph.op('AddN', operands, { T: type(numeric(node)), N: { int: operands.length } }),
);

const identity: Emitter = (graph, node) => {
  graph.define(onlyOutput(node), graph.of(onlyInput(node)));
};

/** Kernels of one meaning and one name on both sides: those on numbers of any type, and those on reals. */
const SAME_ON_NUMBERS = ['Abs', 'Neg', 'Sign', 'Square', 'Relu'];
const SAME_ON_REALS = [
  'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Expm1', 'Floor', 'Log', 'Log1p',
  'Reciprocal', 'Relu6', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Tan', 'Tanh', 'EluGrad', 'Atan2',
]; // prettier-ignore

export const elementwiseEmitters: Readonly<Record<string, Emitter>> = {
  ...Object.fromEntries(SAME_ON_NUMBERS.map((kernel) => [kernel, arithmetic(kernel)])),
  ...Object.fromEntries(SAME_ON_REALS.map((kernel) => [kernel, real(kernel)])),
  Add: arithmetic('AddV2'),
  AddN: sumOfAll,
  Sub: arithmetic('Sub'),
  Multiply: arithmetic('Mul'),
  RealDiv: real('RealDiv'),
  Maximum: arithmetic('Maximum'),
  Minimum: arithmetic('Minimum'),
  SquaredDifference: arithmetic('SquaredDifference'),
  Mod: arithmetic('FloorMod'),
  Pow: power,
  FloorDiv: floorDiv,
  Prelu: prelu,
  BitwiseAnd: typed(common, op('BitwiseAnd', common)),
  Equal: comparison('Equal'),
  NotEqual: comparison('NotEqual'),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessEqual'),
  LogicalAnd: logical('LogicalAnd'),
  LogicalOr: logical('LogicalOr'),
  LogicalNot: logical('LogicalNot'),
  LogicalXor: typed(bool, op('NotEqual', bool)),
  IsNan: predicate('IsNan'),
  IsInf: predicate('IsInf'),
  IsFinite: predicate('IsFinite'),
  Select: where,
  Cast: cast,
  Identity: identity,
  ZerosLike: (graph, node) =>
    graph.define(
      onlyOutput(node),
      graph.op('ZerosLike', [graph.of(onlyInput(node))], { T: type(onlyInput(node).dtype) }),
    ),
  OnesLike: (graph, node) =>
    graph.define(
      onlyOutput(node),
      graph.op('OnesLike', [graph.of(onlyInput(node))], { T: type(onlyInput(node).dtype) }),
    ),
  Step: step,
  ClipByValue: clip,
  LeakyRelu: typed(float32, (graph, operands, node) =>
    graph.op('LeakyRelu', operands, {
      T: type('float32'),
      alpha: float(numberOf(node.attributes, 'alpha', 0.2)),
    }),
  ),
};
