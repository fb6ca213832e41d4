import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  anyNumbers,
  booleans,
  floats,
  get,
  integers,
  numbers,
  ofOne,
  Properties,
  shapes,
  tame,
  type KernelCase,
} from '../property.ts';
import type { tf } from '../support.ts';
import type { Family } from '../tolerances.ts';

/** Functions of one number, and activations. */
export const functions = new Properties();

type Unary = 'abs' | 'ceil' | 'floor' | 'neg' | 'relu' | 'relu6' | 'round' | 'sign' | 'sqrt' | 'square' | 'exp' | 'log' | 'rsqrt' | 'reciprocal' | 'sigmoid' | 'tanh' | 'erf' | 'expm1' | 'log1p' | 'softplus' | 'elu' | 'selu' | 'step' | 'isNaN' | 'isInf' | 'isFinite' | 'sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'asinh' | 'acosh' | 'atanh'; // prettier-ignore

interface Row {
  readonly name: Unary;
  readonly domain: fc.Arbitrary<number>;
  readonly family: Family;
  /** Family of the gradient; null where there is none. */
  readonly slope: Family | null;
}

const small = numbers(-8, 8);
const wide = numbers(-4e4, 4e4);
const any = anyNumbers();
const positive = numbers(1e-6, 4e4);
const open = numbers(-0.95, 0.95);

const ROWS: readonly Row[] = [
  { name: 'abs', domain: wide, family: 'exact', slope: 'exact' },
  { name: 'ceil', domain: any, family: 'exact', slope: 'exact' },
  { name: 'floor', domain: any, family: 'exact', slope: 'exact' },
  { name: 'round', domain: wide, family: 'exact', slope: 'exact' },
  { name: 'sign', domain: wide, family: 'exact', slope: 'exact' },
  { name: 'neg', domain: any, family: 'exact', slope: 'exact' },
  { name: 'relu', domain: wide, family: 'exact', slope: 'exact' },
  { name: 'relu6', domain: wide, family: 'exact', slope: 'exact' },
  { name: 'step', domain: wide, family: 'exact', slope: 'exact' },
  { name: 'isNaN', domain: any, family: 'exact', slope: null },
  { name: 'isInf', domain: any, family: 'exact', slope: null },
  { name: 'isFinite', domain: any, family: 'exact', slope: null },
  { name: 'square', domain: any, family: 'rounded', slope: 'rounded' },
  { name: 'sqrt', domain: fc.oneof(positive, fc.constantFrom(0, 1e-45, Infinity, -1, NaN)), family: 'rounded', slope: 'rounded' },
  { name: 'rsqrt', domain: fc.oneof(positive, fc.constantFrom(0, Infinity, -1, NaN)), family: 'rounded', slope: 'rounded' },
  { name: 'reciprocal', domain: fc.oneof(wide, fc.constantFrom(Infinity, NaN)), family: 'rounded', slope: 'rounded' },
  { name: 'exp', domain: fc.oneof(numbers(-60, 60), fc.constantFrom(-200, 200, Infinity, -Infinity, NaN)), family: 'exponential', slope: 'exponential' },
  { name: 'log', domain: fc.oneof(positive, fc.constantFrom(0, Infinity, NaN)), family: 'transcendental', slope: 'transcendental' },
  { name: 'expm1', domain: small, family: 'cancelling', slope: 'exponential' },
  { name: 'log1p', domain: numbers(-0.9, 100), family: 'cancelling', slope: 'cancelling' },
  { name: 'sigmoid', domain: fc.oneof(small, fc.constantFrom(-90, 90, 1e4, -1e4)), family: 'transcendental', slope: 'transcendental' },
  { name: 'tanh', domain: fc.oneof(small, fc.constantFrom(-90, 90, 1e4, -1e4)), family: 'transcendental', slope: 'gated' },
  { name: 'softplus', domain: fc.oneof(small, fc.constantFrom(-90, 90, 1e4, -1e4)), family: 'transcendental', slope: 'transcendental' },
  { name: 'erf', domain: small, family: 'erf', slope: 'erf' },
  { name: 'elu', domain: small, family: 'transcendental', slope: 'transcendental' },
  { name: 'selu', domain: small, family: 'transcendental', slope: 'exponential' },
  { name: 'sin', domain: small, family: 'transcendental', slope: 'transcendental' },
  { name: 'cos', domain: small, family: 'transcendental', slope: 'transcendental' },
  { name: 'tan', domain: numbers(-1.4, 1.4), family: 'steep', slope: 'steep' },
  { name: 'asin', domain: open, family: 'steep', slope: 'steep' },
  { name: 'acos', domain: open, family: 'steep', slope: 'steep' },
  { name: 'atan', domain: any, family: 'steep', slope: 'steep' },
  { name: 'sinh', domain: small, family: 'steep', slope: 'steep' },
  { name: 'cosh', domain: small, family: 'steep', slope: 'steep' },
  { name: 'asinh', domain: small, family: 'steep', slope: 'steep' },
  { name: 'acosh', domain: numbers(1.1, 50), family: 'steep', slope: 'steep' },
  { name: 'atanh', domain: open, family: 'steep', slope: 'steep' },
]; // prettier-ignore

functions.group('functions of one number');
for (const { name, domain, family, slope } of ROWS) {
  functions.add(
    ofOne(name, shapes(), () => fc.constant((ops, x) => ops[name](x)), {
      items: domain,
      tolerance: family,
      ...(slope === null ? { gradients: [] } : { gradientTolerance: slope }),
      runs: 6,
    }),
  );
}

functions.group('activations');
const activation = (
  name: string,
  call: (ops: typeof tf, x: Tensor) => Tensor,
  tolerance: Family,
  gradientTolerance: Family = tolerance,
): void => {
  functions.add(
    ofOne(name, shapes(), () => fc.constant(call), {
      items: small,
      tolerance,
      gradientTolerance,
      runs: 6,
    }),
  );
};
activation('leakyRelu', (ops, x) => ops.leakyRelu(x, 0.1), 'rounded');
activation('clipByValue', (ops, x) => ops.clipByValue(x, -1, 2), 'exact');
activation('step with a slope', (ops, x) => ops.step(x, 0.25), 'exact');
activation('swish', (ops, x) => ops.mul(x, ops.sigmoid(x)), 'gated');
activation('mish', (ops, x) => ops.mul(x, ops.tanh(ops.softplus(x))), 'gated');
activation(
  'gelu',
  (ops, x) => ops.mul(ops.mul(x, 0.5), ops.add(ops.erf(ops.div(x, Math.SQRT2)), 1)),
  'gated',
);
activation('hard sigmoid', (ops, x) => ops.clipByValue(ops.add(ops.mul(x, 0.2), 0.5), 0, 1), 'rounded');
activation('softsign', (ops, x) => ops.div(x, ops.add(ops.abs(x), 1)), 'gated');

functions.group('activations whose gradient is differentiated once more');
// Without denormal numbers: below zero the cpu backend takes the smallest of them for zero, where elu has its kink.
const TWICE: readonly [string, (ops: typeof tf, x: Tensor) => Tensor][] = [
  ['relu', (ops, x) => ops.square(ops.relu(x))],
  ['elu', (ops, x) => ops.elu(x)],
  ['selu', (ops, x) => ops.selu(x)],
  ['softplus', (ops, x) => ops.softplus(x)],
  ['exp', (ops, x) => ops.exp(ops.mul(x, 0.25))],
  ['sigmoid', (ops, x) => ops.sigmoid(x)],
  ['pow', (ops, x) => ops.pow(ops.add(ops.square(x), 1), 0.75)],
  ['tanh', (ops, x) => ops.tanh(x)],
  ['erf', (ops, x) => ops.erf(x)],
  ['swish', (ops, x) => ops.mul(x, ops.sigmoid(x))],
  ['mish', (ops, x) => ops.mul(x, ops.tanh(ops.softplus(x)))],
];
for (const [name, call] of TWICE) {
  functions.add(
    ofOne(
      `${name} twice`,
      shapes(),
      () => fc.constant((ops, x) => ops.grad((a: Tensor) => ops.sum(call(ops, a)))(x)),
      { items: tame(-8, 8), tolerance: 'gated', gradientTolerance: 'gated', runs: 6 },
    ),
  );
}

functions.group('integers and booleans');
for (const name of ['abs', 'neg', 'square', 'sign', 'relu'] as const) {
  functions.add(
    ofOne(`${name} of integers`, shapes(), () => fc.constant((ops, x) => ops[name](x)), {
      draw: (shape) => integers(shape, -9, 9),
      gradients: [],
      runs: 4,
    }),
  );
}
functions.add(
  ofOne('logicalNot', shapes(), () => fc.constant((ops, x) => ops.logicalNot(x)), {
    draw: booleans,
    gradients: [],
    runs: 4,
  }),
);

functions.group('casts, copies and constants');
const to = fc.constantFrom('float32', 'int32', 'bool');
for (const [what, draw] of [
  ['numbers', (shape: readonly number[]) => floats(shape, numbers(-9, 9))],
  ['integers', (shape: readonly number[]) => integers(shape, -3, 3)],
  ['booleans', booleans],
] as const) {
  functions.add(
    ofOne(`cast of ${what}`, shapes(), () => to.map((dtype) => (ops, x) => ops.cast(x, dtype)), {
      draw,
      gradients: [],
    }),
  );
}
functions.add(
  ofOne('clone, zerosLike and onesLike', shapes(), () =>
    fc.constant((ops, x) => [ops.clone(x), ops.add(ops.zerosLike(x), x), ops.mul(ops.onesLike(x), x)]),
  ),
);
functions.add({
  name: 'fill, range and linspace',
  cases: fc.tuple(floats([4]), fc.integer({ min: -3, max: 3 })).map(([x, from]): KernelCase => ({
    given: { x },
    call: (ops, inputs) => [
      ops.add(get(inputs, 'x'), ops.fill([4], from)),
      ops.add(get(inputs, 'x'), ops.linspace(from, from + 2, 4)),
      ops.add(get(inputs, 'x'), ops.range(from, from + 8, 2)),
    ],
  })),
  tolerance: 'rounded',
});
