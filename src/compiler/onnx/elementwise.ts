import { numberOf } from '../attributes.ts';
import type { GraphNode, Value } from '../graph.ts';
import type { OnnxBuilder } from './builder.ts';
import { onlyInput, onlyOutput, type Emitter } from './emit.ts';
import { ELEMENT_TYPE, float } from './model.ts';

export type Write = (onnx: OnnxBuilder, operands: readonly string[], node: GraphNode) => string;

const SELU_ALPHA = 1.7580993408473768599402175208123;
const SELU_SCALE = 1.0507009873554804934193349852946;

/** Works on each number by itself, so it takes its operands in whichever layout they are. */
export function elementwise(write: Write): Emitter {
  return (onnx, node) => {
    const output = onlyOutput(node);
    const channelsFirst =
      output.shape.length === 4 &&
      node.inputs.some((input) => input.shape.length === 4 && onnx.prefersChannelsFirst(input));
    const operands = node.inputs.map((input) =>
      channelsFirst ? onnx.channelsFirstOperand(input) : onnx.plain(input),
    );
    onnx.defineEither(output, write(onnx, operands, node), channelsFirst);
  };
}

const op =
  (type: string): Write =>
  (onnx, operands) =>
    onnx.op(type, operands);
/** Arithmetic has no booleans in ONNX: they count as integers, and the result is a boolean again where the step says so. */
const arithmetic =
  (type: string): Write =>
  (onnx, operands, node) => {
    const numbers = operands.map((operand, at) =>
      node.inputs[at]?.dtype === 'bool' ? onnx.op('Cast', [operand], { to: ELEMENT_TYPE.int32 }) : operand,
    );
    const result = onnx.op(type, numbers);
    return onlyOutput(node).dtype === 'bool' ? onnx.op('Cast', [result], { to: ELEMENT_TYPE.bool }) : result;
  };
/** On float32, whatever the type of the operand; back to it where it differs. */
const real =
  (write: Write): Write =>
  (onnx, operands, node) => {
    const { dtype } = onlyInput(node);
    if (dtype === 'float32') return write(onnx, operands, node);
    const result = write(
      onnx,
      operands.map((operand) => onnx.op('Cast', [operand], { to: ELEMENT_TYPE.float32 })),
      node,
    );
    const output = onlyOutput(node).dtype;
    return output === 'float32' ? result : onnx.op('Cast', [result], { to: ELEMENT_TYPE[output] });
  };
const first = (operands: readonly string[]): string => operands[0] ?? '';
const both = (operands: readonly string[]): readonly [string, string] => [
  operands[0] ?? '',
  operands[1] ?? '',
];

const square: Write = (onnx, [x = '']) => onnx.op('Mul', [x, x]);

/** ln(1 + x) without losing small x: 2 artanh(x / (2 + x)) below a half. */
const log1p: Write = (onnx, [x = '']) => {
  const small = onnx.op('Less', [onnx.op('Abs', [x]), onnx.scalar(0.5)]);
  const ratio = onnx.op('Div', [x, onnx.op('Add', [x, onnx.scalar(2)])]);
  const near = onnx.op('Mul', [
    onnx.op('Atanh', [onnx.op('Where', [small, ratio, onnx.scalar(0)])]),
    onnx.scalar(2),
  ]);
  return onnx.op('Where', [small, near, onnx.op('Log', [onnx.op('Add', [x, onnx.scalar(1)])])]);
};

/** e^x − 1 without losing small x: tanh(x/2) (e^x + 1) below a half. */
const expm1: Write = (onnx, [x = '']) => {
  const exp = onnx.op('Exp', [x]);
  const small = onnx.op('Less', [onnx.op('Abs', [x]), onnx.scalar(0.5)]);
  const near = onnx.op('Mul', [
    onnx.op('Tanh', [onnx.op('Mul', [x, onnx.scalar(0.5)])]),
    onnx.op('Add', [exp, onnx.scalar(1)]),
  ]);
  return onnx.op('Where', [small, near, onnx.op('Sub', [exp, onnx.scalar(1)])]);
};

const step: Write = (onnx, [x = ''], node) => {
  const alpha = numberOf(node.attributes, 'alpha', 0);
  const positive = onnx.op('Greater', [x, onnx.scalar(0)]);
  if (alpha === 0) return onnx.op('Cast', [positive], { to: ELEMENT_TYPE.float32 });
  return onnx.op('Where', [positive, onnx.scalar(1), onnx.scalar(alpha)]);
};

/** True for negative numbers and for −0, whose reciprocal is −∞. */
function signBit(onnx: OnnxBuilder, x: string): string {
  const zero = onnx.scalar(0);
  return onnx.op('Or', [onnx.op('Less', [x, zero]), onnx.op('Less', [onnx.op('Reciprocal', [x]), zero])]);
}

/** Four-quadrant arctangent, which ONNX lacks, with both zeros told apart. */
const atan2: Write = (onnx, operands) => {
  const [y, x] = both(operands);
  const noX = onnx.op('Equal', [x, onnx.scalar(0)]);
  const noY = onnx.op('Equal', [y, onnx.scalar(0)]);
  const below = signBit(onnx, y);
  const angle = (size: number): string => onnx.op('Where', [below, onnx.scalar(-size), onnx.scalar(size)]);
  const base = onnx.op('Atan', [onnx.op('Div', [y, onnx.op('Where', [noX, onnx.scalar(1), x])])]);
  const turned = onnx.op('Where', [signBit(onnx, x), onnx.op('Add', [base, angle(Math.PI)]), base]);
  const upright = onnx.op('And', [noX, onnx.op('Not', [noY])]);
  return onnx.op('Where', [upright, angle(Math.PI / 2), turned]);
};

/** The sign of the divisor, as in Python. */
const mod: Write = (onnx, operands, node) => {
  const [a, b] = both(operands);
  if (onlyInput(node).dtype === 'int32') return onnx.op('Mod', [a, b]);
  const remainder = onnx.op('Mod', [a, b], { fmod: 1 });
  const zero = onnx.scalar(0);
  const differs = onnx.op('Xor', [onnx.op('Less', [a, zero]), onnx.op('Less', [b, zero])]);
  return onnx.op('Where', [
    differs,
    onnx.op('Mod', [onnx.op('Add', [remainder, b]), b], { fmod: 1 }),
    remainder,
  ]);
};

const floorDiv: Write = (onnx, operands, node) => {
  const numbers = operands.map((operand, at) =>
    node.inputs[at]?.dtype === 'float32' ? operand : onnx.op('Cast', [operand], { to: ELEMENT_TYPE.float32 }),
  );
  return onnx.op('Cast', [onnx.op('Floor', [onnx.op('Div', numbers)])], { to: ELEMENT_TYPE.int32 });
};

const isInfinite: Write = (onnx, [x = '']) => onnx.op('Equal', [onnx.op('Abs', [x]), onnx.scalar(Infinity)]);

const cast: Write = (onnx, [x = ''], node) => {
  const [from, to] = [onlyInput(node).dtype, onlyOutput(node).dtype];
  return from === to ? x : onnx.op('Cast', [x], { to: ELEMENT_TYPE[to] });
};

const select: Write = (onnx, [condition = '', chosen = '', other = ''], node) => {
  const output = onlyOutput(node);
  const type = output.dtype === 'bool' ? 'int32' : output.dtype;
  const operand = (name: string, value: Value | undefined): string =>
    value?.dtype === type ? name : onnx.op('Cast', [name], { to: ELEMENT_TYPE[type] });
  const test =
    node.inputs[0]?.dtype === 'bool' ? condition : onnx.op('Cast', [condition], { to: ELEMENT_TYPE.bool });
  const result = onnx.op('Where', [test, operand(chosen, node.inputs[1]), operand(other, node.inputs[2])]);
  return output.dtype === 'bool' ? onnx.op('Cast', [result], { to: ELEMENT_TYPE.bool }) : result;
};

const compare =
  (type: string): Write =>
  (onnx, operands, node) => {
    const ordered = type !== 'Equal';
    const numbers = operands.map((operand, at) =>
      ordered && node.inputs[at]?.dtype === 'bool'
        ? onnx.op('Cast', [operand], { to: ELEMENT_TYPE.int32 })
        : operand,
    );
    return onnx.op(type, numbers);
  };
const logical =
  (type: string): Write =>
  (onnx, operands, node) =>
    onnx.op(
      type,
      operands.map((operand, at) =>
        node.inputs[at]?.dtype === 'bool' ? operand : onnx.op('Cast', [operand], { to: ELEMENT_TYPE.bool }),
      ),
    );

export const elementwiseWriters: Readonly<Record<string, Write>> = {
  Add: arithmetic('Add'),
  AddN: (onnx, operands, node) =>
    operands.length === 1
      ? first(operands)
      : operands.length === 2
        ? arithmetic('Add')(onnx, operands, node)
        : onnx.op('Sum', operands),
  Sub: arithmetic('Sub'),
  Multiply: arithmetic('Mul'),
  RealDiv: arithmetic('Div'),
  Maximum: arithmetic('Max'),
  Minimum: arithmetic('Min'),
  Pow: arithmetic('Pow'),
  SquaredDifference: (onnx, operands, node) => square(onnx, [arithmetic('Sub')(onnx, operands, node)], node),
  FloorDiv: floorDiv,
  Mod: mod,
  Atan2: atan2,
  Prelu: (onnx, [x = '', alpha = '']) => onnx.op('PRelu', [x, alpha]),
  BitwiseAnd: op('BitwiseAnd'),
  Equal: compare('Equal'),
  NotEqual: (onnx, operands, node) => onnx.op('Not', [compare('Equal')(onnx, operands, node)]),
  Greater: compare('Greater'),
  GreaterEqual: compare('GreaterOrEqual'),
  Less: compare('Less'),
  LessEqual: compare('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalNot: logical('Not'),
  Select: select,
  Cast: cast,
  Abs: op('Abs'),
  Acos: real(op('Acos')),
  Acosh: real(op('Acosh')),
  Asin: real(op('Asin')),
  Asinh: real(op('Asinh')),
  Atan: real(op('Atan')),
  Atanh: real(op('Atanh')),
  Ceil: real(op('Ceil')),
  ClipByValue: real((onnx, [x = ''], node) =>
    onnx.op('Clip', [
      x,
      onnx.scalar(numberOf(node.attributes, 'clipValueMin')),
      onnx.scalar(numberOf(node.attributes, 'clipValueMax')),
    ]),
  ),
  Cos: real(op('Cos')),
  Cosh: real(op('Cosh')),
  Elu: real((onnx, [x = ''], node) =>
    onnx.op('Where', [
      onnx.op('Greater', [x, onnx.scalar(0)]),
      x,
      expm1(onnx, [onnx.op('Min', [x, onnx.scalar(0)])], node),
    ]),
  ),
  EluGrad: (onnx, operands) => {
    const [dy, y] = both(operands);
    return onnx.op('Mul', [dy, onnx.op('Add', [onnx.op('Min', [y, onnx.scalar(0)]), onnx.scalar(1)])]);
  },
  Erf: real(op('Erf')),
  Exp: real(op('Exp')),
  Expm1: real(expm1),
  Floor: real(op('Floor')),
  IsNan: real(op('IsNaN')),
  IsInf: real(isInfinite),
  IsFinite: real((onnx, [x = '']) => onnx.op('Less', [onnx.op('Abs', [x]), onnx.scalar(Infinity)])),
  LeakyRelu: real((onnx, [x = ''], node) =>
    onnx.op('LeakyRelu', [x], { alpha: float(numberOf(node.attributes, 'alpha', 0.2)) }),
  ),
  Log: real(op('Log')),
  Log1p: real(log1p),
  Neg: op('Neg'),
  Reciprocal: real(op('Reciprocal')),
  Relu: op('Relu'),
  Relu6: real((onnx, [x = '']) => onnx.op('Clip', [x, onnx.scalar(0), onnx.scalar(6)])),
  Round: real(op('Round')),
  Rsqrt: real((onnx, [x = '']) => onnx.op('Reciprocal', [onnx.op('Sqrt', [x])])),
  Selu: real((onnx, [x = ''], node) => {
    const negative = onnx.op('Mul', [
      expm1(onnx, [onnx.op('Min', [x, onnx.scalar(0)])], node),
      onnx.scalar(SELU_ALPHA),
    ]);
    return onnx.op('Where', [
      onnx.op('GreaterOrEqual', [x, onnx.scalar(0)]),
      onnx.op('Mul', [x, onnx.scalar(SELU_SCALE)]),
      negative,
    ]);
  }),
  Sigmoid: real(op('Sigmoid')),
  Sign: op('Sign'),
  Sin: real(op('Sin')),
  Sinh: real(op('Sinh')),
  Softplus: real(op('Softplus')),
  Sqrt: real(op('Sqrt')),
  Square: square,
  Step: real(step),
  Tan: real(op('Tan')),
  Tanh: real(op('Tanh')),
};

export const elementwiseEmitters: Readonly<Record<string, Emitter>> = Object.fromEntries(
  Object.entries(elementwiseWriters).map(([kernel, write]) => [kernel, elementwise(write)]),
);
