import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import {
  axesOf,
  booleans,
  EXACT,
  floats,
  get,
  integers,
  kernelProperty,
  numbers,
  shapes,
  SUMMED,
  tame,
  type KernelCase,
  type KernelProperty,
} from './property.ts';
import type { tf } from './support.ts';
import { useCpu } from './support.ts';

beforeAll(useCpu);

type Call = (ops: typeof tf, x: Tensor) => Tensor | readonly Tensor[];

/** A property of one tensor, with a call that is drawn for its shape. */
function ofOne(
  name: string,
  shape: fc.Arbitrary<readonly number[]>,
  call: (shape: readonly number[]) => fc.Arbitrary<Call>,
  options: Partial<KernelProperty> & { readonly items?: fc.Arbitrary<number> } = {},
): void {
  const { items = numbers(), ...rest } = options;
  kernelProperty(name, {
    cases: shape.chain((size) =>
      fc
        .tuple(floats(size, items), call(size))
        .map(([x, run]): KernelCase => ({ given: { x }, call: (ops, inputs) => run(ops, get(inputs, 'x')) })),
    ),
    tolerance: EXACT,
    gradientTolerance: SUMMED,
    gradients: ['x'],
    ...rest,
  });
}

const permutation = (rank: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank, maxLength: rank },
  );
const axisOf = (rank: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: rank - 1 });

describe('reductions', () => {
  for (const name of ['sum', 'mean', 'max', 'min', 'logSumExp'] as const) {
    ofOne(
      name,
      shapes(),
      (shape) =>
        fc.tuple(axesOf(shape.length), fc.boolean()).map(
          ([axes, keep]) =>
            (ops, x) =>
              ops[name](x, axes, keep),
        ),
      {
        tolerance:
          name === 'max' || name === 'min' ? EXACT : { relative: 4e-6, ofLargest: 2e-6, absolute: 1e-6 },
        items: name === 'logSumExp' ? tame(-20, 20) : numbers(-100, 100),
      },
    );
  }
  ofOne('prod', shapes(), (shape) => axesOf(shape.length).map((axes) => (ops, x) => ops.prod(x, axes)), {
    tolerance: SUMMED,
    items: tame(),
    gradients: [],
  });
  for (const name of ['argMax', 'argMin'] as const) {
    ofOne(name, shapes(1), (shape) => axisOf(shape.length).map((axis) => (ops, x) => ops[name](x, axis)), {
      gradients: [],
    });
  }
  for (const name of ['all', 'any'] as const) {
    kernelProperty(name, {
      cases: shapes(1).chain((shape) =>
        fc.tuple(booleans(shape), axesOf(shape.length)).map(([x, axes]): KernelCase => ({
          given: { x },
          call: (ops, inputs) => ops[name](get(inputs, 'x'), axes),
        })),
      ),
      tolerance: EXACT,
    });
  }
  kernelProperty('sum of integers', {
    cases: shapes().chain((shape) =>
      fc.tuple(integers(shape, -9, 9), axesOf(shape.length)).map(([x, axes]): KernelCase => ({
        given: { x },
        call: (ops, inputs) => ops.sum(get(inputs, 'x'), axes),
      })),
    ),
    tolerance: EXACT,
  });
  ofOne('softmax', shapes(1), () => fc.constant((ops, x) => ops.softmax(x)), {
    tolerance: { relative: 4e-6, absolute: 1e-7 },
    gradientTolerance: { relative: 4e-6, ofLargest: 4e-6, absolute: 1e-6 },
    items: tame(-30, 30),
  });
  ofOne('logSoftmax', shapes(1), () => fc.constant((ops, x) => ops.logSoftmax(x)), {
    tolerance: { relative: 4e-6, absolute: 4e-6 },
    gradientTolerance: { relative: 4e-6, ofLargest: 4e-6, absolute: 2e-6 },
    items: tame(-30, 30),
  });
  ofOne(
    'cumsum',
    shapes(1),
    (shape) =>
      fc.tuple(axisOf(shape.length), fc.boolean(), fc.boolean()).map(
        ([axis, exclusive, reverse]) =>
          (ops, x) =>
            ops.cumsum(x, axis, exclusive, reverse),
      ),
    { tolerance: SUMMED, items: tame() },
  );
  ofOne(
    'cumprod',
    shapes(1, 3, 7),
    (shape) =>
      fc.tuple(axisOf(shape.length), fc.boolean(), fc.boolean()).map(
        ([axis, exclusive, reverse]) =>
          (ops, x) =>
            ops.cumprod(x, axis, exclusive, reverse),
      ),
    { tolerance: SUMMED, items: tame(), gradients: [] },
  );
  kernelProperty('topk, without ties', {
    cases: fc
      .tuple(
        shapes(0, 2),
        fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 3, maxLength: 7 }),
        fc.integer({ min: 1, max: 3 }),
      )
      .map(([outer, values, k]): KernelCase => {
        const rows = outer.reduce((a, b) => a * b, 1);
        const x = {
          shape: [...outer, values.length],
          values: Float32Array.from(
            { length: rows * values.length },
            (_, at) => values[at % values.length] ?? 0,
          ),
        };
        return { given: { x }, call: (ops, inputs) => Object.values(ops.topk(get(inputs, 'x'), k)) };
      }),
    tolerance: EXACT,
  });
});

describe('views, cuts and joins', () => {
  ofOne(
    'reshape',
    shapes(),
    (shape) =>
      permutation(shape.length).map(
        (order) => (ops, x) =>
          ops.exp(
            ops.reshape(
              x,
              order.map((axis) => shape[axis] ?? 1),
            ),
          ),
      ),
    { tolerance: { relative: 4e-6 } },
  );
  ofOne('transpose', shapes(), (shape) =>
    permutation(shape.length).map((perm) => (ops, x) => ops.transpose(x, perm)),
  );
  ofOne('reverse', shapes(1), (shape) =>
    axesOf(shape.length).map((axes) => (ops, x) => ops.reverse(x, axes)),
  );
  ofOne('expandDims and squeeze', shapes(1, 3), (shape) =>
    axisOf(shape.length + 1).map((axis) => (ops, x) => ops.squeeze(ops.expandDims(x, axis), [axis])),
  );
  ofOne('tile', shapes(1, 3), (shape) =>
    fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: shape.length, maxLength: shape.length })
      .map((reps) => (ops, x) => ops.tile(x, reps)),
  );
  ofOne('broadcastTo', shapes(1, 3), (shape) =>
    fc
      .integer({ min: 1, max: 3 })
      .map((front) => (ops, x) => ops.broadcastTo(ops.reshape(x, [1, ...shape]), [front, ...shape])),
  );
  ofOne('slice', shapes(1), (shape) =>
    fc
      .tuple(
        ...shape.map((size) =>
          fc
            .integer({ min: 0, max: size - 1 })
            .chain((begin) => fc.tuple(fc.constant(begin), fc.integer({ min: 1, max: size - begin }))),
        ),
      )
      .map(
        (cuts) => (ops, x) =>
          ops.slice(
            x,
            cuts.map(([begin]) => begin),
            cuts.map(([, size]) => size),
          ),
      ),
  );
  ofOne(
    'stridedSlice',
    shapes(1, 3, 6),
    (shape) =>
      fc
        .tuple(
          ...shape.map((size) =>
            fc.tuple(
              fc.integer({ min: 0, max: size - 1 }),
              fc.integer({ min: 1, max: size }),
              fc.constantFrom(1, 2, 3, -1, -2),
            ),
          ),
        )
        .map((cuts) => (ops, x) => {
          const backwards = cuts.map(([, , stride]) => stride < 0);
          return ops.stridedSlice(
            x,
            cuts.map(([begin], at) => (backwards[at] === true ? -1 : begin)),
            cuts.map(([, end], at) => (backwards[at] === true ? -1 - (shape[at] ?? 0) : end)),
            cuts.map(([, , stride]) => stride),
          );
        }),
    { gradients: [] },
  );
  ofOne('pad', shapes(1), (shape) =>
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: shape.length, maxLength: shape.length }),
        tame(),
      )
      .map(
        ([paddings, value]) =>
          (ops, x) =>
            ops.pad(x, paddings, value),
      ),
  );
  for (const mode of ['reflect', 'symmetric'] as const) {
    ofOne(
      `mirrorPad, ${mode}`,
      shapes(1, 3).map((shape) => shape.map((size) => size + 1)),
      (shape) =>
        fc
          .array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: shape.length, maxLength: shape.length })
          .map((paddings) => (ops, x) => ops.mirrorPad(x, paddings, mode)),
      { gradients: [] },
    );
  }
  ofOne(
    'split',
    shapes(1, 4, 3).map((shape) => shape.map((size) => 2 * size)),
    (shape) => axisOf(shape.length).map((axis) => (ops, x) => ops.split(x, 2, axis)),
  );
  ofOne('unstack', shapes(1), (shape) =>
    axisOf(shape.length).map((axis) => (ops, x) => ops.unstack(x, axis)),
  );
  ofOne('concat', shapes(1), (shape) =>
    axisOf(shape.length).map((axis) => (ops, x) => ops.concat([x, ops.neg(x), x], axis)),
  );
  ofOne('stack', shapes(0, 3), (shape) =>
    axisOf(shape.length + 1).map((axis) => (ops, x) => ops.stack([x, ops.neg(x)], axis)),
  );
  ofOne(
    'depthToSpace',
    fc
      .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }))
      .map(([n, h, c]) => [n, h, h + 1, 4 * c]),
    () => fc.constant((ops, x) => ops.depthToSpace(x as never, 2, 'NHWC')),
    { gradients: [] },
  );
  ofOne('spaceToBatchND and back', fc.constant([2, 4, 6, 3]), () => fc.constant((ops, x) => ops.batchToSpaceND(ops.exp(ops.spaceToBatchND(x, [2, 3], [[1, 1], [0, 3]])), [2, 3], [[1, 1], [0, 3]])), { tolerance: { relative: 4e-6 }, gradients: [] }); // prettier-ignore
  ofOne('diag', shapes(1, 2, 3), () => fc.constant((ops, x) => ops.diag(x)), { gradients: [] });
});

describe('gathering and scattering', () => {
  kernelProperty('gather', {
    cases: shapes(1, 3).chain((shape) =>
      axisOf(shape.length).chain((axis) =>
        shapes(1, 2).chain((picks) =>
          fc.tuple(floats(shape), integers(picks, 0, (shape[axis] ?? 1) - 1)).map(([x, i]): KernelCase => ({
            given: { x, i },
            call: (ops, inputs) => ops.gather(get(inputs, 'x'), get(inputs, 'i'), axis),
          })),
        ),
      ),
    ),
    tolerance: EXACT,
    gradientTolerance: SUMMED,
    gradients: ['x'],
  });
  kernelProperty('gather within batches', {
    cases: fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
      .chain(([batch, size, inner]) =>
        fc
          .tuple(floats([batch, size, inner]), integers([batch, 2], 0, size - 1))
          .map(([x, i]): KernelCase => ({
            given: { x, i },
            call: (ops, inputs) => ops.gather(get(inputs, 'x'), get(inputs, 'i'), 1, 1),
          })),
      ),
    tolerance: EXACT,
  });
  kernelProperty('gatherND', {
    cases: fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
      .chain(([a, b, inner]) =>
        fc
          .tuple(floats([a, b, inner]), integers([3, 2], 0, Math.min(a, b) - 1))
          .map(([x, i]): KernelCase => ({
            given: { x, i },
            call: (ops, inputs) => ops.gatherND(get(inputs, 'x'), get(inputs, 'i')),
          })),
      ),
    tolerance: EXACT,
  });
  kernelProperty('scatterND, with places hit twice', {
    cases: fc.integer({ min: 1, max: 5 }).chain((rows) =>
      fc.tuple(floats([4, 2], tame()), integers([4, 1], 0, rows - 1)).map(([x, i]): KernelCase => ({
        given: { x, i },
        call: (ops, inputs) => ops.scatterND(get(inputs, 'i'), get(inputs, 'x'), [rows, 2]),
      })),
    ),
    tolerance: SUMMED,
  });
  kernelProperty('unsortedSegmentSum', {
    cases: fc.integer({ min: 1, max: 4 }).chain((segments) =>
      fc.tuple(floats([5, 3], tame()), integers([5], 0, segments - 1)).map(([x, i]): KernelCase => ({
        given: { x, i },
        call: (ops, inputs) =>
          ops.unsortedSegmentSum(get(inputs, 'x'), get(inputs, 'i') as Tensor1D, segments),
      })),
    ),
    tolerance: SUMMED,
    gradients: ['x'],
  });
  kernelProperty('tensorScatterUpdate', {
    cases: fc
      .tuple(
        floats([5, 2]),
        floats([2, 2]),
        fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 2 }),
      )
      .map(([x, u, places]): KernelCase => ({
        given: { x, u, i: { shape: [2, 1], dtype: 'int32', values: Int32Array.from(places) } },
        call: (ops, inputs) => ops.tensorScatterUpdate(get(inputs, 'x'), get(inputs, 'i'), get(inputs, 'u')),
      })),
    tolerance: EXACT,
  });
  kernelProperty('oneHot, also of classes that do not exist', {
    cases: shapes(1, 2).chain((shape) =>
      fc
        .tuple(integers(shape, -1, 4), fc.integer({ min: 2, max: 4 }), fc.boolean())
        .map(([i, depth, plain]): KernelCase => ({
          given: { i },
          call: (ops, inputs) =>
            plain
              ? ops.oneHot(get(inputs, 'i'), depth)
              : ops.oneHot(get(inputs, 'i'), depth, 0.9, 0.1, 'float32'),
        })),
    ),
    tolerance: EXACT,
  });
});

describe('matrix products', () => {
  const size = fc.integer({ min: 1, max: 5 });
  kernelProperty('matMul, batched, broadcast, in all transposes', {
    cases: fc
      .tuple(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom<readonly (readonly number[])[]>(
          [[], []],
          [[2], [2]],
          [[1], [3]],
          [
            [2, 3],
            [2, 3],
          ],
        ),
      )
      .chain(([n, k, m, ta, tb, batches]) => {
        const a = [...(batches[0] ?? []), ...(ta ? [k, n] : [n, k])];
        const b = [...(batches[1] ?? []), ...(tb ? [m, k] : [k, m])];
        return fc.tuple(floats(a, tame()), floats(b, tame())).map(([x, y]): KernelCase => ({
          given: { x, y },
          call: (ops, inputs) => ops.matMul(get(inputs, 'x'), get(inputs, 'y'), ta, tb),
        }));
      }),
    tolerance: SUMMED,
    runs: 20,
  });
  kernelProperty('gradients of matMul', {
    cases: fc
      .tuple(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom<readonly number[]>([], [2], [2, 2]),
      )
      .chain(([n, k, m, ta, tb, batch]) =>
        fc
          .tuple(
            floats([...batch, ...(ta ? [k, n] : [n, k])], tame()),
            floats([...batch, ...(tb ? [m, k] : [k, m])], tame()),
          )
          .map(([x, y]): KernelCase => ({
            given: { x, y },
            call: (ops, inputs) => ops.matMul(get(inputs, 'x'), get(inputs, 'y'), ta, tb),
          })),
      ),
    tolerance: SUMMED,
    gradients: ['x', 'y'],
  });
  kernelProperty('fused matMul', {
    cases: fc
      .tuple(size, size, size, fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid'))
      .chain(([n, k, m, activation]) =>
        fc
          .tuple(floats([n, k], tame()), floats([k, m], tame()), floats([m], tame()))
          .map(([x, y, z]): KernelCase => ({
            given: { x, y, z },
            call: (ops, inputs) =>
              ops.fused.matMul({
                a: get(inputs, 'x'),
                b: get(inputs, 'y'),
                bias: get(inputs, 'z'),
                activation: activation,
              }),
          })),
      ),
    tolerance: { relative: 4e-6, ofLargest: 4e-6, absolute: 4e-7 },
  });
  kernelProperty('einsum', {
    cases: fc
      .constantFrom('ij,jk->ik', 'bij,bkj->bik', 'ij,ij->i', 'ij,k->jik', 'bhqd,bhkd->bhqk')
      .chain((equation) => {
        const sizes: Readonly<Record<string, number>> = { i: 2, j: 3, k: 4, b: 2, h: 2, q: 3, d: 2 };
        const [left = '', right = ''] = (equation.split('->')[0] ?? '').split(',');
        const shapeOf = (letters: string): number[] => Array.from(letters, (letter) => sizes[letter] ?? 1);
        return fc
          .tuple(floats(shapeOf(left), tame()), floats(shapeOf(right), tame()))
          .map(([x, y]): KernelCase => ({
            given: { x, y },
            call: (ops, inputs) => ops.einsum(equation, get(inputs, 'x'), get(inputs, 'y')),
          }));
      }),
    tolerance: SUMMED,
    runs: 12,
  });
  kernelProperty('power iteration, unrolled', {
    cases: floats([4, 4], tame()).map((x): KernelCase => ({
      given: { x },
      call: (ops, inputs) => {
        const matrix = ops.add(get(inputs, 'x'), ops.mul(ops.eye(4), 8));
        let v: Tensor = ops.ones([4, 1]);
        for (let round = 0; round < 5; round++) {
          const next = ops.matMul(matrix, v);
          v = ops.div(next, ops.norm(next));
        }
        return ops.sum(ops.mul(ops.matMul(matrix, v), v));
      },
    })),
    tolerance: { relative: 1e-5 },
    gradientTolerance: { relative: 1e-4, ofLargest: 1e-4 },
    gradients: ['x'],
    runs: 5,
  });
});
