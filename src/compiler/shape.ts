export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The size of one axis; an axis that does not exist is a defect of the caller. */
export function axisSize(shape: Shape, axis: number): number {
  const size = shape[axis < 0 ? axis + shape.length : axis];
  if (size === undefined) throw new RangeError(`shape [${shape.join(', ')}] has no axis ${axis}`);
  return size;
}

/** Axes as non-negative numbers, ascending; null or undefined means all. */
export function normalizeAxes(axes: number | readonly number[] | null | undefined, rank: number): number[] {
  const list =
    axes === null || axes === undefined ? Array.from({ length: rank }, (_, axis) => axis) : [axes].flat();
  return [...new Set(list.map((axis) => (axis < 0 ? axis + rank : axis)))].sort((a, b) => a - b);
}

/** The shape that results where `axes` are summed away (or kept as ones). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** The common shape of operands that broadcast together. */
export function broadcastShape(shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own !== 1 && size !== 1 && own !== size) {
        throw new RangeError(
          `shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} do not broadcast together`,
        );
      }
      if (own !== 1) size = own;
    }
    return size;
  });
}

export function replaceAxis(shape: Shape, axis: number, size: number): number[] {
  return shape.map((own, at) => (at === axis ? size : own));
}
