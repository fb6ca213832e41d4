import type { Window } from '../kernels/spatial.ts';
import { axisSize } from '../shape.ts';
import type { OnnxBuilder } from './builder.ts';

export function poolAttributes(window: Window): Record<string, readonly number[]> {
  return { kernel_shape: window.kernel, strides: window.strides, pads: window.pads };
}

/** How far all windows together reach, rows and columns. */
export function windowsReach({ output, strides, kernel, dilations }: Window): readonly [number, number] {
  const along = (axis: number): number =>
    (axisSize(output, axis) - 1) * axisSize(strides, axis) +
    (axisSize(kernel, axis) - 1) * axisSize(dilations, axis) +
    1;
  return [along(0), along(1)];
}

/** Removes the padding of a transposed convolution's full result and adds the rest that no window reached. */
export function unpadded(onnx: OnnxBuilder, full: string, window: Window): string {
  const reach = windowsReach(window);
  const before = [0, 1].map((axis) => -axisSize(window.pads, axis));
  const after = [0, 1].map(
    (axis) => axisSize(window.input, axis) - axisSize(reach, axis) - (before[axis] ?? 0),
  );
  const pads = [0, 0, ...before, 0, 0, ...after];
  return onnx.op('Pad', [full, onnx.integers(pads), onnx.scalar(0)]);
}
