/** Axis order that brings a PyTorch layout to TensorFlow.js' (`NHWC`, `HWIO`, `[height, width, out, in]`, `[in, out]`). */
const TO_CHANNELS_LAST: Readonly<Record<string, readonly number[]>> = {
  NCHW: [0, 2, 3, 1],
  OIHW: [2, 3, 1, 0],
  IOHW: [2, 3, 1, 0],
  OI: [1, 0],
};

export interface Laid {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** From a fixture's layout to ours; layouts without channels stay as they are. */
export function toChannelsLast(layout: string, tensor: Laid): Laid {
  const order = TO_CHANNELS_LAST[layout];
  return order === undefined ? tensor : transpose(tensor, order);
}

/** From ours back to the fixture's. */
export function fromChannelsLast(layout: string, tensor: Laid): Laid {
  const order = TO_CHANNELS_LAST[layout];
  return order === undefined
    ? tensor
    : transpose(
        tensor,
        order.map((_, axis) => order.indexOf(axis)),
      );
}

/** Row-major transposition: axis `i` of the result is axis `order[i]` of the tensor. */
function transpose({ shape, data }: Laid, order: readonly number[]): Laid {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const newShape = order.map((axis) => shape[axis] ?? 0);
  const newStrides = order.map((axis) => strides[axis] ?? 0);
  const result = new Float32Array(data.length);
  const position = newShape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from] ?? NaN;
    for (let axis = newShape.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      const size = newShape[axis] ?? 0;
      const stride = newStrides[axis] ?? 0;
      from += stride;
      if (next < size) {
        position[axis] = next;
        break;
      }
      position[axis] = 0;
      from -= stride * size;
    }
  }
  return { shape: newShape, data: result };
}
