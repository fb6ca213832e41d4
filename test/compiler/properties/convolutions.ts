import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats, get, Properties, tame, type KernelCase } from '../property.ts';
import type { tf } from '../support.ts';

/** Convolutions of every kind, with the gradients of image and filter. */
export const convolutions = new Properties();

type Pads = Parameters<typeof tf.conv2d>[3];
type Rounding = 'floor' | 'round' | 'ceil';

const extent = fc.integer({ min: 4, max: 8 });
const channels = fc.integer({ min: 1, max: 3 });
const kernel = fc.integer({ min: 1, max: 4 });
const stride = fc.integer({ min: 1, max: 3 });
const rounding = fc.constantFrom<Rounding>('floor', 'round', 'ceil');
/** Same, valid, and lists that differ by side. */
const padding: fc.Arbitrary<Pads> = fc.oneof(
  fc.constantFrom<Pads>('same', 'valid'),
  fc
    .tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2))
    .map(([a, b, c, d]): Pads => [[0, 0], [a, b], [c, d], [0, 0]]),
); // prettier-ignore

const convolved = { tolerance: 'convolved', gradients: ['x', 'f'] } as const;

/** Cases of an image and a filter. */
function filtered(
  image: readonly number[],
  filter: readonly number[],
  call: (ops: typeof tf, x: Tensor4D, f: Tensor4D) => ReturnType<KernelCase['call']>,
): fc.Arbitrary<KernelCase> {
  return fc.tuple(floats(image, tame()), floats(filter, tame())).map(([x, f]) => ({
    given: { x, f },
    call: (ops, inputs) => call(ops, get(inputs, 'x') as Tensor4D, get(inputs, 'f') as Tensor4D),
  }));
}

convolutions.group('convolutions');
convolutions.add({
  name: 'conv2d with every padding and stride',
  cases: fc
    .tuple(extent, extent, channels, channels, kernel, kernel, stride, stride, padding)
    .chain(([h, w, c, k, kh, kw, down, across, pad]) =>
      filtered([2, h, w, c], [kh, kw, c, k], (ops, x, f) => ops.conv2d(x, f, [down, across], pad)),
    ),
  ...convolved,
  runs: 30,
});
for (const name of ['conv2d', 'depthwiseConv2d'] as const) {
  convolutions.add({
    name: `${name} padded by a number, with every rounding`,
    cases: fc
      .tuple(extent, channels, kernel, stride, fc.nat(2), rounding)
      .chain(([h, c, size, s, pad, mode]) =>
        filtered([2, h, h + 1, c], [size, size, c, 2], (ops, x, f) =>
          ops[name](x, f, s, pad, 'NHWC', 1, mode),
        ),
      ),
    ...convolved,
    runs: 20,
  });
}
convolutions.add({
  name: 'conv2d of maps with channels first',
  cases: fc.tuple(extent, channels, channels, stride, fc.constantFrom('same', 'valid')).chain(([h, c, k, s, pad]) =>
    fc.tuple(floats([2, c, h, h + 1], tame()), floats([3, 2, c, k], tame())).map(([x, f]): KernelCase => ({
      given: { x, f },
      call: (ops, inputs) => ops.conv2d(get(inputs, 'x') as Tensor4D, get(inputs, 'f') as Tensor4D, s, pad, 'NCHW'),
    })),
  ),
  tolerance: 'convolved',
}); // prettier-ignore
convolutions.add({
  name: 'dilated conv2d',
  cases: fc
    .tuple(channels, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.constantFrom('same', 'valid'))
    .chain(([c, down, across, pad]) =>
      filtered([2, 8, 9, c], [3, 2, c, 2], (ops, x, f) => ops.conv2d(x, f, 1, pad, 'NHWC', [down, across])),
    ),
  ...convolved,
  runs: 10,
}); // prettier-ignore
convolutions.add({
  name: 'transposed conv2d, also 4x4 at stride 2',
  cases: fc
    .tuple(
      fc.integer({ min: 2, max: 5 }),
      channels,
      channels,
      fc.constantFrom<[number, number]>([4, 2], [3, 2], [2, 2], [3, 1], [3, 3], [1, 2]),
      fc.constantFrom('same', 'valid'),
    )
    .chain(([h, c, k, [size, s], pad]) => {
      const out = (from: number): number => (pad === 'same' ? from * s : (from - 1) * s + size);
      return filtered([2, h, h + 1, c], [size, size, k, c], (ops, x, f) =>
        ops.conv2dTranspose(x, f, [2, out(h), out(h + 1), k], s, pad),
      );
    }),
  ...convolved,
  runs: 15,
});
convolutions.add({
  name: 'conv1d with every padding, stride and dilation',
  cases: fc
    .tuple(channels, channels, kernel, fc.constantFrom<[number, number]>([1, 1], [2, 1], [1, 2]), fc.constantFrom('same', 'valid'))
    .chain(([c, k, size, [s, dilation], pad]) =>
      fc.tuple(floats([2, 9, c], tame()), floats([size, c, k], tame())).map(([x, f]): KernelCase => ({
        given: { x, f },
        call: (ops, inputs) =>
          ops.conv1d(get(inputs, 'x') as Tensor3D, get(inputs, 'f') as Tensor3D, s, pad, 'NWC', dilation),
      })),
    ),
  ...convolved,
}); // prettier-ignore
convolutions.add({
  name: 'grouped convolution by split and concat',
  cases: filtered([2, 5, 5, 4], [3, 3, 2, 6], (ops, x, f) => {
    const [left, right] = ops.split(x, 2, 3) as [Tensor4D, Tensor4D];
    const [first, second] = ops.split(f, 2, 3) as [Tensor4D, Tensor4D];
    return ops.concat([ops.conv2d(left, first, 1, 'same'), ops.conv2d(right, second, 1, 'same')], 3);
  }),
  ...convolved,
  runs: 5,
});

convolutions.group('convolutions of each channel by itself');
convolutions.add({
  name: 'depthwiseConv2d with multipliers and every padding',
  cases: fc
    .tuple(extent, channels, fc.constantFrom(1, 2), kernel, stride, padding)
    .chain(([h, c, m, size, s, pad]) =>
      filtered([2, h, h + 1, c], [size, size, c, m], (ops, x, f) => ops.depthwiseConv2d(x, f, s, pad)),
    ),
  ...convolved,
  runs: 20,
});
convolutions.add({
  name: 'dilated depthwiseConv2d',
  cases: fc
    .tuple(channels, fc.constantFrom(1, 2), fc.constantFrom(2, 3), fc.constantFrom('same', 'valid'))
    .chain(([c, m, dilation, pad]) =>
      filtered([2, 8, 9, c], [3, 2, c, m], (ops, x, f) =>
        ops.depthwiseConv2d(x, f, 1, pad, 'NHWC', dilation),
      ),
    ),
  ...convolved,
});
convolutions.add({
  name: 'separableConv2d',
  cases: fc.tuple(channels, fc.constantFrom(1, 2), channels, fc.constantFrom('same', 'valid')).chain(([c, m, k, pad]) =>
    fc
      .tuple(floats([2, 6, 5, c], tame()), floats([3, 3, c, m], tame()), floats([1, 1, c * m, k], tame()))
      .map(([x, f, p]): KernelCase => ({
        given: { x, f, p },
        call: (ops, inputs) =>
          ops.separableConv2d(get(inputs, 'x') as Tensor4D, get(inputs, 'f') as Tensor4D, get(inputs, 'p') as Tensor4D, 1, pad),
      })),
  ),
  tolerance: 'convolved',
  gradients: ['x', 'f', 'p'],
}); // prettier-ignore

convolutions.group('fused for inference');
for (const name of ['conv2d', 'depthwiseConv2d'] as const) {
  convolutions.add({
    name: `fused ${name}`,
    cases: fc
      .tuple(
        floats([1, 5, 5, 2], tame()),
        floats(name === 'conv2d' ? [3, 3, 2, 4] : [3, 3, 2, 2], tame()),
        floats([4], tame()),
        fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid'),
      )
      .map(([x, f, b, activation]): KernelCase => ({
        given: { x, f, b },
        call: (ops, inputs) =>
          ops.fused[name]({
            x: get(inputs, 'x') as Tensor4D,
            filter: get(inputs, 'f') as Tensor4D,
            strides: 1,
            pad: 'same',
            bias: get(inputs, 'b'),
            activation: activation,
          }),
      })),
    tolerance: 'convolved',
    runs: 5,
  });
}

convolutions.group('gradients that are differentiated once more');
for (const name of ['conv2d', 'depthwiseConv2d'] as const) {
  convolutions.add({
    name: `the squared gradients of ${name}`,
    cases: fc.tuple(fc.constantFrom(1, 2), fc.constantFrom('same', 'valid')).chain(([s, pad]) =>
      filtered([1, 5, 4, 2], [2, 3, 2, 2], (ops, x, f) => {
        const loss = (a: Tensor4D, b: Tensor4D) => ops.sum(ops.square(ops[name](a, b, s, pad)));
        return ops.grads((a, b) => loss(a as Tensor4D, b as Tensor4D))([x, f]);
      }),
    ),
    tolerance: 'normalised',
    gradients: ['x', 'f'],
    runs: 5,
  });
}
