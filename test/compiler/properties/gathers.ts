import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  axisOf,
  booleans,
  floats,
  get,
  integers,
  Properties,
  shapes,
  tame,
  type KernelCase,
} from '../property.ts';
import type { Given, tf } from '../support.ts';

/** What takes from places that are data, or puts there. */
export const gathers = new Properties();

type Call = (ops: typeof tf, x: Tensor, i: Tensor) => Tensor | readonly Tensor[];

const indexed = (x: fc.Arbitrary<Given>, i: fc.Arbitrary<Given>, call: Call): fc.Arbitrary<KernelCase> =>
  fc.tuple(x, i).map(([values, places]) => ({
    given: { x: values, i: places },
    call: (ops, inputs) => call(ops, get(inputs, 'x'), get(inputs, 'i')),
  }));

const moves = { tolerance: 'exact', gradientTolerance: 'summed', gradients: ['x'] } as const;
const few = fc.integer({ min: 1, max: 3 });

gathers.group('gathering');
gathers.add({
  name: 'gather along any axis, by indices of any rank',
  cases: shapes(1, 4).chain((shape) =>
    axisOf(shape.length).chain((axis) =>
      shapes(0, 3, 3).chain((picks) =>
        indexed(floats(shape), integers(picks, 0, (shape.at(axis) ?? 1) - 1), (ops, x, i) =>
          ops.gather(x, i, axis),
        ),
      ),
    ),
  ),
  ...moves,
  runs: 15,
});
gathers.add({
  name: 'gather within one and two batch axes',
  cases: fc
    .tuple(few, few, few, fc.integer({ min: 1, max: 4 }), few, fc.constantFrom(1, 2), few)
    .chain(([a, b, outer, extent, inner, batchDims, picks]) => {
      const batch = batchDims === 1 ? [a] : [a, b];
      return indexed(
        floats([...batch, outer, extent, inner]),
        integers([...batch, picks], 0, extent - 1),
        (ops, x, i) => ops.gather(x, i, batchDims + 1, batchDims),
      );
    }),
  ...moves,
  runs: 12,
});
gathers.add({
  name: 'embeddings: gather of rows, hit several times',
  cases: fc
    .integer({ min: 1, max: 6 })
    .chain((words) =>
      indexed(floats([words, 3]), integers([2, 5], 0, words - 1), (ops, x, i) => ops.gather(x, i)),
    ),
  ...moves,
});
gathers.add({
  name: 'gatherND of numbers and of rows',
  cases: fc
    .tuple(few, few, few, fc.constantFrom(1, 2, 3), shapes(1, 2, 3))
    .chain(([a, b, c, depth, picks]) =>
      indexed(
        floats([a, b, c]),
        integers([...picks, depth], 0, Math.min(...[a, b, c].slice(0, depth)) - 1),
        (ops, x, i) => ops.gatherND(x, i),
      ),
    ),
  ...moves,
});

gathers.group('scattering');
gathers.add({
  name: 'scatterND, with places hit several times',
  cases: fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 2))
    .chain(([rows, depth]) =>
      indexed(
        floats(depth === 1 ? [4, 2] : [4], tame()),
        integers([4, depth], 0, Math.min(rows, depth === 1 ? rows : 2) - 1),
        (ops, x, i) => ops.scatterND(i, x, [rows, 2]),
      ),
    ),
  tolerance: 'summed',
  gradients: ['x'],
});
gathers.add({
  name: 'tensorScatterUpdate',
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
  ...moves,
  gradients: ['x', 'u'],
});
gathers.add({
  name: 'sparseToDense',
  cases: fc
    .tuple(floats([2]), fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 2 }), tame())
    .map(([x, places, rest]): KernelCase => ({
      given: { x, i: { shape: [2, 2], dtype: 'int32', values: Int32Array.from(places.flatMap((at) => [at, 1])) } },
      call: (ops, inputs) => ops.sparseToDense(get(inputs, 'i'), get(inputs, 'x'), [4, 2], rest),
    })),
  tolerance: 'exact',
}); // prettier-ignore
gathers.add({
  name: 'segment sums, where ids outside count nowhere',
  cases: fc
    .tuple(fc.integer({ min: 1, max: 4 }), shapes(0, 2, 3))
    .chain(([segments, inner]) =>
      indexed(floats([5, ...inner], tame()), integers([5], -1, segments), (ops, x, i) =>
        ops.unsortedSegmentSum(x, i as Tensor1D, segments),
      ),
    ),
  tolerance: 'summed',
});
gathers.add({
  name: 'gradient of segment sums',
  cases: fc
    .integer({ min: 1, max: 4 })
    .chain((segments) =>
      indexed(floats([5, 3], tame()), integers([5], 0, segments - 1), (ops, x, i) =>
        ops.unsortedSegmentSum(x, i as Tensor1D, segments),
      ),
    ),
  tolerance: 'summed',
  gradients: ['x'],
});
gathers.add({
  name: 'oneHot, also of classes that do not exist',
  cases: shapes(0, 3).chain((shape) =>
    fc
      .tuple(integers(shape, -1, 4), fc.integer({ min: 2, max: 4 }), fc.boolean())
      .map(([i, depth, plain]): KernelCase => ({
        given: { i },
        call: (ops, inputs) =>
          plain ? ops.oneHot(get(inputs, 'i'), depth) : ops.oneHot(get(inputs, 'i'), depth, 0.9, 0.1, 'float32'),
      })),
  ),
  tolerance: 'exact',
}); // prettier-ignore
gathers.add({
  name: 'dropout by a mask that is an input',
  cases: shapes(1).chain((shape) =>
    fc.tuple(floats(shape), booleans(shape)).map(([x, mask]): KernelCase => ({
      given: { x, mask },
      call: (ops, inputs) => ops.div(ops.mul(get(inputs, 'x'), ops.cast(get(inputs, 'mask'), 'float32')), 0.75),
    })),
  ),
  tolerance: 'rounded',
  gradients: ['x'],
}); // prettier-ignore
