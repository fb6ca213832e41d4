/** How a resize maps output positions to input positions, as TensorFlow.js's two flags say. */
export interface Grid {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/**
 * One axis of a resize as a matrix `[to, from]`: row r holds the weights with which input positions make output r.
 * A resize of an image is this matrix from the left and another from the right; its gradient is their transposes.
 */
export function bilinearMatrix(from: number, to: number, grid: Grid): Float32Array {
  return matrix(from, to, (row) => {
    const ratio = scale(from, to, grid);
    const exact = grid.halfPixelCenters ? ratio * (row + 0.5) - 0.5 : ratio * row;
    const floor = Math.max(0, Math.floor(exact));
    const ceil = Math.max(0, Math.min(from - 1, Math.ceil(exact)));
    const fraction = exact - floor;
    return ceil === floor ? [[floor, 1]] : [[floor, 1 - fraction], [ceil, fraction]];
  }); // prettier-ignore
}

/** Like `bilinearMatrix`, with one input position an output. */
export function nearestMatrix(from: number, to: number, grid: Grid): Float32Array {
  return matrix(from, to, (row) => {
    const ratio = scale(from, to, grid);
    const exact = grid.halfPixelCenters ? ratio * (row + 0.5) : ratio * row;
    return [[Math.max(0, Math.min(from - 1, grid.alignCorners ? Math.round(exact) : Math.floor(exact))), 1]];
  });
}

function scale(from: number, to: number, { alignCorners }: Grid): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

function matrix(
  from: number,
  to: number,
  weights: (row: number) => readonly (readonly [number, number])[],
): Float32Array {
  const values = new Float32Array(from * to);
  for (let row = 0; row < to; row++) {
    for (const [column, weight] of weights(row))
      values[row * from + column] = (values[row * from + column] ?? 0) + weight;
  }
  return values;
}
