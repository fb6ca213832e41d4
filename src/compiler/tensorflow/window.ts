import { axisSize, type Shape } from '../shape.ts';
import type { Window } from '../kernels/spatial.ts';
import { ints, text, type TensorFlowAttribute } from './model.ts';

type Attributes = Readonly<Record<string, TensorFlowAttribute>>;

/** Pixels from the first to the last that a window touches, dilation included. */
function reach(window: Window, axis: 0 | 1): number {
  return (window.kernel[axis] - 1) * window.dilations[axis] + 1;
}

/**
 * Padding before and after an axis such that exactly the step's number of windows fits; what no window reads is left out.
 */
export function fittedPads(window: Window, axis: 0 | 1): readonly [number, number] {
  const before = axisSize(window.pads, axis);
  const needed = (window.output[axis] - 1) * window.strides[axis] + reach(window, axis);
  return [before, Math.max(0, needed - window.input[axis] - before)];
}

/** The paddings of a map, an axis each. */
export function mapPads(window: Window): readonly (readonly [number, number])[] {
  return [[0, 0], fittedPads(window, 0), fittedPads(window, 1), [0, 0]];
}

export function paddedShape(shape: Shape, paddings: readonly (readonly [number, number])[]): number[] {
  return shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
}

/** What TensorFlow pads by itself under the name SAME. */
function isSame(window: Window): boolean {
  return ([0, 1] as const).every((axis) => {
    const output = Math.ceil(window.input[axis] / window.strides[axis]);
    const total = Math.max(0, (output - 1) * window.strides[axis] + reach(window, axis) - window.input[axis]);
    const [before, after] = fittedPads(window, axis);
    return output === window.output[axis] && before === Math.floor(total / 2) && after === total - before;
  });
}

/** The name of a padding where TensorFlow has one. Its faster kernels on a CPU know only those. */
export function paddingName(window: Window): 'SAME' | 'VALID' | null {
  if (
    mapPads(window)
      .flat()
      .every((size) => size === 0)
  )
    return 'VALID';
  return isSame(window) ? 'SAME' : null;
}

/** `strides`, `dilations` and `padding` as TensorFlow's convolutions name them, for maps with channels last. */
export function windowAttributes(window: Window): Attributes {
  const name = paddingName(window);
  if (name !== null) return namedPadding(window, name);
  const explicit = { padding: text('EXPLICIT'), explicit_paddings: ints(mapPads(window).flat()) };
  return { ...namedPadding(window, 'VALID'), ...explicit };
}

export function namedPadding(window: Window, name: 'SAME' | 'VALID'): Attributes {
  return {
    strides: ints([1, ...window.strides, 1]),
    dilations: ints([1, ...window.dilations, 1]),
    padding: text(name),
  };
}

export function isDilated({ dilations }: Window): boolean {
  return dilations.some((dilation) => dilation > 1);
}
