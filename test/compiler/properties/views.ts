import fc from 'fast-check';
import { axesOf, axisOf, integers, ofOne, permutation, Properties, shapes, tame } from '../property.ts';

/** What moves numbers and computes none: views, cuts, joins, borders. */
export const views = new Properties();

const evenly = shapes(1, 4, 3).map((shape) => shape.map((size) => 2 * size));
const pairs = (rank: number, most: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.nat(most), fc.nat(most)), { minLength: rank, maxLength: rank });

views.group('views');
views.add(
  ofOne('reshape', shapes(0, 6, 3), (shape) =>
    permutation(shape.length).map(
      (order) => (ops, x) =>
        ops.reshape(
          ops.neg(x),
          order.map((axis) => shape[axis] ?? 1),
        ),
    ),
  ),
);
views.add(
  ofOne('transpose', shapes(0, 6, 3), (shape) =>
    permutation(shape.length).map((perm) => (ops, x) => ops.transpose(x, perm)),
  ),
);
views.add(
  ofOne('reverse', shapes(1), (shape) =>
    axesOf(shape.length).map((axes) => (ops, x) => ops.reverse(x, axes)),
  ),
);
views.add(
  ofOne('expandDims and squeeze', shapes(1, 4), (shape) =>
    axisOf(shape.length + 1).map((axis) => (ops, x) => ops.squeeze(ops.expandDims(ops.neg(x), axis), [axis])),
  ),
);
views.add(
  ofOne('tile', shapes(1, 5, 3), (shape) =>
    fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: shape.length, maxLength: shape.length })
      .map((reps) => (ops, x) => ops.tile(x, reps)),
  ),
);
views.add(
  ofOne('broadcastTo', shapes(0, 4, 3), (shape) =>
    fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).map(
      ([front, back]) =>
        (ops, x) =>
          ops.broadcastTo(ops.reshape(x, [1, ...shape, 1]), [front, ...shape, back]),
    ),
  ),
);
views.add(
  ofOne('diag', shapes(1, 2, 3), () => fc.constant((ops, x) => ops.diag(x))),
); // prettier-ignore
for (const [what, draw] of [['integers', (shape: readonly number[]) => integers(shape, -9, 9)]] as const) {
  views.add(
    ofOne(`transpose, tile and reverse of ${what}`, shapes(1, 3, 3), (shape) => permutation(shape.length).map((perm) => (ops, x) => ops.reverse(ops.tile(ops.transpose(x, perm), shape.map(() => 2)))), { draw, gradients: [], runs: 4 }),
  );
} // prettier-ignore

views.group('cuts');
views.add(
  ofOne('slice', shapes(1), (shape) =>
    fc
      .tuple(
        ...shape.map((size) =>
          fc
            .integer({ min: 0, max: size - 1 })
            .chain((begin) =>
              fc.tuple(fc.constant(begin), fc.oneof(fc.integer({ min: 1, max: size - begin }), fc.constant(-1))),
            ),
        ),
      )
      .map((cuts) => (ops, x) => ops.slice(x, cuts.map(([begin]) => begin), cuts.map(([, size]) => size))),
  ),
); // prettier-ignore
const stridedCut = (size: number): fc.Arbitrary<[number, number, number]> =>
  fc.tuple(
    fc.integer({ min: 0, max: size - 1 }),
    fc.integer({ min: 1, max: size }),
    fc.constantFrom(1, 2, 3, -1, -2),
  );
views.add(
  ofOne(
    'stridedSlice, forwards and backwards',
    shapes(1, 4, 6),
    (shape) =>
      fc.tuple(...shape.map(stridedCut)).map(
        (cuts) => (ops, x) =>
          ops.stridedSlice(
            x,
            cuts.map(([begin, , stride]) => (stride < 0 ? -1 : begin)),
            cuts.map(([begin, end, stride], at) =>
              stride < 0 ? -1 - (shape[at] ?? 0) : Math.max(end, begin + 1),
            ),
            cuts.map(([, , stride]) => stride),
          ),
      ),
    { runs: 15 },
  ),
);
views.add(
  ofOne('stridedSlice with masks', fc.constant([3, 4, 5]), () =>
    fc
      .tuple(fc.nat(7), fc.nat(7), fc.constantFrom(0, 1, 2, 4), fc.constantFrom(0, 1, 2))
      .filter(([, , fresh, shrunk]) => (fresh & shrunk) === 0)
      .map(
        ([beginMask, endMask, fresh, shrunk]) =>
          (ops, x) =>
            ops.stridedSlice(x, [1, 0, 1], [3, 2, 4], [1, 1, 1], beginMask, endMask, 0, fresh, shrunk),
      ),
  ),
);
views.add(
  ofOne('split, evenly', evenly, (shape) =>
    axisOf(shape.length).map((axis) => (ops, x) => ops.split(x, 2, axis)),
  ),
);
views.add(
  ofOne('split, by sizes', fc.constant([2, 5, 3]), () =>
    fc
      .constantFrom<number[]>([1, 4], [2, 2, 1], [5], [1, -1, 1])
      .map((sizes) => (ops, x) => ops.split(x, sizes, 1)),
  ),
);
views.add(
  ofOne('unstack', shapes(1), (shape) => axisOf(shape.length).map((axis) => (ops, x) => ops.unstack(x, axis))),
); // prettier-ignore

views.group('joins');
views.add(
  ofOne('concat', shapes(1), (shape) =>
    axisOf(shape.length).map((axis) => (ops, x) => ops.concat([x, ops.neg(x), x], axis)),
  ),
);
views.add(
  ofOne('stack', shapes(0, 4), (shape) =>
    axisOf(shape.length + 1).map((axis) => (ops, x) => ops.stack([x, ops.neg(x)], axis)),
  ),
);
views.add(
  ofOne('a stack of one', shapes(0, 3), () => fc.constant((ops, x) => ops.unstack(ops.stack([x])))),
); // prettier-ignore

views.group('borders');
views.add(
  ofOne('pad', shapes(1), (shape) => fc.tuple(pairs(shape.length, 2), tame()).map(([paddings, value]) => (ops, x) => ops.pad(x, paddings, value))),
); // prettier-ignore
for (const mode of ['reflect', 'symmetric'] as const) {
  views.add(
    ofOne(`mirrorPad, ${mode}`, shapes(1, 4).map((shape) => shape.map((size) => size + 1)), (shape) => fc.tuple(...shape.map((size) => { const most = mode === 'reflect' ? size - 1 : size; return fc.tuple(fc.nat(most), fc.nat(most)); })).map((paddings) => (ops, x) => ops.mirrorPad(x, paddings, mode)), { runs: 12 }),
  );
} // prettier-ignore

views.group('blocks');
const image = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }))
  .map(([batch, height, depth]) => [batch, height, height + 1, 4 * depth]);
views.add(
  ofOne('depthToSpace', image, () => fc.constant((ops, x) => ops.depthToSpace(x as never, 2, 'NHWC'))),
);
views.add(
  ofOne('spaceToBatchND and back', fc.constant([2, 4, 6, 3]), () => fc.constant((ops, x) => ops.batchToSpaceND(ops.neg(ops.spaceToBatchND(x, [2, 3], [[1, 1], [0, 3]])), [2, 3], [[1, 1], [0, 3]]))),
); // prettier-ignore
views.add(
  ofOne('flipLeftRight', image, () => fc.constant((ops, x) => ops.image.flipLeftRight(x as never)), {
    gradients: [],
  }),
);
