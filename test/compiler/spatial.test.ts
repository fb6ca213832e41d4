import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import { EXACT, floats, get, integers, kernelProperty, SUMMED, tame, type KernelCase } from './property.ts';
import type { tf } from './support.ts';
import { useCpu, type Tolerance } from './support.ts';

beforeAll(useCpu);

const CONVOLVED: Tolerance = { relative: 4e-6, ofLargest: 4e-6 };
type Pads = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];

const extent = fc.integer({ min: 4, max: 8 });
const channels = fc.integer({ min: 1, max: 3 });
const kernel = fc.integer({ min: 1, max: 4 });
const stride = fc.integer({ min: 1, max: 3 });
const padding: fc.Arbitrary<Pads> = fc.oneof(
  fc.constantFrom<Pads>('same', 'valid'),
  fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)).map(([a, b, c, d]): Pads => [[0, 0], [a, b], [c, d], [0, 0]]), // prettier-ignore
);

describe('convolutions', () => {
  kernelProperty('conv2d with every padding and stride, with both gradients', {
    cases: fc
      .tuple(extent, extent, channels, channels, kernel, kernel, stride, padding)
      .chain(([h, w, c, k, kh, kw, s, pad]) =>
        fc.tuple(floats([2, h, w, c], tame()), floats([kh, kw, c, k], tame())).map(([x, f]): KernelCase => ({
          given: { x, f },
          call: (ops, inputs) =>
            ops.conv2d(get(inputs, 'x') as Tensor4D, get(inputs, 'f') as Tensor4D, s, pad),
        })),
      ),
    tolerance: CONVOLVED,
    gradients: ['x', 'f'],
    runs: 20,
  });
  kernelProperty('dilated conv2d', {
    cases: fc
      .tuple(channels, fc.integer({ min: 1, max: 3 }), fc.constantFrom('same', 'valid'))
      .chain(([c, dilation, pad]) =>
        fc.tuple(floats([2, 8, 9, c], tame()), floats([3, 3, c, 2], tame())).map(([x, f]): KernelCase => ({
          given: { x, f },
          call: (ops, inputs) =>
            ops.conv2d(get(inputs, 'x') as Tensor4D, get(inputs, 'f') as Tensor4D, 1, pad, 'NHWC', dilation),
        })),
      ),
    tolerance: CONVOLVED,
    runs: 8,
  });
  kernelProperty('transposed conv2d, also 4x4 at stride 2', {
    cases: fc
      .tuple(
        fc.integer({ min: 2, max: 5 }),
        channels,
        channels,
        fc.constantFrom<[number, number]>([4, 2], [3, 2], [2, 2], [3, 1], [3, 3]),
        fc.constantFrom('same', 'valid'),
      )
      .chain(([h, c, k, [size, s], pad]) =>
        fc
          .tuple(floats([2, h, h + 1, c], tame()), floats([size, size, k, c], tame()))
          .map(([x, f]): KernelCase => {
            const out = (from: number): number => (pad === 'same' ? from * s : (from - 1) * s + size);
            return {
              given: { x, f },
              call: (ops, inputs) =>
                ops.conv2dTranspose(
                  get(inputs, 'x') as Tensor4D,
                  get(inputs, 'f') as Tensor4D,
                  [2, out(h), out(h + 1), k],
                  s,
                  pad,
                ),
            };
          }),
      ),
    tolerance: CONVOLVED,
    gradients: ['x', 'f'],
    runs: 15,
  });
  kernelProperty('conv1d', {
    cases: fc.tuple(channels, channels, kernel, fc.constantFrom(1, 2)).chain(([c, k, size, s]) =>
      fc.tuple(floats([2, 7, c], tame()), floats([size, c, k], tame())).map(([x, f]): KernelCase => ({
        given: { x, f },
        call: (ops, inputs) => ops.conv1d(get(inputs, 'x') as never, get(inputs, 'f') as never, s, 'same'),
      })),
    ),
    tolerance: CONVOLVED,
    gradients: ['x', 'f'],
    runs: 8,
  });
  kernelProperty('depthwise conv2d with multipliers', {
    cases: fc
      .tuple(
        extent,
        channels,
        fc.constantFrom(1, 2),
        kernel,
        fc.constantFrom(1, 2),
        fc.constantFrom('same', 'valid'),
      )
      .chain(([h, c, m, size, s, pad]) =>
        fc
          .tuple(floats([2, h, h, c], tame()), floats([size, size, c, m], tame()))
          .map(([x, f]): KernelCase => ({
            given: { x, f },
            call: (ops, inputs) =>
              ops.depthwiseConv2d(get(inputs, 'x') as Tensor4D, get(inputs, 'f') as Tensor4D, s, pad),
          })),
      ),
    tolerance: CONVOLVED,
    gradients: ['x', 'f'],
    runs: 15,
  });
  kernelProperty('grouped convolution by split and concat', {
    cases: fc.tuple(floats([2, 5, 5, 4], tame()), floats([3, 3, 2, 6], tame())).map(([x, f]): KernelCase => ({
      given: { x, f },
      call: (ops, inputs) => {
        const [left, right] = ops.split(get(inputs, 'x'), 2, 3) as [Tensor4D, Tensor4D];
        const [first, second] = ops.split(get(inputs, 'f'), 2, 3) as [Tensor4D, Tensor4D];
        return ops.concat([ops.conv2d(left, first, 1, 'same'), ops.conv2d(right, second, 1, 'same')], 3);
      },
    })),
    tolerance: CONVOLVED,
    gradients: ['x', 'f'],
    runs: 5,
  });
  kernelProperty('fused conv2d', {
    cases: fc
      .tuple(floats([1, 5, 5, 2], tame()), floats([3, 3, 2, 3], tame()), floats([3], tame()))
      .map(([x, f, b]): KernelCase => ({
        given: { x, f, b },
        call: (ops, inputs) =>
          ops.fused.conv2d({
            x: get(inputs, 'x') as Tensor4D,
            filter: get(inputs, 'f') as Tensor4D,
            strides: 1,
            pad: 'same',
            bias: get(inputs, 'b'),
            activation: 'relu',
          }),
      })),
    tolerance: CONVOLVED,
    runs: 5,
  });
});

describe('pooling', () => {
  const window = fc.tuple(
    extent,
    extent,
    channels,
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
  );
  kernelProperty('maxPool with ties, with its gradient', {
    cases: fc.tuple(window, fc.constantFrom('same', 'valid')).chain(([[h, w, c, size, s], pad]) =>
      fc.tuple(integers([2, h, w, c], -2, 2)).map(([whole]): KernelCase => ({
        given: { x: { shape: whole.shape, values: Float32Array.from(whole.values) } },
        call: (ops, inputs) => ops.maxPool(get(inputs, 'x') as Tensor4D, size, s, pad),
      })),
    ),
    tolerance: EXACT,
    gradientTolerance: SUMMED,
    gradients: ['x'],
    runs: 20,
  });
  kernelProperty('avgPool without padding, with its gradient', {
    cases: window.chain(([h, w, c, size, s]) =>
      floats([2, h, w, c], tame()).map((x): KernelCase => ({
        given: { x },
        call: (ops, inputs) => ops.avgPool(get(inputs, 'x') as Tensor4D, size, s, 'valid'),
      })),
    ),
    tolerance: SUMMED,
    gradients: ['x'],
    runs: 20,
  });
  kernelProperty('avgPool with padding', {
    cases: window.chain(([h, w, c, size, s]) =>
      floats([2, h, w, c], tame()).map((x): KernelCase => ({
        given: { x },
        call: (ops, inputs) => ops.avgPool(get(inputs, 'x') as Tensor4D, size, s, 'same'),
      })),
    ),
    tolerance: SUMMED,
  });
  kernelProperty('the gradient of avgPool with padding is that of its sum of shares', {
    cases: fc.integer({ min: 4, max: 7 }).chain((h) =>
      floats([1, h, h, 2], tame()).map((x): KernelCase => ({
        given: { x },
        call: (ops, inputs) => {
          const image = get(inputs, 'x') as Tensor4D;
          // Sums by a depthwise convolution, divided by how many pixels each window holds.
          const ones = ops.ones<Rank.R4>([3, 3, 2, 1]);
          const counts = ops.depthwiseConv2d(ops.ones<Rank.R4>([1, h, h, 2]), ones, 2, 'same');
          const shares = ops.div(ops.depthwiseConv2d(image, ones, 2, 'same'), counts);
          return ops.sub(ops.avgPool(image, 3, 2, 'same'), shares);
        },
      })),
    ),
    tolerance: { relative: 0, absolute: 2e-6 },
  });
  kernelProperty('global and adaptive pooling by means and matrix products', {
    cases: floats([2, 6, 5, 3], tame()).map((x): KernelCase => ({
      given: { x },
      call: (ops, inputs) => {
        const image = get(inputs, 'x') as Tensor4D;
        const pool = ops.tensor2d([0.5, 0.5, 0, 0, 0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25], [2, 6]);
        const rows = ops.matMul(ops.expandDims(pool, 0), ops.reshape(image, [2, 6, 15]));
        return [ops.mean(image, [1, 2]), ops.reshape(rows, [2, 2, 5, 3])];
      },
    })),
    tolerance: SUMMED,
    gradients: ['x'],
    runs: 5,
  });
});

describe('resizing', () => {
  const flags = fc.constantFrom<[boolean, boolean]>([false, false], [true, false], [false, true]);
  for (const name of ['resizeBilinear', 'resizeNearestNeighbor'] as const) {
    kernelProperty(`${name} on every grid`, {
      cases: fc
        .tuple(extent, channels, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), flags)
        .chain(([h, c, oh, ow, [align, half]]) =>
          floats([2, h, 5, c], tame()).map((x): KernelCase => ({
            given: { x },
            call: (ops, inputs) => ops.image[name](get(inputs, 'x') as Tensor4D, [oh, ow], align, half),
          })),
        ),
      tolerance: { relative: 4e-6, ofLargest: 1e-6, absolute: 1e-6 },
      runs: 15,
    });
    kernelProperty(`gradient of ${name} on the grids that TensorFlow.js differentiates`, {
      cases: fc
        .tuple(extent, channels, fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 }), fc.boolean())
        .chain(([h, c, oh, ow, align]) =>
          floats([1, h, h, c], tame()).map((x): KernelCase => ({
            given: { x },
            call: (ops, inputs) => ops.image[name](get(inputs, 'x') as Tensor4D, [oh, ow], align),
          })),
        ),
      tolerance: { relative: 4e-6, ofLargest: 2e-6, absolute: 1e-6 },
      gradients: ['x'],
      runs: 8,
    });
  }
});

describe('normalisation', () => {
  kernelProperty('batchNorm', {
    cases: fc.integer({ min: 1, max: 4 }).chain((c) =>
      fc
        .tuple(
          floats([2, 3, 3, c], tame()),
          floats([c], tame()),
          floats([c], tame(0.1, 3)),
          floats([c], tame()),
          floats([c], tame()),
        )
        .map(([x, m, v, o, s]): KernelCase => ({
          given: { x, m, v, o, s },
          call: (ops, inputs) =>
            ops.batchNorm(
              get(inputs, 'x') as Tensor4D,
              get(inputs, 'm') as never,
              get(inputs, 'v') as never,
              get(inputs, 'o') as never,
              get(inputs, 's') as never,
              1e-3,
            ),
        })),
    ),
    tolerance: { relative: 4e-6, ofLargest: 4e-6 },
    gradientTolerance: { relative: 1e-5, ofLargest: 1e-5 },
    gradients: ['x', 'o', 's'],
    runs: 8,
  });
  kernelProperty('layer and instance normalisation by moments', {
    cases: floats([2, 4, 4, 3], tame()).map((x): KernelCase => ({
      given: { x },
      call: (ops, inputs) => {
        const image = get(inputs, 'x');
        const by = (axes: number[]): ReturnType<typeof tf.add> => {
          const { mean, variance } = ops.moments(image, axes, true);
          return ops.div(ops.sub(image, mean), ops.sqrt(ops.add(variance, 1e-3)));
        };
        return [by([1, 2, 3]), by([1, 2])];
      },
    })),
    tolerance: { relative: 1e-5, ofLargest: 4e-6 },
    gradientTolerance: { relative: 1e-4, ofLargest: 1e-5 },
    gradients: ['x'],
    runs: 5,
  });
});
