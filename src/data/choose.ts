import { permutation, randomStream } from '../random/random.ts';

/**
 * Picks `count` of the positions so that every class keeps its share, to within one sample; within a class at random.
 * A function of labels, positions, count, seed and name alone. The result is in ascending order.
 * @param labels of all samples
 * @param positions to pick from, indices into `labels`
 */
export function chooseStratified(
  labels: Int32Array,
  positions: Int32Array,
  count: number,
  draw: { readonly seed: number; readonly name: string },
): Int32Array {
  const byClass = new Map<number, number[]>();
  for (const position of positions) {
    const label = labels[position] ?? 0;
    const members = byClass.get(label);
    if (members === undefined) byClass.set(label, [position]);
    else members.push(position);
  }
  const groups = [...byClass].sort(([a], [b]) => a - b);
  const quotas = apportion(
    groups.map(([, members]) => members.length),
    Math.min(count, positions.length),
  );
  const chosen = groups.flatMap(([label, members], group) => {
    const order = permutation(randomStream(draw.seed, `${draw.name}/${label}`), 0, members.length);
    return Array.from(order.subarray(0, quotas[group] ?? 0), (index) => members[index] ?? 0);
  });
  return Int32Array.from(chosen).sort();
}

/** Shares out `total` in proportion to `sizes`, which it does not exceed: rounded down, the largest remainders up. */
export function apportion(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (all === 0 ? 0 : (size * total) / all));
  const quotas = exact.map(Math.floor);
  const missing = total - quotas.reduce((sum, quota) => sum + quota, 0);
  exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
    .slice(0, missing)
    .forEach(({ index }) => (quotas[index] = (quotas[index] ?? 0) + 1));
  return quotas;
}
