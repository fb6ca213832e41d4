import { axisSize } from '../shape.ts';
import type { Window } from '../kernels/spatial.ts';
import { ints, text, type TensorFlowAttribute } from './model.ts';

type Attributes = Readonly<Record<string, TensorFlowAttribute>>;

/** Pixels from the first to the last that a window touches, dilation included. */
function reach(window: Window, axis: 0 | 1): number {
  return (window.kernel[axis] - 1) * window.dilations[axis] + 1;
}

/** Padding before and after an axis such that exactly the step's number of windows fits. */
export function fittedPads(window: Window, axis: 0 | 1): readonly [number, number] {
  const before = axisSize(window.pads, axis);
  const needed = (window.output[axis] - 1) * window.strides[axis] + reach(window, axis);
  return [before, Math.max(axisSize(window.pads, axis + 2), needed - window.input[axis] - before)];
}

/** `strides`, `dilations` and `padding` as TensorFlow's convolutions name them, for maps with channels last. */
export function windowAttributes(window: Window, pad: unknown): Attributes {
  return {
    strides: ints([1, ...window.strides, 1]),
    dilations: ints([1, ...window.dilations, 1]),
    ...padding(window, pad),
  };
}

function padding(window: Window, pad: unknown): Attributes {
  if (pad === 'same') return { padding: text('SAME') };
  const [rows, columns] = [fittedPads(window, 0), fittedPads(window, 1)];
  if ([...rows, ...columns].every((size) => size === 0)) return { padding: text('VALID') };
  return { padding: text('EXPLICIT'), explicit_paddings: ints([0, 0, ...rows, ...columns, 0, 0]) };
}

export function isDilated({ dilations }: Window): boolean {
  return dilations.some((dilation) => dilation > 1);
}
