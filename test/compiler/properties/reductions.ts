import fc from 'fast-check';
import {
  axesOf,
  axisOf,
  booleans,
  floats,
  integers,
  numbers,
  ofOne,
  Properties,
  shapes,
  tame,
  ties,
} from '../property.ts';

/** Sums, extremes, positions, scans and sorting. */
export const reductions = new Properties();

reductions.group('over axes');
for (const name of ['sum', 'mean', 'logSumExp'] as const) {
  reductions.add(
    ofOne(name, shapes(), (shape) => fc.tuple(axesOf(shape.length), fc.boolean()).map(([axes, keep]) => (ops, x) => ops[name](x, axes, keep)), {
      tolerance: name === 'logSumExp' ? 'softmax' : 'summed',
      gradientTolerance: name === 'logSumExp' ? 'softmax' : 'summed',
      items: name === 'logSumExp' ? tame(-20, 20) : numbers(-100, 100),
    }),
  );
} // prettier-ignore
for (const name of ['max', 'min'] as const) {
  for (const [what, draw] of [
    ['any numbers', (shape: readonly number[]) => floats(shape, numbers(-3e4, 3e4))],
    ['many equal ones', ties],
  ] as const) {
    reductions.add(
      ofOne(`${name} of ${what}`, shapes(), (shape) => fc.tuple(axesOf(shape.length), fc.boolean()).map(([axes, keep]) => (ops, x) => ops[name](x, axes, keep)), { draw }),
    );
  } // prettier-ignore
}
reductions.add(
  ofOne('prod, also of zeros', shapes(0, 4, 3), (shape) => fc.tuple(axesOf(shape.length), fc.boolean()).map(([axes, keep]) => (ops, x) => ops.prod(x, axes.length === 0 ? undefined : axes, keep)), {
    tolerance: 'summed',
    items: fc.oneof(tame(), fc.constant(0)),
  }),
); // prettier-ignore
for (const name of ['argMax', 'argMin'] as const) {
  reductions.add(
    ofOne(`${name}, the first of equal ones`, shapes(1), (shape) => axisOf(shape.length).map((axis) => (ops, x) => ops[name](x, axis)), {
      draw: ties,
      gradients: [],
    }),
  );
} // prettier-ignore
for (const name of ['all', 'any'] as const) {
  reductions.add(
    ofOne(name, shapes(), (shape) => fc.tuple(axesOf(shape.length), fc.boolean()).map(([axes, keep]) => (ops, x) => ops[name](x, axes, keep)), {
      draw: booleans,
      gradients: [],
    }),
  );
} // prettier-ignore
for (const name of ['sum', 'prod', 'max', 'min'] as const) {
  reductions.add(
    ofOne(`${name} of integers`, shapes(0, 3, 3), (shape) => axesOf(shape.length).map((axes) => (ops, x) => ops[name](x, axes.length === 0 ? undefined : axes)), {
      draw: (shape) => integers(shape, -3, 3),
      gradients: [],
      runs: 5,
    }),
  );
} // prettier-ignore

reductions.group('along the last axis');
reductions.add(
  ofOne('softmax', shapes(1), () => fc.constant((ops, x) => ops.softmax(x)), {
    tolerance: 'softmax',
    gradientTolerance: 'softmax',
    items: tame(-30, 30),
  }),
);
reductions.add(
  ofOne('logSoftmax', shapes(1), () => fc.constant((ops, x) => ops.logSoftmax(x)), {
    tolerance: 'softmax',
    gradientTolerance: 'softmax',
    items: tame(-30, 30),
  }),
);
reductions.add(
  ofOne('topk, the first of equal ones first', shapes(1, 3, 6), (shape) => fc.integer({ min: 1, max: shape.at(-1) ?? 1 }).map((k) => (ops, x) => Object.values(ops.topk(x, k))), { draw: ties }),
); // prettier-ignore
reductions.add(
  ofOne('sorting, by topk of all', shapes(1, 3, 7), (shape) => fc.boolean().map((rising) => (ops, x) => rising ? ops.neg(ops.topk(ops.neg(x), shape.at(-1)).values) : ops.topk(x, shape.at(-1)).values)),
); // prettier-ignore

reductions.group('scans');
for (const name of ['cumsum', 'cumprod'] as const) {
  reductions.add(
    ofOne(name, shapes(1, 4, 5), (shape) => fc.tuple(axisOf(shape.length), fc.boolean(), fc.boolean()).map(([axis, exclusive, reverse]) => (ops, x) => ops[name](x, axis, exclusive, reverse)), {
      tolerance: 'summed',
      items: fc.oneof(tame(), fc.constant(0)),
      runs: 12,
    }),
  );
} // prettier-ignore

reductions.group('counting');
reductions.add(
  ofOne('bincount', fc.integer({ min: 1, max: 9 }).map((count) => [count]), () => fc.integer({ min: 1, max: 6 }).map((size) => (ops, x) => ops.bincount(x as never, ops.tensor1d([]), size)), {
    draw: (shape) => integers(shape, 0, 7),
    gradients: [],
  }),
); // prettier-ignore
reductions.add(
  ofOne('denseBincount of rows, counting or marking', fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 })), () => fc.tuple(fc.integer({ min: 1, max: 6 }), fc.boolean()).map(([size, marks]) => (ops, x) => ops.denseBincount(x as never, ops.tensor2d([], [0, 0]) as never, size, marks)), {
    draw: (shape) => integers(shape, 0, 7),
    gradients: [],
  }),
); // prettier-ignore
for (const side of ['left', 'right'] as const) {
  reductions.add(
    ofOne(`searchSorted, ${side}`, fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 })), (shape) => fc.constant((ops, x) => ops.searchSorted(ops.tensor([-2, -1, -1, 0, 1, 1].concat(Array.from({ length: 6 * ((shape[0] ?? 1) - 1) }, (_, at) => at % 6)), [shape[0] ?? 1, 6]), x, side)), {
      draw: (shape) => ties(shape, -3, 6),
      gradients: [],
    }),
  );
} // prettier-ignore
