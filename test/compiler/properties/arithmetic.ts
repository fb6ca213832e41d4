import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  anyNumbers,
  booleans,
  broadcasting,
  floats,
  get,
  integers,
  numbers,
  Properties,
  shapes,
  tame,
  ties,
  type KernelCase,
} from '../property.ts';
import type { Given, tf } from '../support.ts';
import type { Family } from '../tolerances.ts';

/** Functions of two and more numbers, broadcast. */
export const arithmetic = new Properties();

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'squaredDifference' | 'pow' | 'mod' | 'atan2' | 'floorDiv' | 'equal' | 'notEqual' | 'greater' | 'greaterEqual' | 'less' | 'lessEqual' | 'logicalAnd' | 'logicalOr' | 'logicalXor' | 'prelu'; // prettier-ignore

interface Row {
  readonly name: Binary;
  readonly family: Family;
  readonly a?: fc.Arbitrary<number>;
  readonly b?: fc.Arbitrary<number>;
  /** Family of the gradients; left out where there are none. */
  readonly slope?: Family;
}

const any = anyNumbers();
const ROWS: readonly Row[] = [
  { name: 'add', family: 'exact', slope: 'summed' },
  { name: 'sub', family: 'exact', slope: 'summed' },
  { name: 'mul', family: 'rounded', slope: 'summed' },
  { name: 'div', b: tame(0.5, 4), family: 'rounded', slope: 'summed' },
  { name: 'maximum', family: 'exact', slope: 'summed' },
  { name: 'minimum', family: 'exact', slope: 'summed' },
  { name: 'squaredDifference', a: tame(), b: tame(), family: 'rounded', slope: 'summed' },
  { name: 'pow', a: tame(0.1, 4), b: tame(-2, 3), family: 'power', slope: 'power' },
  { name: 'mod', a: tame(-8, 8), b: tame(0.5, 4), family: 'exact', slope: 'summed' },
  { name: 'floorDiv', a: tame(-8, 8), b: tame(0.5, 4), family: 'exact' },
  { name: 'atan2', family: 'steep' },
  { name: 'prelu', b: tame(), family: 'rounded', slope: 'summed' },
  ...(['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const).map((name): Row => ({
    name,
    family: 'exact',
    a: any,
    b: any,
  })),
];

function pair(
  name: Binary,
  left: (shape: number[]) => fc.Arbitrary<Given>,
  right: (shape: number[]) => fc.Arbitrary<Given>,
): fc.Arbitrary<KernelCase> {
  return broadcasting().chain(([one, other]) =>
    fc.tuple(left(one), right(other)).map(([x, y]): KernelCase => ({
      given: { x, y },
      call: (ops, inputs) =>
        (ops[name] as (a: Tensor, b: Tensor) => Tensor)(get(inputs, 'x'), get(inputs, 'y')),
    })),
  );
}

arithmetic.group('functions of two numbers, broadcast');
for (const { name, family, a = numbers(), b = numbers(), slope } of ROWS) {
  arithmetic.add({
    name,
    cases: pair(name, (shape) => floats(shape, a), (shape) => floats(shape, b)),
    tolerance: family,
    ...(slope === undefined ? {} : { gradientTolerance: slope, gradients: ['x', 'y'] }),
  }); // prettier-ignore
}
arithmetic.add({
  name: 'atan2 away from the origin, with its gradients',
  cases: pair('atan2', (shape) => floats(shape, tame()), (shape) => floats(shape, tame(0.1, 3))),
  tolerance: 'steep',
  gradients: ['x', 'y'],
}); // prettier-ignore
arithmetic.add({
  name: 'pow of whole exponents, also of zero and of negative numbers',
  cases: pair('pow', (shape) => ties(shape, -3, 3), (shape) => ties(shape, 0, 3)),
  tolerance: 'power',
}); // prettier-ignore
for (const name of ['maximum', 'minimum'] as const) {
  arithmetic.add({
    name: `${name} of equal numbers`,
    cases: pair(name, ties, ties),
    tolerance: 'exact',
    gradientTolerance: 'summed',
    gradients: ['x', 'y'],
  });
}

arithmetic.group('of integers');
for (const name of ['add', 'sub', 'mul', 'maximum', 'minimum', 'equal', 'less', 'floorDiv', 'mod', 'squaredDifference'] as const) {
  arithmetic.add({
    name: `${name} of integers`,
    cases: pair(name, (shape) => integers(shape, -9, 9), (shape) => integers(shape, 1, 9)),
    tolerance: 'exact',
    runs: 6,
  });
} // prettier-ignore

arithmetic.group('logic');
for (const name of ['logicalAnd', 'logicalOr', 'logicalXor', 'equal', 'notEqual', 'maximum'] as const) {
  arithmetic.add({
    name: `${name} of booleans`,
    cases: pair(name, booleans, booleans),
    tolerance: 'exact',
    runs: 5,
  });
}
arithmetic.add({
  name: 'bits of integers',
  cases: shapes().chain((shape) =>
    fc.tuple(integers(shape, 0, 255), integers(shape, 0, 255)).map(([x, y]): KernelCase => ({
      given: { x, y },
      call: (ops, inputs) => bitwiseAnd(ops, get(inputs, 'x'), get(inputs, 'y')),
    })),
  ),
  tolerance: 'exact',
});

/** Part of the library's kernels, but of no chained interface. */
function bitwiseAnd(ops: typeof tf, a: Tensor, b: Tensor): Tensor {
  return ops.engine().runKernel('BitwiseAnd', { a, b });
}

arithmetic.group('of three and more');
arithmetic.add({
  name: 'where, with a condition that is broadcast',
  cases: shapes(1).chain((shape) =>
    fc.tuple(booleans(shape.slice(-1)), floats(shape), floats([])).map(([c, x, y]): KernelCase => ({
      given: { c, x, y },
      call: (ops, inputs) => ops.where(get(inputs, 'c'), get(inputs, 'x'), get(inputs, 'y')),
    })),
  ),
  tolerance: 'exact',
  gradientTolerance: 'summed',
  gradients: ['x', 'y'],
});
arithmetic.add({
  name: 'where of integers and booleans',
  cases: shapes().chain((shape) =>
    fc.tuple(booleans(shape), integers(shape, -9, 9), booleans(shape)).map(([c, x, y]): KernelCase => ({
      given: { c, x, y },
      call: (ops, inputs) => [
        ops.where(get(inputs, 'c'), get(inputs, 'x'), ops.neg(get(inputs, 'x'))),
        ops.where(get(inputs, 'c'), get(inputs, 'y'), ops.logicalNot(get(inputs, 'y'))),
      ],
    })),
  ),
  tolerance: 'exact',
  runs: 5,
});
for (const count of [1, 2, 3]) {
  arithmetic.add({
    name: `addN of ${count}`,
    cases: shapes().chain((shape) =>
      fc.array(floats(shape), { minLength: count, maxLength: count }).map((all): KernelCase => ({
        given: Object.fromEntries(all.map((one, at) => [`x${at}`, one])),
        call: (ops, inputs) => ops.addN(all.map((_, at) => get(inputs, `x${at}`))),
      })),
    ),
    tolerance: 'summed',
    gradients: ['x0'],
    runs: 5,
  });
}
