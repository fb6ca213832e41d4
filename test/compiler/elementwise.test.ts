import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import {
  booleans,
  broadcasting,
  EXACT,
  floats,
  get,
  integers,
  kernelProperty,
  numbers,
  ROUNDED,
  shapes,
  SUMMED,
  tame,
  type KernelCase,
} from './property.ts';
import type { tf } from './support.ts';
import { useCpu, type Tolerance } from './support.ts';

beforeAll(useCpu);

type Unary = 'abs' | 'ceil' | 'floor' | 'neg' | 'relu' | 'relu6' | 'round' | 'sign' | 'sqrt' | 'square' | 'exp' | 'log' | 'rsqrt' | 'reciprocal' | 'sigmoid' | 'tanh' | 'erf' | 'expm1' | 'log1p' | 'softplus' | 'elu' | 'selu' | 'step' | 'isNaN' | 'isInf' | 'isFinite' | 'sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'asinh' | 'acosh' | 'atanh'; // prettier-ignore

interface UnaryRow {
  readonly name: Unary;
  readonly domain?: fc.Arbitrary<number>;
  readonly tolerance?: Tolerance;
  readonly differentiable?: boolean;
  readonly gradientTolerance?: Tolerance;
}

const small = numbers(-8, 8);
const wide = numbers(-4e4, 4e4);
/** The cpu backend of TensorFlow.js computes erf by a polynomial that is good to 1.5e-7 (Abramowitz and Stegun 7.1.26). */
const ERF: Tolerance = { relative: 0, absolute: 5e-7 };
/** Steep near the ends of their domain: the rounding of the argument shows. */
const STEEP: Tolerance = { relative: 2e-5, absolute: 2e-6 };

const UNARY: readonly UnaryRow[] = [
  { name: 'abs', domain: wide, tolerance: EXACT, differentiable: true },
  { name: 'ceil', domain: wide, tolerance: EXACT },
  { name: 'floor', domain: wide, tolerance: EXACT },
  { name: 'neg', domain: wide, tolerance: EXACT, differentiable: true },
  { name: 'relu', domain: wide, tolerance: EXACT, differentiable: true },
  { name: 'relu6', tolerance: EXACT, differentiable: true },
  { name: 'round', domain: wide, tolerance: EXACT },
  { name: 'sign', domain: wide, tolerance: EXACT },
  { name: 'step', domain: wide, tolerance: EXACT },
  { name: 'isNaN', domain: fc.oneof(wide, fc.constantFrom(NaN, Infinity, -Infinity)), tolerance: EXACT },
  { name: 'isInf', domain: fc.oneof(wide, fc.constantFrom(NaN, Infinity, -Infinity)), tolerance: EXACT },
  { name: 'isFinite', domain: fc.oneof(wide, fc.constantFrom(NaN, Infinity, -Infinity)), tolerance: EXACT },
  { name: 'sqrt', domain: numbers(1e-6, 4e4), differentiable: true },
  { name: 'square', domain: wide, differentiable: true },
  { name: 'exp', domain: numbers(-60, 60), tolerance: { relative: 1e-5 }, differentiable: true },
  {
    name: 'log',
    domain: numbers(1e-6, 4e4),
    tolerance: { relative: 2e-6, absolute: 2e-7 },
    differentiable: true,
  },
  { name: 'rsqrt', domain: numbers(1e-6, 4e4), differentiable: true, gradientTolerance: { relative: 4e-6 } },
  { name: 'reciprocal', domain: numbers(1e-3, 4e4), differentiable: true },
  { name: 'sigmoid', domain: small, tolerance: { relative: 2e-6, absolute: 2e-7 }, differentiable: true },
  {
    name: 'tanh',
    domain: small,
    tolerance: { relative: 2e-6, absolute: 2e-7 },
    differentiable: true,
    gradientTolerance: { relative: 2e-6, absolute: 5e-7 },
  },
  { name: 'erf', domain: small, tolerance: ERF, differentiable: true },
  { name: 'expm1', domain: small, tolerance: { relative: 4e-6, absolute: 1e-37 }, differentiable: true },
  {
    name: 'log1p',
    domain: numbers(-0.9, 100),
    tolerance: { relative: 4e-6, absolute: 1e-37 },
    differentiable: true,
  },
  { name: 'softplus', domain: small, tolerance: { relative: 4e-6, absolute: 2e-7 }, differentiable: true },
  { name: 'elu', domain: small, tolerance: { relative: 4e-6, absolute: 2e-7 }, differentiable: true },
  { name: 'selu', domain: small, tolerance: { relative: 4e-6, absolute: 2e-7 }, differentiable: true },
  { name: 'sin', domain: small, tolerance: { relative: 2e-6, absolute: 2e-7 }, differentiable: true },
  { name: 'cos', domain: small, tolerance: { relative: 2e-6, absolute: 2e-7 }, differentiable: true },
  { name: 'tan', domain: numbers(-1.4, 1.4), tolerance: STEEP },
  { name: 'asin', domain: numbers(-0.95, 0.95), tolerance: STEEP, differentiable: true },
  { name: 'acos', domain: numbers(-0.95, 0.95), tolerance: STEEP, differentiable: true },
  { name: 'atan', domain: small, tolerance: STEEP, differentiable: true },
  { name: 'sinh', domain: small, tolerance: STEEP, differentiable: true },
  { name: 'cosh', domain: small, tolerance: STEEP, differentiable: true },
  { name: 'asinh', domain: small, tolerance: STEEP, differentiable: true },
  { name: 'acosh', domain: numbers(1.1, 50), tolerance: STEEP, differentiable: true },
  { name: 'atanh', domain: numbers(-0.95, 0.95), tolerance: STEEP, differentiable: true },
];

describe('functions of one number', () => {
  for (const {
    name,
    domain = numbers(),
    tolerance = ROUNDED,
    differentiable = false,
    gradientTolerance = tolerance,
  } of UNARY) {
    kernelProperty(name, {
      cases: shapes().chain((shape) =>
        floats(shape, domain).map((x): KernelCase => ({
          given: { x },
          call: (ops, inputs) => ops[name](get(inputs, 'x')),
        })),
      ),
      tolerance,
      gradientTolerance: gradientTolerance === EXACT ? ROUNDED : gradientTolerance,
      gradients: differentiable ? ['x'] : [],
      runs: 8,
    });
  }

  const activation = (
    name: string,
    call: (ops: typeof tf, x: Tensor) => Tensor,
    tolerance: Tolerance = ROUNDED,
  ): void =>
    kernelProperty(name, {
      cases: shapes().chain((shape) =>
        floats(shape, small).map((x): KernelCase => ({
          given: { x },
          call: (ops, inputs) => call(ops, get(inputs, 'x')),
        })),
      ),
      tolerance,
      gradients: ['x'],
      runs: 8,
    });
  activation('leakyRelu', (ops, x) => ops.leakyRelu(x, 0.1));
  activation('clipByValue', (ops, x) => ops.clipByValue(x, -1, 2));
  activation('swish, by its formula', (ops, x) => ops.mul(x, ops.sigmoid(x)), {
    relative: 4e-6,
    absolute: 8 * 2e-7,
  });
  activation('mish, by its formula', (ops, x) => ops.mul(x, ops.tanh(ops.softplus(x))), {
    relative: 1e-5,
    absolute: 2e-6,
  });
  activation(
    'gelu, by its formula',
    (ops, x) => ops.mul(ops.mul(x, 0.5), ops.add(ops.erf(ops.div(x, Math.SQRT2)), 1)),
    { relative: 0, absolute: 5e-6 },
  );
});

describe('functions of two numbers, broadcast', () => {
  type Binary = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'squaredDifference' | 'pow' | 'mod' | 'atan2' | 'floorDiv' | 'equal' | 'notEqual' | 'greater' | 'greaterEqual' | 'less' | 'lessEqual' | 'prelu'; // prettier-ignore
  const rows: readonly {
    name: Binary;
    a?: fc.Arbitrary<number>;
    b?: fc.Arbitrary<number>;
    tolerance?: Tolerance;
    differentiable?: boolean;
  }[] = [
    { name: 'add', tolerance: EXACT, differentiable: true },
    { name: 'sub', tolerance: EXACT, differentiable: true },
    { name: 'mul', a: tame(), b: tame(), differentiable: true },
    { name: 'div', a: tame(), b: tame(0.5, 4), differentiable: true },
    { name: 'maximum', tolerance: EXACT, differentiable: true },
    { name: 'minimum', tolerance: EXACT, differentiable: true },
    { name: 'squaredDifference', a: tame(), b: tame(), differentiable: true },
    {
      name: 'pow',
      a: tame(0.1, 4),
      b: tame(-2, 3),
      tolerance: { relative: 1e-5, absolute: 1e-6 },
      differentiable: true,
    },
    { name: 'mod', a: tame(-8, 8), b: tame(0.5, 4), tolerance: EXACT },
    { name: 'atan2', tolerance: STEEP },
    { name: 'floorDiv', a: tame(-8, 8), b: tame(0.5, 4), tolerance: EXACT },
    { name: 'equal', tolerance: EXACT },
    { name: 'notEqual', tolerance: EXACT },
    { name: 'greater', tolerance: EXACT },
    { name: 'greaterEqual', tolerance: EXACT },
    { name: 'less', tolerance: EXACT },
    { name: 'lessEqual', tolerance: EXACT },
  ];
  for (const { name, a = numbers(), b = numbers(), tolerance = ROUNDED, differentiable = false } of rows) {
    kernelProperty(name, {
      cases: broadcasting().chain(([left, right]) =>
        fc.tuple(floats(left, a), floats(right, b)).map(([x, y]): KernelCase => ({
          given: { x, y },
          call: (ops, inputs) =>
            (ops[name] as (a: Tensor, b: Tensor) => Tensor)(get(inputs, 'x'), get(inputs, 'y')),
        })),
      ),
      tolerance,
      gradientTolerance: {
        relative: Math.max(tolerance.relative, 4e-6),
        ofLargest: 4e-6,
        absolute: tolerance.absolute ?? 1e-37,
      },
      gradients: differentiable ? ['x', 'y'] : [],
    });
  }

  for (const name of [
    'add',
    'sub',
    'mul',
    'maximum',
    'minimum',
    'equal',
    'less',
    'floorDiv',
    'mod',
  ] as const) {
    kernelProperty(`${name} of integers`, {
      cases: broadcasting().chain(([left, right]) =>
        fc.tuple(integers(left, -9, 9), integers(right, 1, 9)).map(([x, y]): KernelCase => ({
          given: { x, y },
          call: (ops, inputs) =>
            (ops[name] as (a: Tensor, b: Tensor) => Tensor)(get(inputs, 'x'), get(inputs, 'y')),
        })),
      ),
      tolerance: EXACT,
      runs: 8,
    });
  }

  for (const name of ['logicalAnd', 'logicalOr', 'logicalXor'] as const) {
    kernelProperty(name, {
      cases: broadcasting().chain(([left, right]) =>
        fc.tuple(booleans(left), booleans(right)).map(([x, y]): KernelCase => ({
          given: { x, y },
          call: (ops, inputs) =>
            (ops[name] as (a: Tensor, b: Tensor) => Tensor)(get(inputs, 'x'), get(inputs, 'y')),
        })),
      ),
      tolerance: EXACT,
      runs: 8,
    });
  }

  kernelProperty('where', {
    cases: shapes().chain((shape) =>
      fc.tuple(booleans(shape), floats(shape), floats(shape)).map(([c, x, y]): KernelCase => ({
        given: { c, x, y },
        call: (ops, inputs) => ops.where(get(inputs, 'c'), get(inputs, 'x'), get(inputs, 'y')),
      })),
    ),
    tolerance: EXACT,
    gradientTolerance: ROUNDED,
    gradients: ['x', 'y'],
  });
  kernelProperty('prelu', {
    cases: shapes(1, 4).chain((shape) =>
      fc.tuple(floats(shape), floats(shape.slice(-1), tame())).map(([x, y]): KernelCase => ({
        given: { x, y },
        call: (ops, inputs) => ops.prelu(get(inputs, 'x'), get(inputs, 'y')),
      })),
    ),
    tolerance: ROUNDED,
    gradientTolerance: SUMMED,
    gradients: ['x', 'y'],
  });
  kernelProperty('addN', {
    cases: shapes().chain((shape) =>
      fc.tuple(floats(shape), floats(shape), floats(shape)).map(([x, y, z]): KernelCase => ({
        given: { x, y, z },
        call: (ops, inputs) => ops.addN([get(inputs, 'x'), get(inputs, 'y'), get(inputs, 'z')]),
      })),
    ),
    tolerance: SUMMED,
    gradients: ['x', 'z'],
  });
});

describe('casts', () => {
  const to = fc.constantFrom('float32', 'int32', 'bool');
  const cast = (given: fc.Arbitrary<KernelCase['given'][string]>): fc.Arbitrary<KernelCase> =>
    fc.tuple(given, to).map(([x, dtype]) => ({
      given: { x },
      call: (ops, inputs) => ops.cast(get(inputs, 'x'), dtype),
    }));
  kernelProperty('of numbers', {
    cases: shapes().chain((shape) => cast(floats(shape, tame(-9, 9)))),
    tolerance: EXACT,
  });
  kernelProperty('of integers', {
    cases: shapes().chain((shape) => cast(integers(shape, -3, 3))),
    tolerance: EXACT,
  });
  kernelProperty('of booleans', {
    cases: shapes().chain((shape) => cast(booleans(shape))),
    tolerance: EXACT,
  });
});
