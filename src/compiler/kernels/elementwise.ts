import type { DType } from '../graph.ts';
import { broadcastShape } from '../shape.ts';
import { textOf } from '../attributes.ts';
import { firstInput, inputOf, type ShapeRule } from './rule.ts';

/** Kernels that keep the shape and type of their first input. */
const UNARY = [
  'Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'ClipByValue', 'Cos', 'Cosh', 'Elu', 'EluGrad', 'Erf', 'Exp',
  'Expm1', 'Floor', 'LeakyRelu', 'Log', 'Log1p', 'Neg', 'Reciprocal', 'Relu', 'Relu6', 'Round', 'Rsqrt', 'Selu',
  'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softmax', 'Softplus', 'Sqrt', 'Square', 'Step', 'Tan', 'Tanh', 'Reverse',
  'FusedBatchNorm', 'TensorScatterUpdate',
] as const; // prettier-ignore
const PREDICATES = ['IsNan', 'IsInf', 'IsFinite', 'LogicalNot'] as const;
const BINARY = [
  'Add',
  'Sub',
  'Multiply',
  'RealDiv',
  'Maximum',
  'Minimum',
  'Mod',
  'Pow',
  'SquaredDifference',
  'Atan2',
  'Prelu',
  'BitwiseAnd',
] as const;
const COMPARISONS = [
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
] as const;

const sameAsFirst: ShapeRule = (call) => [firstInput(call)];
const predicate: ShapeRule = (call) => [{ shape: firstInput(call).shape, dtype: 'bool' }];
const binary =
  (dtype: DType | null): ShapeRule =>
  (call) => [
    {
      shape: broadcastShape(call.inputs.map((input) => input.shape)),
      dtype: dtype ?? firstInput(call).dtype,
    },
  ];

/** The wider of two types, as TensorFlow.js widens: bool below int32 below float32. */
export function widerType(a: DType, b: DType): DType {
  if (a === 'float32' || b === 'float32') return 'float32';
  return a === 'int32' || b === 'int32' ? 'int32' : 'bool';
}

export const elementwiseRules: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(UNARY.map((kernel) => [kernel, sameAsFirst])),
  ...Object.fromEntries(PREDICATES.map((kernel) => [kernel, predicate])),
  ...Object.fromEntries(BINARY.map((kernel) => [kernel, binary(null)])),
  ...Object.fromEntries(COMPARISONS.map((kernel) => [kernel, binary('bool')])),
  FloorDiv: binary('int32'),
  AddN: binary(null),
  Cast: (call) => {
    const dtype = textOf(call.attributes, 'dtype');
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
      throw new Error(`a step has no tensors of type ${dtype}`);
    return [{ shape: firstInput(call).shape, dtype }];
  },
  Select: (call) => {
    const [chosen, other] = [inputOf(call, 't'), inputOf(call, 'e')];
    return [{ shape: chosen.shape, dtype: widerType(chosen.dtype, other.dtype) }];
  },
};
