import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats, get, Properties, tame, type KernelCase } from '../property.ts';
import type { tf } from '../support.ts';

/** Matrix products, contractions, and iterations of them. */
export const products = new Properties();

const size = fc.integer({ min: 1, max: 5 });
type Batches = readonly [readonly number[], readonly number[]];

const matrices = (batches: fc.Arbitrary<Batches>): fc.Arbitrary<KernelCase> =>
  fc.tuple(size, size, size, fc.boolean(), fc.boolean(), batches).chain(([n, k, m, ta, tb, [left, right]]) =>
    fc
      .tuple(
        floats([...left, ...(ta ? [k, n] : [n, k])], tame()),
        floats([...right, ...(tb ? [m, k] : [k, m])], tame()),
      )
      .map(([x, y]): KernelCase => ({
        given: { x, y },
        call: (ops, inputs) => ops.matMul(get(inputs, 'x'), get(inputs, 'y'), ta, tb),
      })),
  );

products.group('matrix products');
products.add({
  name: 'matMul in all transposes, batched',
  cases: matrices(fc.constantFrom<Batches>([[], []], [[2], [2]], [[1], [1]], [[2, 3], [2, 3]], [[2, 1, 2], [2, 1, 2]])),
  tolerance: 'summed',
  gradients: ['x', 'y'],
  runs: 20,
}); // prettier-ignore
products.add({
  name: 'matMul with batches that are broadcast, with both gradients',
  cases: matrices(fc.constantFrom<Batches>([[1], [3]], [[2], [1]], [[], [2]])),
  tolerance: 'summed',
  gradients: ['x', 'y'],
  runs: 12,
}); // prettier-ignore
products.add({
  name: 'dot and outer product',
  cases: fc.tuple(floats([4], tame()), floats([4], tame()), floats([4, 3], tame())).map(([x, y, z]): KernelCase => ({
    given: { x, y, z },
    call: (ops, inputs) => [
      ops.dot(get(inputs, 'x'), get(inputs, 'y')),
      ops.dot(get(inputs, 'x'), get(inputs, 'z')),
      ops.outerProduct(get(inputs, 'x') as never, get(inputs, 'y') as never),
    ],
  })),
  tolerance: 'summed',
  gradients: ['x', 'y', 'z'],
}); // prettier-ignore
products.add({
  name: 'fused matMul with every activation',
  cases: fc
    .tuple(size, size, size, fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'))
    .chain(([n, k, m, activation]) =>
      fc
        .tuple(floats([n, k], tame()), floats([k, m], tame()), floats([m], tame()), floats([m], tame()))
        .map(([x, y, z, alpha]): KernelCase => ({
          given: { x, y, z, alpha },
          call: (ops, inputs) =>
            ops.fused.matMul({
              a: get(inputs, 'x'),
              b: get(inputs, 'y'),
              bias: get(inputs, 'z'),
              activation: activation,
              ...(activation === 'prelu' ? { preluActivationWeights: get(inputs, 'alpha') } : {}),
              ...(activation === 'leakyrelu' ? { leakyreluAlpha: 0.3 } : {}),
            }),
        })),
    ),
  tolerance: 'gated',
  runs: 14,
}); // prettier-ignore

products.group('einsum');
const EQUATIONS = [
  'ij,jk->ik', 'ij,jk->ki', 'bij,bkj->bik', 'ij,ij->i', 'ij,ij->ij', 'ij,ij->', 'ij,k->jik', 'ij,jk->k', 'bhqd,bhkd->bhqk',
  'bqd,kd->bkq', 'i,j->', 'i,->i', ',ij->ji', 'ij,kl->jl',
]; // prettier-ignore
const SIZES: Readonly<Record<string, number>> = { i: 2, j: 3, k: 4, l: 2, b: 2, h: 2, q: 3, d: 2 };
const shapeOf = (letters: string): number[] => Array.from(letters, (letter) => SIZES[letter] ?? 1);
products.add({
  name: 'einsum of two',
  cases: fc.constantFrom(...EQUATIONS).chain((equation) => {
    const [left = '', right = ''] = (equation.split('->')[0] ?? '').split(',');
    return fc.tuple(floats(shapeOf(left), tame()), floats(shapeOf(right), tame())).map(([x, y]): KernelCase => ({
      given: { x, y },
      call: (ops, inputs) => ops.einsum(equation, get(inputs, 'x'), get(inputs, 'y')),
    }));
  }),
  tolerance: 'summed',
  gradients: ['x', 'y'],
  runs: 30,
}); // prettier-ignore
products.add({
  name: 'einsum of one',
  cases: fc.constantFrom('ij->ji', 'ij->i', 'ij->', 'bhqd->bqhd', 'bij->jb', 'ij->ij').chain((equation) =>
    floats(shapeOf(equation.split('->')[0] ?? ''), tame()).map((x): KernelCase => ({
      given: { x },
      call: (ops, inputs) => ops.einsum(equation, get(inputs, 'x')),
    })),
  ),
  tolerance: 'summed',
  gradients: ['x'],
  runs: 10,
});

products.group('fixed iterations and small linear algebra, unrolled');
const unrolled = (
  name: string,
  shape: readonly number[],
  call: (ops: typeof tf, x: Tensor) => Tensor | Tensor[],
): void => {
  products.add({
    name,
    cases: floats(shape, tame()).map((x): KernelCase => ({
      given: { x },
      call: (ops, inputs) => call(ops, get(inputs, 'x')),
    })),
    tolerance: 'iterated',
    gradients: ['x'],
    runs: 4,
  });
};
/** The most stretched direction after some rounds of v ← A v / |A v|. */
function dominant(ops: typeof tf, matrix: Tensor, rounds: number): Tensor {
  let v: Tensor = ops.ones([matrix.shape[1] ?? 1, 1]);
  for (let round = 0; round < rounds; round++) {
    const next = ops.matMul(matrix, v);
    v = ops.div(next, ops.norm(next));
  }
  return v;
}
unrolled('power iteration', [4, 4], (ops, x) => {
  const matrix = ops.add(x, ops.mul(ops.eye(4), 8));
  const v = dominant(ops, matrix, 5);
  return ops.sum(ops.mul(ops.matMul(matrix, v), v));
});
unrolled('the largest singular value, by power iteration', [5, 3], (ops, x) => {
  const shifted = ops.add(x, 1);
  const gram = ops.matMul(shifted, shifted, true, false);
  return ops.norm(ops.matMul(shifted, dominant(ops, gram, 6)));
});
unrolled('Sinkhorn iterations in the log domain', [4, 5], (ops, x) => {
  let plan: Tensor = ops.mul(x, -2);
  for (let round = 0; round < 6; round++) {
    plan = ops.sub(plan, ops.logSumExp(plan, 1, true));
    plan = ops.sub(plan, ops.logSumExp(plan, 0, true));
  }
  return ops.exp(plan);
});
unrolled('the band of a matrix', [4, 4], (ops, x) => ops.linalg.bandPart(x, 1, 0));
unrolled('QR decomposition', [3, 3], (ops, x) =>
  ops.linalg.qr(ops.add(x, ops.mul(ops.eye(3), 5))).map((part) => ops.square(part)),
);
unrolled('Gram-Schmidt', [3, 3], (ops, x) =>
  ops.linalg.gramSchmidt(ops.add<Tensor2D>(x, ops.mul(ops.eye(3), 5))),
);
unrolled('a Fourier transform as two real products', [4, 4], (ops, x) => {
  const angle = (at: number): number => (-2 * Math.PI * (at % 4) * Math.floor(at / 4)) / 4;
  const part = (of: (angle: number) => number): Tensor =>
    ops.tensor(Float32Array.from({ length: 16 }, (_, at) => of(angle(at)) / 2), [4, 4]);
  const [re, im] = [ops.matMul(part(Math.cos), x), ops.matMul(part(Math.sin), x)];
  return ops.add(ops.square(re), ops.square(im));
}); // prettier-ignore
