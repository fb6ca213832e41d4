/** One chosen cell: teacher layer (row) and student layer (column). */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Worth of each cell; −Infinity: it may not be chosen. */
export type Worth = readonly (readonly number[])[];

/**
 * The `count` cells of greatest total worth, no two in one column, that do not cross: of two chosen cells the one in the later
 * column stands in a later row, or with `shared` in the same one. Fewer where so many cannot be had. By dynamic programming over
 * the columns in O(count · rows · columns):
 *
 *     best(k, r, c) = the most worth of k cells within rows ≤ r and columns ≤ c
 *                   = max( best(k, r − 1, c), best(k, r, c − 1), worth(r, c) + best(k − 1, r − 1 or r, c − 1) )
 */
export function orderedAssignment(worth: Worth, count: number, shared = false): readonly Cell[] {
  const rows = worth.length;
  const columns = worth[0]?.length ?? 0;
  const most = Math.min(count, columns, shared ? columns : rows);
  // Index 0 of rows and columns stands for "none yet".
  const layer = () => Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1).fill(-Infinity));
  const best = Array.from({ length: most + 1 }, layer);
  best[0]?.forEach((row) => row.fill(0));
  const at = (k: number, r: number, c: number) => best[k]?.[r]?.[c] ?? -Infinity;
  const withCell = (k: number, r: number, c: number) =>
    (worth[r - 1]?.[c - 1] ?? -Infinity) + at(k - 1, shared ? r : r - 1, c - 1);
  for (let k = 1; k <= most; k++) {
    for (let r = 1; r <= rows; r++) {
      const row = best[k]?.[r];
      for (let c = 1; row !== undefined && c <= columns; c++)
        row[c] = Math.max(at(k, r - 1, c), at(k, r, c - 1), withCell(k, r, c));
    }
  }
  const cells: Cell[] = [];
  let [k, r, c] = [most, rows, columns];
  while (k > 0 && at(k, rows, columns) === -Infinity) k--;
  while (k > 0) {
    if (at(k, r - 1, c) === at(k, r, c)) r--;
    else if (at(k, r, c - 1) === at(k, r, c)) c--;
    else {
      cells.push({ row: r - 1, column: c - 1 });
      k--;
      c--;
      if (!shared) r--;
    }
  }
  return cells.reverse();
}

/**
 * The `count` cells of greatest total worth, no two in one row or column, in any order; fewer where so many cannot be had. With
 * rows − count columns and columns − count rows of no worth added, which may not meet one another, it is an assignment of all
 * rows to all columns, solved by the Hungarian method (Kuhn 1955, with the potentials of Jonker and Volgenant 1987) in O(n³).
 */
export function freeAssignment(worth: Worth, count: number): readonly Cell[] {
  const rows = worth.length;
  const columns = worth[0]?.length ?? 0;
  for (let wanted = Math.min(count, rows, columns); wanted > 0; wanted--) {
    const size = rows + columns - wanted;
    const cost = (row: number, column: number) => {
      const isRow = row < rows;
      if (isRow !== column < columns) return 0;
      return isRow ? -(worth[row]?.[column] ?? -Infinity) : Infinity;
    };
    const cells = hungarian(size, (row, column) => Math.min(cost(row, column), FORBIDDEN)).filter(
      ({ row, column }) => row < rows && column < columns,
    );
    const isAllowed = cells.every(({ row, column }) => (worth[row]?.[column] ?? -Infinity) > -Infinity);
    if (isAllowed && cells.length === wanted) return cells;
  }
  return [];
}

/** Far above what allowed cells can add up to; similarities are at most 1. */
const FORBIDDEN = 1e6;

/** The cheapest assignment of all rows to all columns of a square table of finite costs. */
function hungarian(size: number, cost: (row: number, column: number) => number): readonly Cell[] {
  // Index 0 is a column that every search starts from.
  const rowOf = new Int32Array(size + 1);
  const u = new Float64Array(size + 1);
  const v = new Float64Array(size + 1);
  const get = (values: Float64Array | Int32Array, index: number) => values[index] ?? 0;
  for (let row = 1; row <= size; row++) {
    rowOf[0] = row;
    let column = 0;
    const slack = new Float64Array(size + 1).fill(Infinity);
    const before = new Int32Array(size + 1);
    const seen = new Uint8Array(size + 1);
    do {
      seen[column] = 1;
      const current = get(rowOf, column);
      let least = Infinity;
      let next = 0;
      for (let other = 1; other <= size; other++) {
        if (seen[other] === 1) continue;
        const reduced = cost(current - 1, other - 1) - get(u, current) - get(v, other);
        if (reduced < get(slack, other)) {
          slack[other] = reduced;
          before[other] = column;
        }
        if (get(slack, other) < least) {
          least = get(slack, other);
          next = other;
        }
      }
      for (let other = 0; other <= size; other++) {
        if (seen[other] === 1) {
          u[get(rowOf, other)] = get(u, get(rowOf, other)) + least;
          v[other] = get(v, other) - least;
        } else slack[other] = get(slack, other) - least;
      }
      column = next;
    } while (get(rowOf, column) !== 0);
    while (column !== 0) {
      const from = get(before, column);
      rowOf[column] = get(rowOf, from);
      column = from;
    }
  }
  return Array.from({ length: size }, (_, column) => ({ row: get(rowOf, column + 1) - 1, column }));
}

/** Two pairs cross where the one that comes first in the teacher comes later in the student. */
export function doCross(one: Cell, other: Cell): boolean {
  return (one.row - other.row) * (one.column - other.column) < 0;
}
