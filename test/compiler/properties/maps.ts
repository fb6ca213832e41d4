import type { Rank, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats, get, ofOne, Properties, tame, ties, type KernelCase } from '../property.ts';
import type { tf } from '../support.ts';

/** Pooling, resizing, warping and normalisation of maps. */
export const maps = new Properties();

const extent = fc.integer({ min: 4, max: 8 });
const channels = fc.integer({ min: 1, max: 3 });
const window = fc
  .tuple(extent, extent, channels, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  .map(([h, w, c, down, across, stride]) => ({ shape: [2, h, w, c], size: [down, across] as [number, number], stride })); // prettier-ignore
type Pads = Parameters<typeof tf.maxPool>[3];
interface Padding {
  readonly pad: Pads;
  readonly rounding?: 'floor' | 'round' | 'ceil';
}
/** Paddings below the window, so that each window sees a pixel. */
const paddingOf = ([down, across]: readonly [number, number]): fc.Arbitrary<Padding> => {
  return fc.oneof(
    fc.constantFrom<Padding>({ pad: 'same' }, { pad: 'valid' }),
    ...(down === across ? [fc.nat(down - 1).map((pad): Padding => ({ pad, rounding: 'floor' }))] : []),
    fc
      .tuple(fc.nat(down - 1), fc.nat(down - 1), fc.nat(across - 1), fc.nat(across - 1))
      .map(([a, b, c, d]): Padding => ({ pad: [[0, 0], [a, b], [c, d], [0, 0]] })),
  ); // prettier-ignore
};

type Pool = 'maxPool' | 'avgPool';
const pooled = (name: Pool): fc.Arbitrary<KernelCase> =>
  window.chain(({ shape, size, stride }) =>
    fc.tuple(ties(shape), paddingOf(size)).map(([x, { pad, rounding }]): KernelCase => ({
      given: { x },
      call: (ops, inputs) => ops[name](get(inputs, 'x') as Tensor4D, size, stride, pad, rounding),
    })),
  );

maps.group('pooling');
maps.add({
  name: 'maxPool with ties and every padding, with its gradient',
  cases: pooled('maxPool'),
  tolerance: 'exact',
  gradientTolerance: 'summed',
  gradients: ['x'],
  runs: 20,
});
maps.add({
  name: 'avgPool with every padding, with its gradient',
  cases: pooled('avgPool'),
  tolerance: 'summed',
  gradients: ['x'],
  runs: 20,
});
for (const name of ['maxPool', 'avgPool'] as const) {
  maps.add({
    name: `${name} whose last window reaches beyond the padding`,
    cases: fc.tuple(fc.constantFrom(5, 6, 7, 8), channels, fc.constantFrom(0, 1)).chain(([h, c, pad]) =>
      floats([1, h, h, c], tame()).map((x): KernelCase => ({
        given: { x },
        call: (ops, inputs) => ops[name](get(inputs, 'x') as Tensor4D, 3, 2, pad, 'ceil'),
      })),
    ),
    tolerance: 'summed',
    gradients: ['x'],
  });
  maps.add({
    name: `the gradient of ${name}, differentiated once more`,
    cases: fc.constantFrom('same', 'valid').chain((pad) =>
      floats([1, 5, 5, 2], tame()).map((x): KernelCase => ({
        given: { x },
        call: (ops, inputs) =>
          ops.grad((a: Tensor) => ops.sum(ops.square(ops[name](a as Tensor4D, 3, 2, pad))))(get(inputs, 'x')),
      })),
    ),
    tolerance: 'summed',
    gradients: ['x'],
    runs: 5,
  });
}
maps.add({
  name: 'maxPoolWithArgmax, counting within the image and within the batch, with its gradient',
  cases: fc.tuple(window, fc.constantFrom('same', 'valid'), fc.boolean()).chain(([{ shape, size, stride }, pad, batch]) =>
    ties(shape).map((x): KernelCase => ({
      given: { x },
      call: (ops, inputs) => Object.values(ops.maxPoolWithArgmax(get(inputs, 'x') as Tensor4D, size, stride, pad as 'same', batch)),
    })),
  ),
  tolerance: 'exact',
  gradientTolerance: 'summed',
  gradients: ['x'],
}); // prettier-ignore
maps.add({
  name: 'dilated pooling',
  cases: fc.tuple(fc.constantFrom('max', 'avg'), fc.constantFrom('same', 'valid'), floats([1, 8, 8, 2], tame())).map(([kind, pad, x]): KernelCase => ({
    given: { x },
    call: (ops, inputs) => ops.pool(get(inputs, 'x') as Tensor4D, [2, 2], kind, pad, [2, 2]),
  })),
  tolerance: 'summed',
  gradients: ['x'],
}); // prettier-ignore
maps.add({
  name: 'global and adaptive pooling by means and matrix products',
  cases: floats([2, 6, 5, 3], tame()).map((x): KernelCase => ({
    given: { x },
    call: (ops, inputs) => {
      const image = get(inputs, 'x') as Tensor4D;
      const pool = ops.tensor2d([0.5, 0.5, 0, 0, 0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25], [2, 6]);
      const rows = ops.matMul(ops.expandDims(pool, 0), ops.reshape(image, [2, 6, 15]));
      return [ops.mean(image, [1, 2]), ops.max(image, [1, 2]), ops.reshape(rows, [2, 2, 5, 3])];
    },
  })),
  tolerance: 'summed',
  gradients: ['x'],
  runs: 5,
});

maps.group('resizing and warping');
const flags = fc.constantFrom<[boolean, boolean]>([false, false], [true, false], [false, true]);
for (const name of ['resizeBilinear', 'resizeNearestNeighbor'] as const) {
  maps.add({
    name: `${name} on every grid, with its gradient`,
    cases: fc
      .tuple(extent, channels, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), flags)
      .chain(([h, c, oh, ow, [align, half]]) =>
        floats([2, h, 5, c], tame()).map((x): KernelCase => ({
          given: { x },
          call: (ops, inputs) => ops.image[name](get(inputs, 'x') as Tensor4D, [oh, ow], align, half),
        })),
      ),
    tolerance: 'interpolated',
    gradients: ['x'],
    runs: 15,
  });
  maps.add({
    name: `${name}, whose gradient is differentiated once more`,
    cases: floats([1, 3, 4, 2], tame()).map((x): KernelCase => ({
      given: { x },
      call: (ops, inputs) =>
        ops.grad((a: Tensor) => ops.sum(ops.square(ops.image[name](a as Tensor4D, [5, 6], false, true))))(
          get(inputs, 'x'),
        ),
    })),
    tolerance: 'interpolated',
    gradients: ['x'],
    runs: 3,
  });
}
maps.add({
  name: 'projective warps',
  cases: fc
    .tuple(
      floats([1, 5, 6, 2], tame()),
      fc.array(tame(-0.3, 0.3), { minLength: 6, maxLength: 6 }),
      fc.constantFrom('nearest', 'bilinear'),
      fc.constantFrom('constant', 'nearest'),
    )
    .map(([x, [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0], interpolation, fill]): KernelCase => ({
      given: { x, t: { shape: [1, 8], values: Float32Array.of(1 + a, b, 3 * c, d, 1 + e, 3 * f, 0.01, 0.02) } },
      call: (ops, inputs) =>
        ops.image.transform(get(inputs, 'x') as Tensor4D, get(inputs, 't') as never, interpolation, fill, 0.5),
    })),
  tolerance: 'interpolated',
}); // prettier-ignore
maps.add({
  name: 'crops that are resized',
  cases: fc
    .tuple(
      floats([2, 5, 6, 2], tame()),
      fc.array(tame(-0.2, 1.2), { minLength: 12, maxLength: 12 }),
      fc.constantFrom('nearest', 'bilinear'),
      fc.constantFrom<[number, number]>([3, 4], [1, 2], [1, 1]),
    )
    .map(([x, boxes, method, size]): KernelCase => ({
      given: {
        x,
        b: { shape: [3, 4], values: Float32Array.from(boxes) },
        i: { shape: [3], dtype: 'int32', values: Int32Array.of(1, 0, 1) },
      },
      call: (ops, inputs) =>
        ops.image.cropAndResize(get(inputs, 'x') as Tensor4D, get(inputs, 'b') as never, get(inputs, 'i') as never, size, method, 0.25),
    })),
  tolerance: 'interpolated',
}); // prettier-ignore
maps.add({
  name: 'rotations',
  cases: fc
    .tuple(floats([2, 5, 6, 3], tame()), tame(-3, 3), fc.constantFrom<number | [number, number, number]>(0, 0.5, [0.1, 0.2, 0.3]))
    .map(([x, radians, fill]): KernelCase => ({
      given: { x },
      call: (ops, inputs) => ops.image.rotateWithOffset(get(inputs, 'x') as Tensor4D, radians, fill, [0.4, 0.6]),
    })),
  tolerance: 'exact',
}); // prettier-ignore

maps.group('normalisation');
maps.add({
  name: 'batchNorm of maps, rows and series',
  cases: fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom([2, 3, 3], [4], [2, 3]))
    .chain(([c, outer]) =>
      fc
        .tuple(floats([...outer, c], tame()), floats([c], tame()), floats([c], tame(0.1, 3)), floats([c], tame()), floats([c], tame()))
        .map(([x, m, v, o, s]): KernelCase => ({
          given: { x, m, v, o, s },
          call: (ops, inputs) =>
            ops.batchNorm(get(inputs, 'x') as Tensor4D, get(inputs, 'm') as never, get(inputs, 'v') as never, get(inputs, 'o') as never, get(inputs, 's') as never, 1e-3),
        })),
    ),
  tolerance: 'normalised',
  gradients: ['x', 'm', 'v', 'o', 's'],
  runs: 12,
}); // prettier-ignore
maps.add({
  // TensorFlow.js has no gradient without a scale: it saves the scale that is not there.
  name: 'batchNorm without scale and offset',
  cases: fc
    .tuple(floats([2, 3, 3, 2], tame()), floats([2], tame()), floats([2], tame(0.1, 3)))
    .map(([x, m, v]): KernelCase => ({
      given: { x, m, v },
      call: (ops, inputs) =>
        ops.batchNorm(get(inputs, 'x') as Tensor4D, get(inputs, 'm') as never, get(inputs, 'v') as never),
    })),
  tolerance: 'normalised',
});
maps.add({
  name: 'layer, instance and group normalisation by moments',
  cases: floats([2, 4, 4, 4], tame()).map((x): KernelCase => ({
    given: { x },
    call: (ops, inputs) => {
      const image = get(inputs, 'x');
      const by = (of: Tensor, axes: number[]): Tensor => {
        const { mean, variance } = ops.moments(of, axes, true);
        return ops.div(ops.sub(of, mean), ops.sqrt(ops.add(variance, 1e-3)));
      };
      const groups = by(ops.reshape<Rank.R5>(image, [2, 4, 4, 2, 2]), [1, 2, 4]);
      return [by(image, [1, 2, 3]), by(image, [1, 2]), ops.reshape(groups, [2, 4, 4, 4])];
    },
  })),
  tolerance: 'normalised',
  gradientTolerance: 'iterated',
  gradients: ['x'],
  runs: 5,
});
maps.add(
  ofOne('local response normalisation, with its gradient', fc.tuple(extent, fc.integer({ min: 1, max: 6 })).map(([h, c]) => [1, h, 2, c]), () => fc.tuple(fc.integer({ min: 1, max: 3 }), tame(0.5, 2), tame(0.25, 1)).map(([radius, alpha, beta]) => (ops, x) => ops.localResponseNormalization(x as Tensor4D, radius, 1.5, alpha, beta)), {
    items: tame(),
    tolerance: 'power',
    gradientTolerance: 'power',
  }),
); // prettier-ignore
